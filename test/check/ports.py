#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs as they are written on Windows compile unchanged: those of test/check/ports, in each language
and with each width of wchar_t, with nothing but winhttp.h behind windows.h, and with a windows.h that has
words of its own."""
import concurrent.futures
import os
import subprocess

import checklib
from headers import WIDTHS, compilers

FOLDER = os.path.join(checklib.ROOT, "test", "check", "ports")
INCLUDE = os.path.join(checklib.ROOT, "include")
# The pragma that names a library to link is Microsoft's.
FLAGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-fsyntax-only"]
LANGUAGES = ["c99", "c11", "c++17"]
ONLY_CPP = {"wrapper.cpp"}


def cases():
    for source in sorted(name for name in os.listdir(FOLDER) if name.endswith(".cpp")):
        for language in LANGUAGES:
            if "++" in language or source not in ONLY_CPP:
                for layer in ("plain", "layer"):
                    for width in WIDTHS:
                        for compiler in compilers():
                            yield source, language, layer, width, compiler


def check(case):
    """None, or the report."""
    source, language, layer, width, compiler = case
    path = os.path.join(FOLDER, source)
    done = subprocess.run(
        [*compiler.split(), f"-std={language}", *FLAGS, width, "-I", os.path.join(FOLDER, layer),
         "-I", INCLUDE, "-x", "c++" if "++" in language else "c", path],
        capture_output=True, text=True)
    if done.returncode == 0:
        return None
    reason = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr)
    return f"test/check/ports/{source}:1: {compiler} -std={language} {width} {layer}: {reason}"


def main():
    todo = list(cases())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = [report for report in pool.map(check, todo) if report]
    print("".join(report + "\n" for report in reports), end="")
    checklib.finish("ports", len(todo) - len(reports), len(reports))


if __name__ == "__main__":
    main()
