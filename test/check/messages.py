#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every error number of the public header has its text, in lib/api/message.def."""
import re

import checklib

ERRORS = "include/winhttp/errors.h"
TEXTS = "lib/api/message.def"


def numbers(tree):
    """{name: number} of the errors in the header."""
    return {name: int(number)
            for name, number in re.findall(r"^#define (ERROR_\w+) (\d+)", tree.read(ERRORS), re.M)}


def rows(tree):
    """(line, name, text) of the table."""
    text = tree.read(TEXTS)
    for match in re.finditer(r'^WH_MESSAGE\((\w+),\s*"(.*)"\)$', text, re.M):
        yield checklib.line_of(text, match.start()), match[1], match[2]


def complete(tree):
    """Every error number has a row."""
    known = {name for _, name, _ in rows(tree)}
    for name in numbers(tree):
        if name not in known:
            yield TEXTS, 1, f"{name} has no text"


def in_order(tree):
    """The rows are errors of the header, in the order of their numbers, each once."""
    before = -1
    for line, name, _ in rows(tree):
        number = numbers(tree).get(name)
        if number is None:
            yield TEXTS, line, f"{name} is not in {ERRORS}"
        elif number <= before:
            yield TEXTS, line, f"{name} does not come behind the number before it"
        else:
            before = number


def plain(tree):
    """A text is one sentence in ASCII, without the '%' that begins an insert."""
    seen = set()
    for line, name, text in rows(tree):
        if not re.fullmatch(r"[A-Z][ -$&-\[\]-~]*[a-zA-Z]\.", text):
            yield TEXTS, line, f"the text of {name} is not a plain sentence"
        if text in seen:
            yield TEXTS, line, f"the text of {name} is another error's already"
        seen.add(text)


GOOD = {
    ERRORS: "#define ERROR_A 1\n#define ERROR_B 12 /* b */\n#define WINHTTP_ERROR_BASE 12000\n",
    TEXTS: 'WH_MESSAGE(ERROR_A, "It is A.")\nWH_MESSAGE(ERROR_B,\n           "It is B.")\n',
}
A, B = 'WH_MESSAGE(ERROR_A, "It is A.")\n', 'WH_MESSAGE(ERROR_B, "It is B.")\n'
SAMPLES = [
    ({TEXTS: A}, TEXTS + ":1: ERROR_B has no text"),
    ({TEXTS: B + A}, TEXTS + ":2: ERROR_A does not come"),
    ({TEXTS: A + B + B.replace("B.", "Z.")}, TEXTS + ":3: ERROR_B does not come"),
    ({TEXTS: A + B + B.replace("ROR_B", "ROR_C").replace("B.", "C.")}, TEXTS + ":3: ERROR_C is not in"),
    ({TEXTS: A + B.replace("B.", "%1.")}, TEXTS + ":2: the text of ERROR_B is not"),
    ({TEXTS: A + B.replace("B.", "B")}, TEXTS + ":2: the text of ERROR_B is not"),
    ({TEXTS: A + B.replace("B.", "A.")}, TEXTS + ":2: the text of ERROR_B is another"),
]

if __name__ == "__main__":
    checklib.main("messages", [complete, in_order, plain], GOOD, SAMPLES)
