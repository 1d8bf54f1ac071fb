#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The public header agrees with Windows: the layout and types of every structure in
abi_structs.tsv and the value of every constant in abi_constants.tsv, with a WCHAR of 2 bytes (as
there) and of 4. A name of the tables that the header lacks is a failure, and so is the reverse."""
import csv
import os
import re
import subprocess
import sys

import checklib

FOLDER = os.path.join(checklib.ROOT, "test", "check")
INCLUDE = os.path.join(checklib.ROOT, "include")
# Sizes of text in bytes: they grow with WCHAR.
TEXT_SIZES = {"WINHTTP_TIME_FORMAT_BUFSIZE"}
# Where constants are defined, as opposed to enumerators.
DEFINING = ("winhttp/constants.h", "winhttp/errors.h")
PRELUDE = """#include <stddef.h>
#include <stdint.h>
#include <winhttp.h>
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
        yield name, f"__builtin_types_compatible_p(__typeof__({member}), {row['type']})"


def constant_checks(constants, wide):
    """(name, condition) for each constant. A null pointer counts as 0."""
    for row in constants:
        value = int(row["value"])
        if row["name"] in TEXT_SIZES:
            value = value // 2 * (2 + wide)
        yield row["name"], f"(long long)({row['name']}) == {value}"


def compiler_command():
    return os.environ.get("CC", "gcc").split()


def failing(checks, include, flags):
    """The names whose condition does not hold or does not compile."""
    # An array of negative length, since compilers evaluate more in one than in _Static_assert.
    text = PRELUDE + "".join(f"typedef char check_{number}[({condition}) ? 1 : -1];\n"
                             for number, (_, condition) in enumerate(checks))
    compiler = compiler_command()
    limit = "-ferror-limit=0" if "clang" in compiler[0] else "-fmax-errors=0"
    command = [*compiler, "-std=gnu11", "-w", limit, *flags, "-I", include, "-x", "c",
               "-fsyntax-only", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    first = PRELUDE.count("\n") + 1
    lines = {int(n) for n in re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.M)}
    if done.returncode and (not lines or min(lines) < first):
        print(done.stderr)
        return {name for name, _ in checks}
    return {f"{checks[n - first][0]}: not {checks[n - first][1]}" for n in lines}


def undeclared(constants, include):
    """Constants of the headers that no table knows."""
    known = {row["name"] for row in constants}
    for header in DEFINING:
        with open(os.path.join(include, header), encoding="utf-8") as file:
            for name in re.findall(r"^#define (\w+) \S", file.read(), re.M):
                if name not in known:
                    yield f"{header}: {name} is in no table"


def pointer_size():
    out = subprocess.run([*compiler_command(), "-dM", "-E", "-x", "c", os.devnull],
                         check=True, capture_output=True, text=True).stdout
    return int(re.search(r"__SIZEOF_POINTER__ (\d+)", out)[1])


def run(fields, constants, include):
    """(reports, how many checks)."""
    reports, count = [], 1
    extra = sorted(undeclared(constants, include))
    reports += [f"include/{line}" for line in extra]
    if pointer_size() != 8:
        print("structures: the tables are for pointers of 8 bytes, not compared")
        fields = []
    for wide, flag in ((0, "-fshort-wchar"), (2, "-fno-short-wchar")):
        checks = [*struct_checks(fields, wide), *constant_checks(constants, wide)]
        count += len(checks)
        reports += [f"include/winhttp.h:1: {name} ({flag})"
                    for name in sorted(failing(checks, include, [flag]))]
    return reports, count


def changed(rows, **change):
    """The rows, with one changed: the last one whose `where` column holds the value."""
    column, value = change.pop("where")
    at = max(i for i, row in enumerate(rows) if row[column] == value)
    return rows[:at] + [{**rows[at], **change}] + rows[at + 1:]


def self_test():
    fields, constants = table("abi_structs.tsv"), table("abi_constants.tsv")
    samples = [
        (fields, constants, 0),
        (changed(fields, where=("field", "nPort"), offset="40"), constants, 2),
        (changed(fields, where=("field", "dwError"), type="LONG"), constants, 2),
        (changed(fields, where=("field", "rgullTimes"), size="8"), constants, 2),
        (changed(fields, where=("field", "ProxyPort"), field="Port"), constants, 6),
        (fields, changed(constants, where=("name", "API_READ_DATA"), value="4"), 2),
        (fields, [row for row in constants if row["name"] != "API_READ_DATA"], 1),
        (fields, [*constants, {"name": "API_NO_SUCH", "value": "0"}], 2),
    ]
    failed = 0
    for rows, numbers, expected in samples:
        reports, _ = run(rows, numbers, INCLUDE)
        if len(reports) != expected:
            print(f"self-test: expected {expected} reports, found {reports}")
            failed += 1
    checklib.finish("abi self-test", len(samples) - failed, failed)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    reports, count = run(table("abi_structs.tsv"), table("abi_constants.tsv"), INCLUDE)
    print("".join(report + "\n" for report in reports), end="")
    checklib.finish("abi", count - len(reports), len(reports))


if __name__ == "__main__":
    main()
