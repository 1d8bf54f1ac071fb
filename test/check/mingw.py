#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The public header agrees with another one that programs for Windows are built with, mingw-w64's:
the structures of abi_structs.tsv, the constants of abi_constants.tsv and the prototype of every
function. Where the two differ is listed in mingw_differences.tsv, and only that. Needs Debian's
package mingw-w64-common, whose headers clang compiles for Windows on x86-64."""
import fnmatch
import functools
import os
import re
import sys

import abi
import checklib
import symbols

HEADERS = "/usr/share/mingw-w64/include"
DIFFERENCES = "mingw_differences.tsv"
# -fno-caret-diagnostics: what the other header says stays in there.
COMMAND = ["clang", "--target=x86_64-w64-windows-gnu", "-isystem", HEADERS,
           "-fno-caret-diagnostics"]
PRELUDE = """#define _WIN32_WINNT 0x0A00
#define NTDDI_VERSION 0x0A00000C
#define SECURITY_WIN32
#include <winsock2.h>
#include <windows.h>
#include <winhttp.h>
#include <mstcpip.h>
#include <security.h>
#include <schannel.h>
#include <stddef.h>
""" + abi.SAME_IN_C


def prototypes(include):
    """{name: type} of our functions, and of the callbacks, which are pointers to functions."""
    width = symbols.WIDTHS[0]
    types = {name: re.sub(rf"\b{name}\b(?=\s*\()", "", declaration)
             for name, declaration in symbols.declarations(include, width).items()}
    for statement in symbols.statements(include, width):
        if match := re.match(r"\s*typedef (.*\(\s*\*)\s*(\w+)\s*(\)\s*\(.*)", statement, re.DOTALL):
            types[match[2]] = " ".join((match[1] + match[3]).split())
    return types


def all_checks(fields, constants, types):
    """(name, condition) for everything that is compared."""
    return [*abi.struct_checks(fields, 0), *abi.constant_checks(constants, 0),
            *((name, f"SAME({name}, {kind})")
              for name, kind in types.items())]


def whole(name):
    """A structure, of a field's name."""
    return name.split(".")[0]


@functools.lru_cache(None)
def lacking(names):
    """Those of the names that mingw has not."""
    presence = [(name, f"sizeof(__typeof__({name})) > 0") for name in names]
    return {name: ("lacks", condition) for name, condition in abi.failing(presence, COMMAND, PRELUDE)}


def compare(checks):
    """({name: ("lacks" or "differs", condition)}, how many could be compared)"""
    missing = lacking(tuple(sorted({whole(name) for name, _ in checks})))
    rest = [check for check in checks if whole(check[0]) not in missing]
    found = {name: ("differs", condition)
             for name, condition in abi.failing(rest, COMMAND, PRELUDE)}
    return {**found, **missing}, len(rest)


def expand(rows, names):
    """(line of the table, "lacks" or "differs", name) for every name that a row means."""
    for line, row in enumerate(rows, 2):
        for pattern in row["names"].split():
            for name in fnmatch.filter(names, pattern) or [pattern]:
                yield line, row["mingw"], name


def run(fields, constants, types, rows):
    """(reports, how many checks)"""
    checks = all_checks(fields, constants, types)
    found, count = compare(checks)
    known = list(expand(rows, sorted({whole(name) for name, _ in checks})))
    reports = [f"test/check/{DIFFERENCES}:{line}: {name}: not true that mingw {kind}"
               for line, kind, name in known if name not in found or found[name][0] != kind]
    listed = {name for _, _, name in known}
    reports += [f"include/winhttp.h:1: {name}: mingw {kind}: not {condition}"
                for name, (kind, condition) in sorted(found.items()) if name not in listed]
    return reports, count + len(known)


def tables():
    return (abi.table("abi_structs.tsv"), abi.table("abi_constants.tsv"),
            prototypes(abi.INCLUDE), abi.table(DIFFERENCES))


def self_test():
    good = tables()
    fields, constants, types, rows = good
    reader = {"WinHttpReadData": types["WinHttpReadData"].replace("LPVOID", "LPCVOID")}
    callback = {name: kind.replace("DWORD_PTR", "DWORD") for name, kind in types.items()
                if name == "WINHTTP_STATUS_CALLBACK"}
    samples = [
        ({}, None),
        ({0: abi.changed(fields, where=("field", "nPort"), offset="40")}, "URL_COMPONENTS.nPort: "),
        ({0: abi.changed(fields, where=("field", "nScheme"), type="LONG")},
         "URL_COMPONENTS.nScheme: "),
        ({0: abi.changed(fields, where=("field", "rgullTimes"), size="8")}, ".rgullTimes: "),
        ({1: abi.changed(constants, where=("name", "API_READ_DATA"), value="4")}, "API_READ_DATA: "),
        ({1: [*constants, {"name": "API_NO_SUCH", "value": "0", "type": "int"}]}, "API_NO_SUCH: mingw lacks"),
        ({2: {**types, **reader}}, "WinHttpReadData: mingw differs"),
        ({2: {**types, **callback}}, "WINHTTP_STATUS_CALLBACK: mingw differs"),
        ({3: [row for row in rows if "SOCKADDR" not in row["names"]]}, ".ss_family: mingw differs"),
        ({3: [*rows, {"mingw": "lacks", "names": "WINHTTP_FLAG_SECURE"}]},
         f"{DIFFERENCES}:{len(rows) + 2}: WINHTTP_FLAG_SECURE: not true that mingw lacks"),
        ({3: [*rows, {"mingw": "differs", "names": "WINHTTP_NO_SUCH*"}]}, "WINHTTP_NO_SUCH*: not"),
    ]
    failed = 0
    for change, expected in samples:
        reports, _ = run(*(change.get(at, part) for at, part in enumerate(good)))
        if len(reports) != bool(expected) or any(expected not in report for report in reports):
            print(f"self-test: expected '{expected}', found {reports}")
            failed += 1
    checklib.finish("mingw self-test", len(samples) - failed, failed)


def main():
    if not os.path.exists(os.path.join(HEADERS, "winhttp.h")):
        print("1 skipped: mingw-w64-common is not installed")
        checklib.finish("mingw", 0, 0)
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    reports, count = run(*tables())
    print("".join(report + "\n" for report in reports), end="")
    checklib.finish("mingw", count - len(reports), len(reports))


if __name__ == "__main__":
    main()
