#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The public header agrees with Windows: the layout and types of every structure in
abi_structs.tsv, the value and type of every constant in abi_constants.tsv and the type of every function
in abi_functions.tsv, with a WCHAR of 2 bytes (as there) and of 4, in C and in C++. A name of the tables
that the header lacks is a failure, and so is the reverse.

Windows' long has 32 bits and so has LONG here; what is a long there is LONG in the tables, and unsigned
long is DWORD or ULONG. All other types of C are the same in both places."""
import csv
import os
import re
import subprocess
import sys

import checklib
from symbols import declared_functions

FOLDER = os.path.join(checklib.ROOT, "test", "check")
INCLUDE = os.path.join(checklib.ROOT, "include")
# Sizes of text in bytes: they grow with WCHAR.
TEXT_SIZES = {"WINHTTP_TIME_FORMAT_BUFSIZE"}
# Where constants are defined, as opposed to enumerators.
DEFINING = ("winhttp/constants.h", "winhttp/errors.h", "winhttp/connection_policy.h", "winhttp/port.h",
            "winhttp/win32.h")
# Macros there that are words, not numbers.
WORDS = {"APIENTRY", "EXTERN_C", "FormatMessage", "FormatMessageW"}
INCLUDES = """#include <stddef.h>
#include <stdint.h>
#include <winhttp.h>
"""
SAME_IN_C = """
#define SAME(it, ...) __builtin_types_compatible_p(__typeof__(it), __VA_ARGS__)
#define SAME_NUMBER(it, type) SAME(it, type)
"""
PRELUDE = INCLUDES + SAME_IN_C
# Enumerators are no ints there, and NULL is no pointer.
PRELUDE_CPP = INCLUDES + """
#include <type_traits>
#define PLAIN(it) std::remove_cv<std::remove_reference<decltype(it)>::type>::type
#define SAME(it, ...) std::is_same<PLAIN(it), __VA_ARGS__>::value
#define SAME_NUMBER(it, type) (std::is_enum<PLAIN(it)>::value || std::is_pointer<type>::value || \\
                               SAME(it, type))
"""


def table(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def characters(fields, kind):
    """How many WCHARs a type contains."""
    if match := re.fullmatch(r"WCHAR\[(\d+)\]", kind):
        return int(match[1])
    return sum(characters(fields, row["type"]) for row in fields if row["struct"] == kind)


def struct_checks(fields, wide):
    """(name, condition) for each structure's size, and each field's type, place and size. `wide` is
    how many bytes a WCHAR has more than on Windows."""
    for row in fields:
        struct, field = row["struct"], row["field"]
        siblings = [r for r in fields if r["struct"] == struct]
        before = sum(characters(fields, r["type"]) for r in siblings[:siblings.index(row)])
        inside = characters(fields, row["type"])
        if row is siblings[0]:
            total = int(row["total"]) + wide * characters(fields, struct)
            yield struct, f"sizeof({struct}) == {total}"
        name, member = f"{struct}.{field}", f"(({struct} *)0)->{field}"
        yield name, f"offsetof({struct}, {field}) == {int(row['offset']) + wide * before}"
        yield name, f"sizeof({member}) == {int(row['size']) + wide * inside}"
        yield name, f"SAME({member}, {row['type']})"


def constant_checks(constants, wide):
    """(name, condition) for each constant's value and its type. A null pointer counts as 0."""
    for row in constants:
        name, value = row["name"], int(row["value"])
        if name in TEXT_SIZES:
            value = value // 2 * (2 + wide)
        yield name, f"(long long)({name}) == {value} && SAME_NUMBER({name}, {row['type']})"


def function_checks(functions):
    """(name, condition) for each function."""
    for row in functions:
        wanted = f"{row['returns']} (*)({row['parameters']})"
        yield row["name"], f"SAME(&{row['name']}, {wanted})"


def compiler_command():
    return os.environ.get("CC", "gcc").split()


def failing(checks, command, prelude=PRELUDE):
    """Those (name, condition) that do not hold or do not compile, in a file that begins so. The
    command is a compiler with what it needs to find the headers."""
    language = ["-std=gnu++17", "-x", "c++"] if prelude is PRELUDE_CPP else ["-std=gnu11", "-x", "c"]
    # An array of negative length, since compilers evaluate more in one than in _Static_assert.
    text = prelude + "".join(f"typedef char check_{number}[({condition}) ? 1 : -1];\n"
                             for number, (_, condition) in enumerate(checks))
    # All errors, on the line that uses a macro.
    limits = ["-ferror-limit=0"] if "clang" in command[0] else \
        ["-fmax-errors=0", "-ftrack-macro-expansion=0"]
    command = [*command, *language, "-w", *limits, "-fsyntax-only", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    first = prelude.count("\n") + 1
    lines = {int(n) for n in re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.M)}
    if done.returncode and (not lines or min(lines) < first):
        print(done.stderr)
        return list(checks)
    return [checks[n - first] for n in sorted(lines)]


def unlisted_constants(constants, include):
    """Constants of the headers that no table knows."""
    known = {row["name"] for row in constants}
    for header in DEFINING:
        with open(os.path.join(include, header), encoding="utf-8") as file:
            for name in re.findall(r"^#define (\w+) \S", file.read(), re.M):
                if name not in known | WORDS:
                    yield f"{header}: {name} is in no table"


def has_text(kind, fields):
    """Whether a type is text, or leads to a structure with text in it."""
    if "WSTR" in kind or "WCHAR" in kind:
        return True
    name = re.sub(r"const |[ *]", "", kind)
    names = {name, name.removeprefix("P"), name.removeprefix("LP")}
    return any(has_text(row["type"], fields) for row in fields if row["struct"] in names)


def unlisted_functions(functions, fields, include):
    """Functions of the headers that no table knows; GetLastError and the like are Win32's. And those
    with text that do not exist for a WCHAR of 2 bytes; freeing does not look at text."""
    declared = {name for name in declared_functions(include) if name.startswith("WinHttp")}
    known = {row["name"] for row in functions}
    for name in declared:
        if name not in known and name.removesuffix("16") not in known:
            yield f"winhttp.h: {name} is in no table"
    for row in functions:
        is_wide = any(has_text(kind, fields) for kind in row["parameters"].split(", "))
        if is_wide and "Free" not in row["name"] and row["name"] + "16" not in declared:
            yield f"winhttp/api.h: there is no {row['name']}16"


def pointer_size():
    out = subprocess.run([*compiler_command(), "-dM", "-E", "-x", "c", os.devnull],
                         check=True, capture_output=True, text=True).stdout
    return int(re.search(r"__SIZEOF_POINTER__ (\d+)", out)[1])


def run(tables, include):
    """(reports, how many checks)."""
    fields, constants, functions = tables
    reports, count = [], 2
    extra = sorted([*unlisted_constants(constants, include),
                    *unlisted_functions(functions, fields, include)])
    reports += [f"include/{line}" for line in extra]
    if pointer_size() != 8:
        print("structures: the tables are for pointers of 8 bytes, not compared")
        fields = []
    for wide, flag in ((0, "-fshort-wchar"), (2, "-fno-short-wchar")):
        checks = [*struct_checks(fields, wide), *constant_checks(constants, wide),
                  *function_checks(functions)]
        command = [*compiler_command(), flag, "-I", include]
        for prelude, language in ((PRELUDE, "C"), (PRELUDE_CPP, "C++")):
            count += len(checks)
            reports += [f"include/winhttp.h:1: {name}: not {condition} ({language}, {flag})"
                        for name, condition in failing(checks, command, prelude)]
    return reports, count


def changed(rows, **change):
    """The rows, with one changed: the last one whose `where` column holds the value."""
    column, value = change.pop("where")
    at = max(i for i, row in enumerate(rows) if row[column] == value)
    return rows[:at] + [{**rows[at], **change}] + rows[at + 1:]


TABLES = ("abi_structs.tsv", "abi_constants.tsv", "abi_functions.tsv")


def self_test():
    fields, constants, functions = tables = [table(name) for name in TABLES]
    no_such = {"name": "WinHttpNoSuch", "returns": "BOOL", "parameters": "PWINHTTP_PROXY_INFO"}
    samples = [  # how many reports, of which table in the place of the true one
        (0, 0, fields),
        (4, 0, changed(fields, where=("field", "nPort"), offset="40")),
        (4, 0, changed(fields, where=("field", "dwError"), type="LONG")),
        (4, 0, changed(fields, where=("field", "rgullTimes"), size="8")),
        (12, 0, changed(fields, where=("field", "ProxyPort"), field="Port")),
        (4, 1, changed(constants, where=("name", "API_READ_DATA"), value="4")),
        (1, 1, [row for row in constants if row["name"] != "API_READ_DATA"]),
        (4, 1, [*constants, {"name": "API_NO_SUCH", "value": "0", "type": "int"}]),
        (4, 1, changed(constants, where=("name", "ICU_ESCAPE"), type="int")),
        (4, 1, changed(constants, where=("name", "API_READ_DATA"), type="DWORD")),
        (4, 2, changed(functions, where=("name", "WinHttpOpen"), returns="BOOL")),
        (4, 2, changed(functions, where=("name", "WinHttpResetAutoProxy"),
                       parameters="HINTERNET, DWORD *")),
        (2, 2, [row for row in functions if row["name"] != "WinHttpOpen"]),
        (5, 2, [*functions, no_such]),
    ]
    failed = 0
    for expected, place, rows in samples:
        reports, _ = run([*tables[:place], rows, *tables[place + 1:]], INCLUDE)
        if len(reports) != expected:
            print(f"self-test: expected {expected} reports, found {reports}")
            failed += 1
    checklib.finish("abi self-test", len(samples) - failed, failed)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    reports, count = run([table(name) for name in TABLES], INCLUDE)
    print("".join(report + "\n" for report in reports), end="")
    checklib.finish("abi", count - len(reports), len(reports))


if __name__ == "__main__":
    main()
