# SPDX-License-Identifier: MIT
"""The cases of test/corpus/*.txt: what a server answers, and what must come of it.

A case is a block of lines; blank lines and lines that begin with # stand between blocks.

    case NAME           unique in the corpus
    rule TEXT           the section that decides, and what it says
    method METHOD       of the request; GET
    set OPTION=VALUE    of the request: receive (ms), headers (bytes), continues (1xx responses)
    < TEXT              bytes that the server answers, with the escapes of C
    << TEXT             bytes that it sends later, when the client has had its response
    then close|reset    what the server does behind them; it waits for another request if not said

    interim CODE...     the 1xx responses that are told, in order
    status CODE         of the final response; without it the error comes before
    reason TEXT         only looked at if given, as are fields
    field NAME: VALUE   every field of that name, in order
    absent NAME         no field has that name
    body TEXT           none if not given
    error NAME          with a status: while the body is read, behind the given part of it
    reused yes|no       whether the next request may use the connection; no behind an error
    curl waits          the curl command takes nothing for the end and must be stopped

<, << and body are joined when repeated; <*70 TEXT is TEXT seventy times over.
"""
import codecs
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
ERRORS = {
    "TIMEOUT": 12002,
    "CONNECTION_ERROR": 12030,
    "INVALID_SERVER_RESPONSE": 12152,
    "HEADER_COUNT_EXCEEDED": 12181,
    "HEADER_SIZE_OVERFLOW": 12182,
    "CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW": 12183,
}
_LINE = re.compile(r"(<<|<|\w+)(?:\*(\d+))?(?: (.*))?\Z")


class Case:
    """One block. What is not given has its default here."""

    def __init__(self, name, place):
        self.name = name
        self.place = place  # file:line
        self.rule = None
        self.method = "GET"
        self.options = {}
        self.answer = b""
        self.later = b""
        self.end = "keep"
        self.interim = []
        self.status = None
        self.reason = None
        self.fields = {}  # name in lower case: values
        self.body = b""
        self.error = None
        self.reused = None
        self.is_endless_for_curl = False


class Outcome:
    """What came of a case: expected, or seen. Only what a case names is compared."""

    def __init__(self):
        self.status = None
        self.interim = []
        self.reason = ""
        self.fields = []  # (name, value)
        self.body = b""
        self.error = None
        self.reused = False
        self.problem = None  # what has nothing to do with the response, and is always wrong


def unescape(text):
    return codecs.escape_decode(text.encode("latin-1"))[0]


def unescape_text(text):
    """The same for text; two halves of a character beyond 16 bits become one."""
    text = codecs.decode(text.encode("ascii"), "unicode_escape")
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def _set_field(case, text):
    name, _, value = text.partition(":")
    case.fields.setdefault(name.lower(), []).append(unescape_text(value.strip(" ")))


def _set_error(case, text):
    case.error = ERRORS[text]


def _set_end(case, text):
    assert text in ("close", "reset"), text
    case.end = text


def _set_reused(case, text):
    case.reused = {"yes": True, "no": False}[text]


def _set_curl(case, text):
    assert text == "waits", text
    case.is_endless_for_curl = True


SETTERS = {
    "rule": lambda case, text: setattr(case, "rule", text),
    "method": lambda case, text: setattr(case, "method", text),
    "set": lambda case, text: case.options.update([text.split("=")]),
    "<": lambda case, text: setattr(case, "answer", case.answer + unescape(text)),
    "<<": lambda case, text: setattr(case, "later", case.later + unescape(text)),
    "then": _set_end,
    "interim": lambda case, text: case.interim.extend(map(int, text.split())),
    "status": lambda case, text: setattr(case, "status", int(text)),
    "reason": lambda case, text: setattr(case, "reason", unescape_text(text)),
    "field": _set_field,
    "absent": lambda case, text: case.fields.update({text.lower(): []}),
    "body": lambda case, text: setattr(case, "body", case.body + unescape(text)),
    "error": _set_error,
    "reused": _set_reused,
    "curl": _set_curl,
}


def _check(case):
    if not case.rule:
        raise ValueError(f"{case.place}: {case.name} has no rule")
    if case.status is None and case.error is None:
        raise ValueError(f"{case.place}: {case.name} has neither status nor error")
    if (case.reused is None) != (case.error is not None):
        raise ValueError(f"{case.place}: {case.name}: reused goes with a response without error")


def _read_line(case, line):
    match = _LINE.match(line)
    setter = match and SETTERS.get(match[1])
    if not setter:
        raise ValueError(f"not understood: {line}")
    setter(case, (match[3] or "") * int(match[2] or 1))


def read_file(path):
    cases = []
    with open(path, encoding="latin-1") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            place = f"{os.path.relpath(path)}:{number}"
            if not line or line.startswith("#"):
                continue
            if line.startswith("case "):
                cases.append(Case(line[len("case "):], place))
                continue
            try:
                _read_line(cases[-1], line)
            except (ValueError, KeyError, AssertionError, IndexError) as error:
                raise ValueError(f"{place}: {error}") from error
    return cases


def read_all():
    cases = []
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith(".txt"):
            cases += read_file(os.path.join(FOLDER, name))
    names = [case.name for case in cases]
    for case in cases:
        _check(case)
        if names.count(case.name) > 1:
            raise ValueError(f"{case.place}: {case.name} is there twice")
    return cases


def _differing_fields(case, outcome):
    for name, values in case.fields.items():
        seen = [value for field, value in outcome.fields if field.lower() == name]
        if seen != values:
            yield f"field {name} {seen} instead of {values}"


def compare(case, outcome):
    """What differs from what the case expects, in words; an empty list if nothing does."""
    found = [outcome.problem] if outcome.problem else []
    for what in ("status", "error", "interim", "body"):
        seen, expected = getattr(outcome, what), getattr(case, what)
        if seen != expected:
            found.append(f"{what} {seen} instead of {expected}")
    if case.reason is not None and outcome.reason != case.reason:
        found.append(f"reason {outcome.reason!r} instead of {case.reason!r}")
    found += _differing_fields(case, outcome)
    if outcome.reused != bool(case.reused):
        found.append("connection reused" if outcome.reused else "connection not reused")
    return found
