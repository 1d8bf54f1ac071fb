#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long, how deep and how wide code may be. What exceeds the rule of thumb is counted; what
exceeds the limit fails. Generated tables (.def) are exempt."""
import re
import sys

import checklib

FOLDERS = ("lib", "include", "examples", "test", "bench")
FUNCTION_LINES = (40, 80)  # rule of thumb, limit
FILE_LINES = (400, 800)
NESTING = (3, 4)
PARAMETERS = 5
EXAMPLE_LINES = 119
FOREIGN_CALLS = ("lib/net/tls_keylog.c", "lib/net/tls_signer.c")

_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_LINKAGE = re.compile(r'extern\s*"[^"]*"\s*\{')
_NAME = re.compile(r"([A-Za-z_]\w*)\s*\(")
_BLOCK = re.compile(r"(\)|\belse|\bdo|:)\s*$")


class Function:
    def __init__(self, path, line, head, body):
        self.path, self.line = path, line
        self.name = find_name(head)[1]
        self.lines = (head + body).count("\n") + 1
        self.parameters = count_parameters(head)
        self.nesting = deepest(body)


def closing(code, start, pair="{}"):
    depth = 0
    for at in range(start, len(code)):
        if code[at] == pair[0]:
            depth += 1
        elif code[at] == pair[1]:
            depth -= 1
            if depth == 0:
                return at
    return len(code) - 1


def find_name(head):
    """The match of `name (` in a function's head; attributes come before or behind it."""
    at = 0
    while match := _NAME.search(head, at):
        if match[1] not in ("__attribute__", "_Alignas", "__declspec"):
            return match
        at = closing(head, match.end() - 1, "()") + 1
    return None


def count_parameters(head):
    match = find_name(head)
    inside = head[match.end():closing(head, match.end() - 1, "()")]
    if inside.strip() in ("", "void"):
        return 0
    flat = re.sub(r"\([^()]*\)", "", inside)
    return flat.count(",") + 1


def deepest(body):
    """The deepest block inside a function's body; braces of initialisers are no blocks."""
    depth, most, stack = 0, 0, []
    for at in range(1, len(body) - 1):
        if body[at] == "{":
            is_block = bool(_BLOCK.search(body, max(0, at - 200), at))
            stack.append(is_block)
            depth += is_block
            most = max(most, depth)
        elif body[at] == "}" and stack:
            depth -= stack.pop()
    return most


def functions(tree, path):
    code = _DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), tree.code(path))
    code = _LINKAGE.sub(lambda m: " " * len(m[0]), code)
    at = head_start = 0
    while at < len(code):
        if code[at] in ";}":
            head_start = at + 1
        elif code[at] == "{":
            end = closing(code, at)
            head = code[head_start:at]
            if head.rstrip().endswith(")") and find_name(head):
                line = checklib.line_of(code, at - len(head.lstrip()))
                yield Function(path, line, head.lstrip(), code[at:end + 1])
                head_start = end + 1
            at = end
        at += 1


def all_functions(tree):
    for path in tree.select(*FOLDERS, suffixes=(".c", ".h")):
        yield from functions(tree, path)


def function_length(tree):
    """A function has at most 80 lines."""
    for f in all_functions(tree):
        if f.lines > FUNCTION_LINES[1]:
            yield f.path, f.line, f"{f.name} has {f.lines} lines, the limit is {FUNCTION_LINES[1]}"


def file_length(tree):
    """A file has at most 800 lines, an example at most 119."""
    for path in tree.select(*FOLDERS, suffixes=(".c", ".h", ".py", ".sh")):
        limit = EXAMPLE_LINES if path.startswith("examples/") else FILE_LINES[1]
        lines = tree.read(path).count("\n")
        if lines > limit:
            yield path, limit + 1, f"{lines} lines, the limit is {limit}"


def nesting(tree):
    """Blocks inside a function are at most four deep."""
    for f in all_functions(tree):
        if f.nesting > NESTING[1]:
            yield f.path, f.line, f"{f.name} nests {f.nesting} deep, the limit is {NESTING[1]}"


def parameters(tree):
    """A function takes at most five parameters; the API's own, and handlers that another library calls,
    are as they are."""
    for f in all_functions(tree):
        is_public = f.name.startswith(("WinHttp", "FormatMessage")) and f.path.startswith(("lib/api/", "include/"))
        is_handler = f.name.startswith("on_") and f.path in FOREIGN_CALLS
        if f.parameters > PARAMETERS and not is_public and not is_handler:
            yield f.path, f.line, f"{f.name} has {f.parameters} parameters, the limit is {PARAMETERS}"


def report(tree):
    """What exceeds the rule of thumb but not the limit: worth a look, not a failure."""
    every = list(all_functions(tree))
    files = tree.select(*FOLDERS, suffixes=(".c", ".h"))
    long_files = [p for p in files if tree.read(p).count("\n") > FILE_LINES[0]]
    long_ones = [f for f in every if f.lines > FUNCTION_LINES[0]]
    deep_ones = [f for f in every if f.nesting > NESTING[0]]
    print(f"{len(every)} functions in {len(files)} files; over the rule of thumb: "
          f"{len(long_ones)} functions > {FUNCTION_LINES[0]} lines, "
          f"{len(long_files)} files > {FILE_LINES[0]} lines, "
          f"{len(deep_ones)} functions nest > {NESTING[0]} deep")
    if "-v" in sys.argv:
        for f in long_ones:
            print(f"  {f.path}:{f.line}: {f.name} {f.lines} lines")
        for path in long_files:
            print(f"  {path}:1: {tree.read(path).count(chr(10))} lines")
        for f in deep_ones:
            print(f"  {f.path}:{f.line}: {f.name} nests {f.nesting} deep")


def body_of(lines):
    return "\n{\n" + "    a();\n" * (lines - 3) + "}\n"


GOOD = {
    "lib/base/a.c": "/* f( { */\nint f(int a, void (*b)(int, int), int c, int d, int e)" + body_of(80)
                    + "#define X \\\n    {\nstatic const int t[] = {1, 2};\nstruct s {\n    int a;\n};\n",
    "lib/base/b.h": 'extern "C" {\nint g(void);\n}\n' + "\n" * 797,
    "lib/api/a.c": "BOOL WinHttpX(int a, int b, int c, int d, int e, int f)" + body_of(10),
    "test/unit/a.c": "void h(void)\n{\n    if (a) {\n        for (;;) {\n            do {\n"
                     "                if (b) {\n                    int c[] = {{1}};\n"
                     "                }\n            } while (1);\n        }\n    }\n}\n",
    "examples/a.c": "\n" * 119,
    FOREIGN_CALLS[0]: "int on_f(int a, int b, int c, int d, int e, int f)" + body_of(10),
}
SAMPLES = [
    ({"lib/base/c.c": "int a;\n\nint f(void)" + body_of(81)}, "lib/base/c.c:3: f has 81 lines"),
    ({"lib/base/c.h": 'extern "C" {\nstatic inline int f(void)' + body_of(90) + "}\n"},
     "lib/base/c.h:2: f has 90 lines"),
    ({"test/api/c.c": "\n" * 801}, "test/api/c.c:801: 801 lines"),
    ({"examples/a.c": "\n" * 120}, "examples/a.c:120: 120 lines"),
    ({"lib/base/c.c": "int f(int a, int b, int c,\n      int d, int e, int f)\n{\n}\n"},
     "lib/base/c.c:1: f has 6 parameters"),
    ({"lib/base/c.c": "__attribute__((x(1, 2))) int f(int a, int b, int c, int d, int e, int f)\n{\n}"},
     "lib/base/c.c:1: f has 6 parameters"),
    ({"lib/base/c.c": "int on_f(int a, int b, int c, int d, int e, int f)\n{\n}\n"},
     "lib/base/c.c:1: on_f has 6 parameters"),
    ({"lib/client/c.c": "BOOL WinHttpY(int a, int b, int c, int d, int e, int f)\n{\n}\n"},
     "lib/client/c.c:1: WinHttpY has 6 parameters"),
    ({"lib/base/c.c": "int f(void)\n{\n    if (a) {\n    } else {\n        switch (b) {\n"
                      "        case 1: {\n            while (c) {\n                if (d) {\n"
                      "                }\n            }\n        }\n        }\n    }\n}\n"},
     "lib/base/c.c:1: f nests 5 deep"),
]
RULES = [function_length, file_length, nesting, parameters]

if __name__ == "__main__":
    if sys.argv[1:] in ([], ["-v"]):
        report(checklib.Tree(checklib.ROOT))
        sys.argv[1:] = []
    checklib.main("budgets", RULES, GOOD, SAMPLES)
