#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-format decides; nobody aligns by hand. `clang-format -i FILE` mends what this reports."""
import os
import re
import shutil
import subprocess

import checklib


def formatted(tree):
    """Every C file is as clang-format writes it."""
    paths = tree.select("lib", "include", "examples", "test", suffixes=(".c", ".h"))
    style = os.path.join(checklib.ROOT, ".clang-format")
    out = subprocess.run(["clang-format", f"--style=file:{style}", "--dry-run", *paths],
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
