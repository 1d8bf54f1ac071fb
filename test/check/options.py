#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""options.py [--write]: docs/options.md says what lib/object/option.def says, and every option of
winhttp.h that a table of Windows' knows has its row there. --write makes the page anew."""
import os
import re
import shlex
import subprocess
import sys

import checklib

TABLE = "lib/object/option.def"
PAGE = "docs/options.md"
EXTENSIONS = "include/winhttp/extension_options.h"
OURS_BEGIN = 0x8000
# Prints each row as a line of quoted words: its macro, its number, then its arguments as they are written.
PRELUDE = r"""
#include "winhttp/constants.h"
#include "winhttp/extension_options.h"
#define LINE(kind, name, number, ...) @ #kind #name number #__VA_ARGS__
#define ROW(kind, name, ...) LINE(kind, name, WINHTTP_OPTION_##name, __VA_ARGS__)
#define WH_OPTION(...) ROW(PLAIN, __VA_ARGS__)
#define WH_OPTION_APART(...) ROW(APART, __VA_ARGS__)
#define WH_OPTION_OURS(name, ...) LINE(OURS, name, WINHTTP_POSIX_OPTION_##name, __VA_ARGS__)
#define WH_OPTION_REFUSED(...) ROW(REFUSED, __VA_ARGS__)
#define WH_OPTION_LATER(...) ROW(LATER, __VA_ARGS__)
"""
TYPES = {"DWORD": "DWORD", "BOOL": "BOOL", "POINTER": "pointer", "TEXT": "text",
         "STRUCT": "structure", "NONE": "nothing", "BYTES": "bytes"}
KINDS = {"P": "process", "S": "session", "C": "connect", "R": "request", "0": "-"}
HEAD = """# Options

What `WinHttpSetOption` and `WinHttpQueryOption` know, in the order of the numbers, `WINHTTP_OPTION_` left
out. Made from `lib/object/option.def`; `test/check/options.py --write` does it again.

Another kind of handle is `ERROR_WINHTTP_INCORRECT_HANDLE_TYPE` for `WinHttpSetOption`, and
`ERROR_INVALID_PARAMETER` for `WinHttpQueryOption`; setting what can only be queried is
`ERROR_WINHTTP_OPTION_NOT_SETTABLE`. Lengths are bytes; only that of USER_AGENT, when it is set, counts
characters. "Process" is the NULL handle. Requests take the settings of their session over when they are
opened; a connect shows what its session has now.

"""
TABLE_HEAD = """| option | number | type | set on | query on | default | what it does |
| --- | ---: | --- | --- | --- | --- | --- |
"""
OURS_HEAD = """
## Beyond WinHTTP

Windows has none of these. They are in `winhttp/extensions.h`, which `winhttp.h` does not include, with
`WINHTTP_POSIX_OPTION_` in front and numbers from 0x8000 on. See `howto/trust.md`.

"""
REFUSED_HEAD = """
## Not available

Setting these is `ERROR_WINHTTP_INVALID_OPTION`, querying them `ERROR_INVALID_PARAMETER`, on every handle.

| option | number | why |
| --- | ---: | --- |
"""


def split(arguments):
    """The arguments of a macro: at commas that stand in no text and no parentheses."""
    parts = re.findall(r'(?:"(?:\\.|[^"\\])*"|\((?:[^()])*\)|[^,"()])+', arguments)
    return [part.strip() for part in parts]


def text_of(literals):
    """What string literals behind one another say."""
    return "".join(re.findall(r'"((?:\\.|[^"\\])*)"', literals))


def rows(root=checklib.ROOT):
    """A dict for each row, in the order of the file: macro, name, number, and the columns it has."""
    source = PRELUDE + f'#include "{os.path.join(root, TABLE)}"\n'
    command = [*os.environ.get("CC", "cc").split(), "-E", "-P", "-I", os.path.join(root, "include"),
               "-x", "c", "-"]
    out = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    for line in re.sub(r"\s*\n\s*", " ", out).split("@ ")[1:]:
        macro, name, number, arguments = shlex.split(line)
        yield row(macro, name, int(number, 0), split(arguments))


def row(macro, name, number, columns):
    made = {"macro": macro, "name": name, "number": number}
    if macro in ("REFUSED", "LATER"):
        return {**made, "why": text_of(columns[0])}
    made.update(type=columns[0], settable=columns[1], queryable=columns[2], default=columns[3],
                what=text_of(columns[-1]))
    return {**made, "allowed": columns[4] if macro == "PLAIN" else "ANY"}


def kinds(letters):
    return ", ".join(KINDS[letter.strip()] for letter in letters.split("|"))


def default(text):
    return text_of(text) if text.startswith('"') else text.replace("WINHTTP_OPTION_", "")


def line(option):
    if option["macro"] == "REFUSED":
        return f"| {option['name']} | {option['number']} | {option['why']} |\n"
    if option["macro"] == "LATER":
        return f"| {option['name']} | {option['number']} | not yet: comes with {option['why']} |\n"
    number = option["number"]
    shown = f"{number:#x}" if option["macro"] == "OURS" else str(number)
    cells = [option["name"], shown, TYPES[option["type"]], kinds(option["settable"]),
             kinds(option["queryable"]), default(option["default"]), option["what"]]
    return "| " + " | ".join(cells) + " |\n"


def is_there(option):
    return option["macro"] in ("PLAIN", "APART")


def page(options):
    ours = "".join(line(o) for o in options if o["macro"] == "OURS")
    return (HEAD + TABLE_HEAD + "".join(line(o) for o in options if is_there(o)) +
            (OURS_HEAD + TABLE_HEAD + ours if ours else "") +
            REFUSED_HEAD + "".join(line(o) for o in options if o["macro"] in ("REFUSED", "LATER")))


def page_is_current(tree):
    """The page is what the table says."""
    if tree.read(PAGE) != page(list(rows(tree.root))):
        yield PAGE, 1, "differs from the table: test/check/options.py --write"


def every_option_has_a_row(tree):
    """Every option that winhttp.h has a number for has its row."""
    known = {option["name"] for option in rows(tree.root) if option["macro"] != "OURS"}
    text = tree.read("include/winhttp/constants.h")
    section = text[text.index(FIRST):text.index(LAST)]
    for match in re.finditer(r"^#define WINHTTP_OPTION_(\w+) \d", section, re.M):
        if match[1] not in known:
            yield "include/winhttp/constants.h", checklib.line_of(text, text.index(match[0])), \
                f"{match[1]} has no row in {TABLE}"


def ours_are_apart(tree):
    """Every option of extension_options.h has its row, and a number that is far above those of Windows."""
    known = {option["name"] for option in rows(tree.root) if option["macro"] == "OURS"}
    text = tree.read(EXTENSIONS)
    for match in re.finditer(r"^#define WINHTTP_POSIX_OPTION_(\w+) (\w+)", text, re.M):
        line_number = checklib.line_of(text, match.start())
        if match[1] not in known:
            yield EXTENSIONS, line_number, f"{match[1]} has no row in {TABLE}"
        if int(match[2], 0) < OURS_BEGIN:
            yield EXTENSIONS, line_number, f"{match[1]} is not beyond {OURS_BEGIN:#x}"


# Between them stand the options and nothing else.
FIRST, LAST = "#define WINHTTP_OPTION_CALLBACK ", "/* Numbers that fill gaps"

GOOD_TABLE = """WH_OPTION(LIMIT, DWORD, S | R, 0, 64 * 1024, BITS(A | B), limit,
          "one, two; "
          "three")
WH_OPTION_APART(URL, TEXT, 0, R, "-", "the URL")
WH_OPTION_REFUSED(NEVER, "no, (not) ever")
WH_OPTION_OURS(TRUST, BYTES, S, 0, "none", "whom to trust")
"""
GOOD_HEADER = """#define WINHTTP_OPTION_CALLBACK 1 /* a */
#define WINHTTP_OPTION_LIMIT 2
#define WINHTTP_OPTION_URL 34
#define WINHTTP_OPTION_NEVER 4096
/* Numbers that fill gaps */
#define WINHTTP_OPTION_GAP 5
"""
GOOD_EXTENSIONS = """/* a */
#define WINHTTP_POSIX_OPTION_TRUST 0x8001
"""
GOOD = {
    TABLE: 'WH_OPTION_LATER(CALLBACK, "more")\n' + GOOD_TABLE,
    "include/winhttp/constants.h": GOOD_HEADER,
    EXTENSIONS: GOOD_EXTENSIONS,
    PAGE: HEAD + TABLE_HEAD + "| LIMIT | 2 | DWORD | session, request | - | 64 * 1024 | one, two; three |\n"
          "| URL | 34 | text | - | request | - | the URL |\n" + OURS_HEAD + TABLE_HEAD +
          "| TRUST | 0x8001 | bytes | session | - | none | whom to trust |\n" + REFUSED_HEAD +
          "| CALLBACK | 1 | not yet: comes with more |\n| NEVER | 4096 | no, (not) ever |\n",
}
SAMPLES = [
    ({PAGE: GOOD[PAGE].replace("three", "four")}, "differs from the table"),
    ({TABLE: GOOD[TABLE].replace("0, R,", "0, C,")}, "differs from the table"),
    ({"include/winhttp/constants.h": GOOD_HEADER.replace("34\n", "34\n#define WINHTTP_OPTION_NEW 35\n")},
     "constants.h:4: NEW has no row"),
    ({EXTENSIONS: GOOD_EXTENSIONS + "#define WINHTTP_POSIX_OPTION_LIMIT 0x8002\n"},
     "extension_options.h:3: LIMIT has no row"),
    ({EXTENSIONS: GOOD_EXTENSIONS.replace("0x8", "0x7"),
      PAGE: GOOD[PAGE].replace("0x8001", "0x7001")}, "extension_options.h:2: TRUST is not beyond 0x8000"),
]
RULES = [page_is_current, every_option_has_a_row, ours_are_apart]

if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        with open(os.path.join(checklib.ROOT, PAGE), "w", encoding="utf-8") as file:
            file.write(page(list(rows())))
    else:
        checklib.main("options", RULES, GOOD, SAMPLES)
