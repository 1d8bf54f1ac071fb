#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What no file of the repository may contain, and what every file must have."""
import os
import re
import subprocess
import tempfile

import checklib

CODE = (".c", ".h", ".def")
LICENSED = CODE + (".py", ".sh")
# Spelt apart, so that this file does not report itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|not implemen" r"ted|unimplemen" r"ted)\b")
ABSOLUTE = re.compile(r"(?<![\w.$}/])/(home|root|work|Users|mnt|srv)/")
ASSERTION = re.compile(r"assert_\w+|\bassert\b|\bcheck_\w+|\bexpect_\w+|\bfail\w*\(")


def lines(tree, path):
    return enumerate(tree.read(path).split("\n"), 1)


def text_files(tree):
    return [p for p in tree.paths if "\0" not in tree.read(p)]


def scripts(tree):
    return [p for p in tree.paths if tree.read(p).startswith("#!")]


def finished(tree):
    """Nothing says of itself that it is unfinished."""
    for path in text_files(tree):
        for number, line in lines(tree, path):
            if match := UNFINISHED.search(line):
                yield path, number, f"{match[0]}: finish it, or file an issue"


def no_machine_paths(tree):
    """Nothing names a folder of one particular machine."""
    for path in text_files(tree):
        for number, line in lines(tree, path):
            if match := ABSOLUTE.search(line):
                yield path, number, f"{match[0]} is a folder of somebody's machine"


def clean_ends(tree):
    """No blanks at line ends, no CR, no tab in code, one newline at the end of a file."""
    for path in text_files(tree):
        text = tree.read(path)
        for number, line in lines(tree, path):
            if line != line.rstrip():
                yield path, number, "blank or CR at the end of the line"
            if "\t" in line and path.endswith(LICENSED):
                yield path, number, "tab"
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield path, text.count("\n") + 1, "a file ends in exactly one newline"


def licensed(tree):
    """Code and scripts begin with their SPDX line."""
    for path in sorted(set(tree.select(*top_folders(tree), suffixes=LICENSED)) | set(scripts(tree))):
        if "SPDX-License-Identifier: MIT" not in "\n".join(tree.read(path).split("\n")[:2]):
            yield path, 1, "the SPDX line is missing"


def top_folders(tree):
    return sorted({p.split("/")[0] for p in tree.paths if "/" in p})


def introduced(tree):
    """A header, or a file without one, says what it is in a comment below the SPDX line."""
    for path in tree.select("lib", "include", "examples"):
        has_header = path.endswith(".c") and path[:-1] + "h" in tree.paths
        if not has_header and not re.match(r"/\*[^\n]*SPDX[^\n]*\*/\n/\*", tree.read(path)):
            yield path, 2, "the comment that says what this file is for is missing"


def comment_style(tree):
    """C comments are written /* */; include guards are WH_ROOM_FILE_H, not #pragma once."""
    for path in tree.select("lib", "include", "examples", "test", "bench", suffixes=CODE):
        text = tree.read(path)
        without = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"',
                         lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL)
        for match in re.finditer(r"//|#[ \t]*pragma[ \t]+once", without):
            yield path, checklib.line_of(without, match.start()), f"{match[0]} is not used here"


def guards(tree):
    """Headers of the library are guarded by WH_ROOM_FILE_H."""
    for path in tree.select("lib", suffixes=(".h",)):
        guard = "WH_" + re.sub(r"\W", "_", path[len("lib/"):]).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in tree.read(path):
            yield path, 1, f"the include guard is not {guard}"


def tests_assert(tree):
    """Every test program asserts something; some are programs of many files."""
    for path in tree.select("test", suffixes=(".c",)):
        is_part = path.startswith(("test/support/", "test/scenario/", "test/bulk/", "test/stress/"))
        if not is_part and not ASSERTION.search(tree.code(path)):
            yield path, 1, "this test asserts nothing"


def all_built(tree):
    """Every C file is named in the meson.build of its folder, else nobody would compile it."""
    for path in tree.select("lib", "examples", "test", suffixes=(".c",)):
        folder, name = os.path.split(path)
        build = folder + "/meson.build"
        names = {name, name[:-len(".c")]} if folder == "examples" else {name}
        text = tree.read(build) if build in tree.paths else ""
        if not any(f"'{known}'" in text for known in names):
            yield path, 1, f"is not named in {build}"


def scripts_run(tree):
    """Scripts are executable and parse."""
    for path in scripts(tree):
        full = os.path.join(tree.root, path)
        if not os.access(full, os.X_OK):
            yield path, 1, "has a #! line but is not executable"
        if "sh" in tree.read(path).split("\n")[0]:
            shell = subprocess.run(["bash", "-n", full], capture_output=True, text=True)
            if match := re.search(r"line (\d+): (.*)", shell.stderr):
                yield path, int(match[1]), match[2]
        elif "python" in tree.read(path).split("\n")[0]:
            try:
                compile(tree.read(path), path, "exec")
            except SyntaxError as error:
                yield path, error.lineno, error.msg


SPDX = "/* SPDX-License-Identifier: MIT */\n"
GOOD = {
    "README.md": "Text, with https://example.org/home/ and build/srv/ in it.\n",
    "lib/base/text.h": SPDX + "/* Text. See http://a */\n#ifndef WH_BASE_TEXT_H\n#define WH_BASE_TEXT_H\n#endif\n",
    "lib/base/text.c": SPDX + '\nconst char *s = "http://x";\n',
    "test/unit/base/text.c": SPDX + "assert_true(1);\n",
    "test/support/fake.c": SPDX + "int a;\n",
    "test/scenario/table.c": SPDX + "int a;\n",
    "lib/base/meson.build": "files('text.c', 'a.c')\n",
    "test/unit/base/meson.build": "files('text.c')\n",
    "test/support/meson.build": "files('fake.c', 'a.c')\n",
    "test/scenario/meson.build": "files('table.c')\n",
    "test/api/meson.build": "files('a.c')\n",
    "tools/a": "#!/usr/bin/env bash\n# SPDX-License-Identifier: MIT\ntrue\n",
    "tools/b.py": "#!/usr/bin/env python3\n# SPDX-License-Identifier: MIT\npass\n",
}
SAMPLES = [
    ({"lib/base/a.c": SPDX + "/* A */\n/* TO" "DO: more */\n"}, "lib/base/a.c:3: TO" "DO"),
    ({"docs/a.md": "is not implemen" "ted yet\n"}, "docs/a.md:1: not implemen" "ted"),
    ({"docs/a.md": "see /ho" "me/me/x\n"}, "docs/a.md:1: /ho" "me/ is a folder"),
    ({"docs/a.md": "a \n"}, "docs/a.md:1: blank"),
    ({"docs/a.md": "a\n\n"}, "docs/a.md:3: a file ends"),
    ({"lib/base/a.c": SPDX + "/* A */\n\tint a;\n"}, "lib/base/a.c:3: tab"),
    ({"test/support/a.c": "int a;\n"}, "test/support/a.c:1: the SPDX line"),
    ({"tools/c": "#!/bin/sh\ntrue\n"}, "tools/c:1: the SPDX line"),
    ({"lib/base/a.c": SPDX + "int a;\n"}, "lib/base/a.c:2: the comment that says"),
    ({"lib/base/a.c": SPDX + "/* A */\nint a; // b\n"}, "lib/base/a.c:3: // is not used"),
    ({"test/support/a.h": SPDX + "#pragma once\n"}, "test/support/a.h:2: #pragma once"),
    ({"lib/base/a.h": SPDX + "/* A */\n#ifndef A_H\n#define A_H\n#endif\n"}, "lib/base/a.h:1: the incl"),
    ({"test/api/a.c": SPDX + "int main(void);\n"}, "test/api/a.c:1: this test asserts nothing"),
    ({"lib/base/b.c": SPDX + "/* B */\n"}, "lib/base/b.c:1: is not named in lib/base/meson.build"),
    ({"test/wire/b.c": SPDX + "assert_true(1);\n"}, "test/wire/b.c:1: is not named"),
    ({"tools/c": "#!/bin/sh\n# SPDX-License-Identifier: MIT\nif\n"}, "tools/c:4: syntax error"),
    ({"tools/c.py": "#!/usr/bin/env python3\n# SPDX-License-Identifier: MIT\ndef\n"}, "tools/c.py:3: "),
]
RULES = [finished, no_machine_paths, clean_ends, licensed, introduced, comment_style, guards,
         tests_assert, all_built, scripts_run]


def not_executable_is_reported():
    with tempfile.TemporaryDirectory() as folder:
        files = {"tools/a": GOOD["tools/a"]}
        checklib.write_tree(folder, files)
        os.chmod(os.path.join(folder, "tools/a"), 0o644)
        assert list(scripts_run(checklib.Tree(folder, files))), "a script that cannot be run"


if __name__ == "__main__":
    not_executable_is_reported()
    checklib.main("hygiene", RULES, GOOD, SAMPLES)
