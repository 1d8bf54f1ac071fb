# SPDX-License-Identifier: MIT
"""What the checks of this directory share: finding files, reporting, and the self-test.

A check is a list of rules. A rule is a function that takes a Tree and yields (file, line, message)
for each place that breaks it; its doc string's first line says what it wants. Each rule counts as
one test case, however many places break it. A script calls main() with its rules and with samples:
small bad trees on which one named place must be reported. `SCRIPT --self-test` runs those.
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Tree:
    """The files of the repository (tracked, or new and not ignored), or of a made-up one."""

    def __init__(self, root, paths=None):
        self.root = root
        self.paths = sorted(paths if paths is not None else self._list())
        self._texts = {}

    def _list(self):
        command = ["git", "-c", f"safe.directory={self.root}", "ls-files", "-z",
                   "--cached", "--others", "--exclude-standard"]
        try:
            out = subprocess.run(command, cwd=self.root, check=True, capture_output=True)
            names = out.stdout.decode().split("\0")
        except (OSError, subprocess.CalledProcessError):
            names = self._walk()
        return {name for name in names if name and os.path.isfile(os.path.join(self.root, name))}

    def _walk(self):
        for folder, dirs, files in os.walk(self.root):
            dirs[:] = [d for d in dirs if d != ".git" and not d.startswith("build")]
            for name in files:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def select(self, *folders, suffixes=(".c", ".h", ".def")):
        """Paths inside the folders that end in one of the suffixes."""
        starts = tuple(folder + "/" for folder in folders)
        return [p for p in self.paths if p.startswith(starts) and p.endswith(suffixes)]

    def read(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def code(self, path):
        """The text with comments and the inside of literals blanked; lines and columns stay."""
        return blank(self.read(path))


_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def _blank_token(match):
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[-1]
    return re.sub(r"[^\n]", " ", text)


def blank(text):
    return _TOKEN.sub(_blank_token, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def includes(tree, path):
    """(line, is_quoted, name) of every include; those inside comments do not count."""
    text = tree.read(path)
    code = tree.code(path)
    for match in _INCLUDE.finditer(text):
        if code[match.start():match.start(1)] == text[match.start():match.start(1)]:
            yield line_of(text, match.start(1)), match.group(1) == '"', match.group(2)


def _title(rule):
    return rule.__doc__.strip().splitlines()[0]


def run_rules(tree, rules):
    passed = 0
    for rule in rules:
        broken = sorted(set(rule(tree)))
        for path, line, message in broken:
            print(f"{path}:{line}: {message}")
        passed += not broken
    return passed, len(rules) - passed


def write_tree(folder, files):
    for path, text in files.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        if text.startswith("#!"):
            os.chmod(full, 0o755)


def _try_sample(rules, good, sample):
    """None, or what went wrong with this sample."""
    files, expected = sample
    with tempfile.TemporaryDirectory() as folder:
        write_tree(folder, {**good, **files})
        tree = Tree(folder, {**good, **files})
        found = {f"{p}:{line}: {message}" for rule in rules for p, line, message in rule(tree)}
    if expected is None:
        return f"reported on a good tree: {sorted(found)}" if found else None
    if len(found) == 1 and expected in next(iter(found)):
        return None
    return f"expected only '{expected}', found {sorted(found)}"


def run_samples(rules, good, samples):
    """Each sample changes the good tree: ({path: text}, the one report expected)."""
    passed = 0
    cases = [({}, None)] + list(samples)
    for sample in cases:
        problem = _try_sample(rules, good, sample)
        if problem:
            print(f"self-test: {problem}")
        passed += problem is None
    return passed, len(cases) - passed


def finish(name, passed, failed):
    print(f"{name}: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def main(name, rules, good, samples):
    if sys.argv[1:] == ["--self-test"]:
        finish(f"{name} self-test", *run_samples(rules, good, samples))
    if sys.argv[1:]:
        print(f"usage: {sys.argv[0]} [--self-test]\n\nRules:", file=sys.stderr)
        for rule in rules:
            print(f"  {_title(rule)}", file=sys.stderr)
        sys.exit(2)
    finish(name, *run_rules(Tree(ROOT), rules))
