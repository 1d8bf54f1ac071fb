#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""notifications.py PROGRAM FILE: docs/notifications.md is what the tables of scenarios say today.

PROGRAM is api-scenarios. When they differ, the first differing lines are shown.
"""
import difflib
import subprocess
import sys

SHOWN_LINES = 40


def main():
    program, path = sys.argv[1:]
    drawn = subprocess.run([program, "--markdown"], check=True, capture_output=True).stdout
    with open(path, "rb") as file:
        written = file.read()
    if drawn == written:
        return 0
    differences = difflib.unified_diff(written.decode().splitlines(), drawn.decode().splitlines(),
                                       path, "the tables", lineterm="")
    for line in list(differences)[:SHOWN_LINES]:
        print(line)
    print(f"{path} is out of date: {program} --markdown > {path}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
