#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every fact about handles, callbacks, sequences and payloads has its number on a test.

A number stands on a test in the test's name (C31_C33_sequence), in a comment of a test's file, or among
the .facts of a scenario.
"""
import re

import checklib

# How many facts there are of a letter; of C those up to 73, and from 98 on, are about plain HTTP and TLS.
LAST = {"A": 34, "B": 22, "C": 104, "D": 7}
WANTED = ([f"A{n}" for n in range(1, 32)] + [f"B{n}" for n in range(1, 23)]
          + [f"C{n}" for n in [*range(1, 74), *range(98, 103)]] + [f"D{n}" for n in range(1, 8)])
EXEMPT = {
    "A11": "web sockets",
    "A23": "web sockets",
    "A24": "web sockets",
    "C27": "web sockets",
    "C100": "client certificates",
    "C101": "client certificates",
    "D5": "web sockets",
    "D7": "binds programs: what a payload points to is not to be looked at behind the callback",
}

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAME = re.compile(r"^static void ((?:[A-Z]\d+_)+)\w*\(void \*\*state\)", re.M)
FACTS = re.compile(r"\.facts\s*=\s*((?:\"[^\"\n]*\"\s*)+)")
NUMBER = re.compile(r"\b([A-D])(\d+)\b")


def numbers(tree):
    """(path, line, number, whether it must be one) of everything that looks like a fact's number."""
    for path in tree.select("test", suffixes=(".c", ".h")):
        text = tree.read(path)
        for pattern, is_sure in ((NAME, True), (FACTS, True), (COMMENT, False)):
            for match in pattern.finditer(text):
                for letter, digits in NUMBER.findall(match[0].replace("_", " ")):
                    yield path, checklib.line_of(text, match.start()), letter + digits, is_sure


def on_a_test(tree):
    """Every fact has its number on a test, or is exempt."""
    seen = {number for _, _, number, _ in numbers(tree)}
    for number in WANTED:
        if number not in seen and number not in EXEMPT:
            yield "test", 1, f"{number} stands on no test"


def exemptions_are_needed(tree):
    """No test has the number of a fact that is exempt."""
    for path, line, number, is_sure in numbers(tree):
        if is_sure and number in EXEMPT:
            yield path, line, f"{number} is exempt ({EXEMPT[number]}), and stands here"


def exists(tree):
    """The numbers in names of tests and on scenarios are those of facts."""
    for path, line, number, is_sure in numbers(tree):
        if is_sure and not 1 <= int(number[1:]) <= LAST[number[0]]:
            yield path, line, f"there is no fact {number}"


ALL = " ".join(number for number in WANTED if number not in EXEMPT)
GOOD = {
    "test/api/a.c": f"/* {ALL.replace('C31 ', '').replace('C72 ', '').replace('B9 ', '')} */\n"
                    "static void C31_C72_name(void **state)\n{\n}\n",
    "test/scenario/a.c": '    .facts = "A1 "\n        "B9",\n',
}
SAMPLES = [
    ({"test/scenario/a.c": "int a;\n"}, "test:1: B9 stands on no test"),
    ({"test/api/b.c": "int a;\n\nstatic void C27_name(void **state)\n{\n}\n"},
     "test/api/b.c:3: C27 is exempt"),
    ({"test/scenario/b.c": '.facts = "A1 B23",\n'}, "test/scenario/b.c:1: there is no fact B23"),
]
RULES = [on_a_test, exemptions_are_needed, exists]

if __name__ == "__main__":
    checklib.main("facts", RULES, GOOD, SAMPLES)
