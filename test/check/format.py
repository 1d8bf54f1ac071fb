#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-format decides; nobody aligns by hand. `clang-format -i FILE` mends what this reports.

Its versions write the bodies of macros differently; there the one of Debian 12 decides (14).
"""
import os
import re
import shutil
import subprocess
import tempfile

import checklib

FIRST_THAT_SKIPS_MACROS = 18


def style():
    """What .clang-format says; newer versions are told to leave the bodies of macros alone."""
    with open(os.path.join(checklib.ROOT, ".clang-format"), encoding="utf-8") as file:
        text = file.read()
    out = subprocess.run(["clang-format", "--version"], capture_output=True, text=True)
    if int(re.search(r"version (\d+)", out.stdout)[1]) >= FIRST_THAT_SKIPS_MACROS:
        text += "SkipMacroDefinitionBody: true\n"
    return text


def formatted(tree):
    """Every C file is as clang-format writes it."""
    paths = tree.select("lib", "include", "examples", "test", "bench", suffixes=(".c", ".h"))
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(style())
        file.flush()
        out = subprocess.run(["clang-format", f"--style=file:{file.name}", "--dry-run", *paths],
                             cwd=tree.root, capture_output=True, text=True)
    for match in re.finditer(r"^([^\s:]+):(\d+):\d+: (?:warning|error): (.*)$", out.stderr, re.M):
        yield match[1], int(match[2]), "clang-format would write this line differently"
    if out.returncode:
        yield ".clang-format", 1, out.stderr.strip() or f"clang-format: status {out.returncode}"


GOOD = {"lib/base/a.c": "int f(void)\n{\n    return 1;\n}\n"}
SAMPLES = [
    ({"lib/base/a.c": "int f(void)\n{\n  return 1;\n}\n"}, "lib/base/a.c:2: clang-format would"),
    ({"test/api/a.c": "int *a;\nint* b;\n"}, "test/api/a.c:2: clang-format would"),
    ({"lib/base/b.h": "int f(void) {\n    return 1;\n}\n"}, "lib/base/b.h:1: clang-format would"),
]

if __name__ == "__main__":
    if not shutil.which("clang-format"):
        print(".clang-format:1: clang-format is not installed; tools/deps test")
        checklib.finish("format", 0, 1)
    checklib.main("format", [formatted], GOOD, SAMPLES)
