#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""names16.py HEADER...: writes the C source of libwinhttp16.so to standard output.

Wherever a public header renames a function to ...16, that library has a function of the plain name
which calls it. A caller that binds by name finds the 16-bit text functions there, and all others in
libwinhttp.so, on which it depends.
"""
import re
import sys

BEGIN = """/* SPDX-License-Identifier: MIT */
/* Written by lib/names16.py. */
#include "winhttp.h"
"""
FUNCTION = """
#undef {name}
WINHTTPAPI {weak}{kind} {name}({parameters});
{kind} {name}({parameters})
{{
    {answer}{name}16({arguments});
}}
"""
RENAME = re.compile(r"^#define (\w+) (\w+)16$", re.M)
PROTOTYPE = r"^WINHTTPAPI ([^;()]+)\s{}\(([^;()]+)\);"


def function(name, text):
    """The C text of one function; its prototype stands in the header as clang-format writes it."""
    found = re.search(PROTOTYPE.format(name), text, re.M)
    if not found:
        sys.exit(f"names16.py: {name} is renamed, but has no prototype that can be read")
    kind, parameters = (" ".join(part.split()) for part in found.groups())
    return FUNCTION.format(
        name=name, kind=kind, parameters=parameters,
        weak="" if name.startswith("WinHttp") else "__attribute__((weak)) ",
        answer="" if re.match(r"(void|VOID)\b(?! *\*)", kind) else "return ",
        arguments=", ".join(re.findall(r"\w+(?=,|$)", parameters)))


def main():
    text = ""
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            text += file.read()
    names = [name for name, renamed in RENAME.findall(text) if name == renamed]
    print(BEGIN + "".join(function(name, text) for name in names), end="")


if __name__ == "__main__":
    main()
