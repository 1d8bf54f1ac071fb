#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every fact about what is there already has its number on a test.

Handles, callbacks, sequences and payloads (A to D), headers of responses and requests (E, F), URLs (G),
cookies (I), time limits (K) and the rest (M). A number stands on a test in the test's name
(C31_C33_sequence), in a comment of a test's file that is more than a rule between sections, or among the
.facts of a scenario.
"""
import re

import checklib

# How many facts there are of a letter; of C those up to 73, and from 98 on, are about plain HTTP and TLS.
LAST = {"A": 34, "B": 22, "C": 104, "D": 7, "E": 26, "F": 17, "G": 24, "H": 32, "I": 11, "K": 11, "M": 7}
WANTED = [f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)
          if letter != "C" or n <= 73 or 98 <= n <= 102]
EXEMPT = {
    "A11": "web sockets",
    "A23": "web sockets",
    "A24": "web sockets",
    "C27": "web sockets",
    "C48": "web sockets: nothing else is found wrong behind the call that sends",
    "D5": "web sockets",
    "H20": "web sockets",
    "H21": "web sockets",
    "H22": "web sockets",
    "H23": "web sockets",
    "H31": "authentication",
    "D7": "binds programs: what a payload points to is not to be looked at behind the callback",
}

COMMENT = re.compile(r"/\*(?! ?-{3}).*?\*/", re.DOTALL)
NAME = re.compile(r"^static void ((?:[A-Z]\d+_)+)\w*\(void \*\*state\)", re.M)
FACTS = re.compile(r"\.facts\s*=\s*((?:\"[^\"\n]*\"\s*)+)")
NUMBER = re.compile(rf"\b([{''.join(LAST)}])(\d+)\b")


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


APART = {"B9", "C31", "C72", *EXEMPT}  # where else they stand, or why nowhere
GOOD = {
    "test/api/a.c": f"/* {' '.join(number for number in WANTED if number not in APART)} */\n"
                    "static void C31_C72_name(void **state)\n{\n}\n",
    "test/scenario/a.c": '    .facts = "A1 "\n        "B9",\n',
}
SAMPLES = [
    ({"test/scenario/a.c": "int a;\n"}, "test:1: B9 stands on no test"),
    ({"test/api/a.c": GOOD["test/api/a.c"].replace(" A2 ", " ") + "/* ---- A2: a rule ---- */\n"},
     "test:1: A2 stands on no test"),
    ({"test/api/b.c": "int a;\n\nstatic void C27_name(void **state)\n{\n}\n"},
     "test/api/b.c:3: C27 is exempt"),
    ({"test/scenario/b.c": '.facts = "A1 B23",\n'}, "test/scenario/b.c:1: there is no fact B23"),
    ({"test/scenario/b.c": '.facts = "A1 K12",\n'}, "test/scenario/b.c:1: there is no fact K12"),
]
RULES = [on_a_test, exemptions_are_needed, exists]

if __name__ == "__main__":
    checklib.main("facts", RULES, GOOD, SAMPLES)
