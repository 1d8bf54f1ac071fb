# SPDX-License-Identifier: MIT
"""Which tests use a name of the API: in their body, or by a function, table or macro that it uses.

Those of the same file are followed, and macros of the headers in test/. What tests share beyond that
is not: who opens a session by a helper has not tested how one is opened. A scenario is a test too.
"""
import re

import checklib

PUBLIC = ("test/api", "test/scenario")
INSIDE = ("test/unit", "test/wire")
_WORD = re.compile(r"[A-Za-z_]\w*")
_MACRO = re.compile(r"^#define (\w+)((?:[^\n\\]|\\.|\\\n)*)", re.M)
_DIRECTIVE = re.compile(r"^#(?:[^\n\\]|\\.|\\\n)*", re.M)
_PASTE = re.compile(r"(\w+)##\w+")
_CALL = re.compile(r"(\w+)\(([^()]*)")
_TEST = re.compile(r"static void (\w+)\(void \*\*state\)")
_SCENARIO = re.compile(r"^    \{\n.*?^    \},", re.M | re.DOTALL)
_TITLE = re.compile(r'\.title = "([^"]*)"')


def blocks(text):
    """(position, text) of what begins at the left edge and is no directive, up to the next one."""
    text = _DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    starts = [match.start() for match in re.finditer(r"^[A-Za-z_]", text, re.M)]
    for start, end in zip(starts, [*starts[1:], len(text)]):
        yield start, text[start:end]


def names_of(block):
    """What a block defines, as clang-format writes it: a function, a variable, constants of an enum."""
    head = re.split(r"[{=]", block, maxsplit=1)[0]
    if head == block:
        return []
    if head.startswith("enum"):
        return re.findall(r"(\w+)\s*(?:=|,|\})", block)
    match = (re.search(r"^\} (\w+)", block, re.M) or re.search(r"(\w+)\(", head) or
             re.search(r"(\w+)(\[[^\]]*\])*\s*$", head))
    return [match[1]] if match else []


class Macros:
    """{name: text}, and what each puts before an argument to make another word of it."""

    def __init__(self, text, others=None):
        self.texts = {**(others.texts if others else {}), **dict(_MACRO.findall(text))}
        self.prefixes = {name: self._prefixes(name, set()) for name in self.texts}

    def _prefixes(self, name, seen):
        if name not in self.texts or name in seen:
            return set()
        seen.add(name)
        called = (self._prefixes(inner, seen) for inner, _ in _CALL.findall(self.texts[name]))
        return set(_PASTE.findall(self.texts[name])).union(*called)

    def words(self, text):
        """The words of a text, with those that macros make of it."""
        made = (prefix + word for name, arguments in _CALL.findall(text)
                for prefix in self.prefixes.get(name, ()) for word in _WORD.findall(arguments))
        return set(_WORD.findall(text)).union(made)


class Test:
    def __init__(self, path, line, title, near, far):
        self.path, self.line, self.title = path, line, title
        self.near = near  # names of the API in its own body
        self.far = far  # and in all that it uses


def scenarios(tree, path, start, block):
    """(line, title, text) of each scenario in a list of them."""
    text = tree.read(path)
    for match in _SCENARIO.finditer(block):
        begin = start + match.start()
        if title := _TITLE.search(text, begin, start + match.end()):
            yield checklib.line_of(text, begin), title[1], match[0]


def file_tests(tree, path):
    """(line, title, text) of each test of a file."""
    for start, block in blocks(tree.code(path)):
        if match := _TEST.match(block):
            yield checklib.line_of(tree.read(path), start), match[1], block[match.end():]
        elif re.match(r"const struct scenario \w+\[\] = \{", block):
            yield from scenarios(tree, path, start, block)


def reached(text, macros, defined):
    """The words of a text and of all that it uses."""
    found, todo = set(), [text]
    while todo:
        for word in macros.words(todo.pop()) - found:
            found.add(word)
            todo += [known[word] for known in (macros.texts, defined) if word in known]
    return found


def find_tests(tree, names):
    """Every test, with those of the names that it uses."""
    shared = Macros("".join(tree.code(path) for path in tree.select("test", suffixes=(".h",))))
    for path in tree.select(*PUBLIC, *INSIDE, suffixes=(".c",)):
        macros = Macros(tree.code(path), shared)
        defined = {name: block for _, block in blocks(tree.code(path)) for name in names_of(block)}
        for line, title, text in file_tests(tree, path):
            yield Test(path, line, title, macros.words(text) & names,
                       reached(text, macros, defined) & names)


def is_public(test):
    return test.path.startswith(PUBLIC)


def rank(name, test):
    """The smaller, the more a test is about this name."""
    return not is_public(test), name not in test.near, len(test.far), test.path, test.line


def by_name(tree, names):
    """{name: the tests that use it, those that are most about it first}"""
    tests = list(find_tests(tree, names))
    return {name: sorted((test for test in tests if name in test.far),
                         key=lambda test, name=name: rank(name, test)) for name in names}
