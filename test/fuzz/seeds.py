#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""seeds.py FOLDER: what test/corpus has of responses, as inputs that the fuzzer begins with.

FOLDER/http1 and FOLDER/chunked get one file per case, in the form that fuzz_http1.c and fuzz_chunked.c
read, and their names are printed. The fuzzer adds to them what it finds.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "corpus"))
import corpus  # noqa: E402

METHODS = {"HEAD": 1, "CONNECT": 2}
ENDS = {"keep": 0, "close": 1, "reset": 2}
LONGEST = 4000  # longer ones make the fuzzer slow


def inputs(case):
    """(target, input) of a case."""
    end = ENDS[case.end]
    yield "http1", bytes([METHODS.get(case.method, 0) | end << 2]) + case.answer
    head, _, body = case.answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        yield "chunked", bytes([end]) + body


def main():
    for case in corpus.read_all():
        for target, data in inputs(case):
            if len(data) <= LONGEST:
                path = os.path.join(sys.argv[1], target, case.name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(data)
                print(path)


if __name__ == "__main__":
    main()
