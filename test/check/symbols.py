#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py BUILD_DIR: the shared library exports what the header declares and nothing else; the
static library brings no name into a program that could clash with the program's own."""
import glob
import os
import re
import subprocess
import sys
import tempfile

import checklib

HEADER = "include/winhttp.h"
WIDTHS = ("-fno-short-wchar", "-fshort-wchar")
OWN = re.compile(r"(wh_|WinHttp)\w+")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def own_part(preprocessed, folder):
    """Of the preprocessor's output, the text that stands in our headers."""
    kept, is_ours = [], False
    for line in preprocessed.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            is_ours = os.path.abspath(marker[1]).startswith(os.path.abspath(folder) + "/")
        elif is_ours:
            kept.append(line)
    return "\n".join(kept)


def statements(include, width):
    """What winhttp.h declares for that width of wchar_t, without attributes and bodies."""
    text = output(os.environ.get("CC", "cc"), "-E", width, "-I", include,
                  os.path.join(include, "winhttp.h"))
    text = re.sub(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)", " ", own_part(text, include))
    return re.sub(r"\{[^{}]*\}", " ", text).split(";")


def declarations(include, width):
    """{name: declaration} of the functions that winhttp.h declares for that width of wchar_t."""
    found = {}
    for statement in statements(include, width):
        match = re.search(r"\b(\w+)\s*\([^()]*(\([^()]*\)[^()]*)*\)\s*$", statement)
        if match and not re.match(r"\s*(typedef|static)\b", statement):
            found[match[1]] = " ".join(statement.split())
    return found


def declared_functions(include):
    """Names of the functions that winhttp.h declares, in both widths of wchar_t."""
    return {name for width in WIDTHS for name in declarations(include, width)}


def symbols(path, *options):
    """{name: type letter} of what a library defines for others."""
    found = {}
    for line in output("nm", "--defined-only", *options, path).splitlines():
        parts = line.split()
        if len(parts) >= 3 and len(parts[-2]) == 1:
            found[parts[-1].split("@")[0]] = parts[-2]
    return found


class Libraries:
    def __init__(self, include, shared, static):
        self.declared = declared_functions(include)
        self.exported = {n: t for n, t in symbols(shared, "-D").items() if t != "A"}
        self.archived = symbols(static, "-g")


def every_function_exported(libs):
    """Every function the header declares is exported."""
    for name in libs.declared - set(libs.exported):
        yield HEADER, 1, f"{name} is declared but not exported"
    if len(libs.declared) < 2:
        yield HEADER, 1, "no functions found in the header"


def nothing_else_exported(libs):
    """Nothing else is exported."""
    for name in set(libs.exported) - libs.declared:
        yield "lib/meson.build", 1, f"{name} is exported but not in the header"


def win32_is_weak(libs):
    """What belongs to Win32 and not to WinHTTP is weak, so that a program's own wins."""
    for name in libs.declared & set(libs.exported):
        if not name.startswith("WinHttp") and libs.exported[name] != "W":
            yield HEADER, 1, f"{name} is exported, but not weak"


def archive_is_clean(libs):
    """The static library's global names begin with wh_ or WinHttp, or are declared."""
    for name in set(libs.archived) - libs.declared:
        if not OWN.fullmatch(name):
            yield "lib/meson.build", 1, f"the static library defines {name} for everybody"


RULES = [every_function_exported, nothing_else_exported, win32_is_weak, archive_is_clean]

GOOD_HEADER = """
#include <stdlib.h>
#include "winhttp/types.h"
#define API __attribute__((visibility("default")))
typedef void (*CALLBACK_T)(int a, void (*b)(void));
struct s { int (*field)(int); };
#if __SIZEOF_WCHAR_T__ == 2
#define WinHttpOpen WinHttpOpen16
#endif
API int WinHttpOpen(int a);
API CALLBACK_T WinHttpSet(CALLBACK_T f, int (*g)(int));
static inline int helper(void) { return 0; }
"""
GOOD_TYPES = """
unsigned GetLastError(void);
"""
GOOD_SOURCE = """
#define API __attribute__((visibility("default")))
API int WinHttpOpen(int a) { return a; }
API int WinHttpOpen16(int a) { return a; }
API void *WinHttpSet(void *f, int (*g)(int)) { return g ? f : 0; }
API __attribute__((weak)) unsigned GetLastError(void) { return 0; }
int wh_inside(void) { return 1; }
"""
SAMPLES = [
    (GOOD_SOURCE, None),
    (GOOD_SOURCE.replace("API int WinHttpOpen16", "int WinHttpOpen16"), "WinHttpOpen16 is declared but not exported"),
    (GOOD_SOURCE + "API int wh_loud(void) { return 1; }\n", "wh_loud is exported but not"),
    (GOOD_SOURCE.replace("__attribute__((weak))", ""), "GetLastError is exported, but not weak"),
    (GOOD_SOURCE + "int llhttp_init(void) { return 1; }\n", "library defines llhttp_init"),
]


def run(libs):
    passed = 0
    for rule in RULES:
        broken = sorted(rule(libs))
        for path, line, message in broken:
            print(f"{path}:{line}: {message}")
        passed += not broken
    return passed, len(RULES) - passed


def build_sample(folder, source):
    checklib.write_tree(folder, {"include/winhttp.h": GOOD_HEADER,
                                 "include/winhttp/types.h": GOOD_TYPES, "a.c": source})
    path = {name: os.path.join(folder, name) for name in ("a.c", "a.o", "a.so", "a.a", "include")}
    compiler = os.environ.get("CC", "cc")
    output(compiler, "-c", "-fPIC", "-fvisibility=hidden", path["a.c"], "-o", path["a.o"])
    output(compiler, "-shared", path["a.o"], "-o", path["a.so"])
    output("ar", "rcs", path["a.a"], path["a.o"])
    return Libraries(path["include"], path["a.so"], path["a.a"])


def self_test():
    passed = 0
    for source, expected in SAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            libs = build_sample(folder, source)
        found = [message for rule in RULES for _, _, message in rule(libs)]
        if len(found) == bool(expected) and all(expected in message for message in found):
            passed += 1
        else:
            print(f"self-test: expected '{expected}', found {found}")
    checklib.finish("symbols self-test", passed, len(SAMPLES) - passed)


def find_libraries(build):
    shared = [p for p in glob.glob(build + "/**/libwinhttp.so*", recursive=True)
              if os.path.isfile(p) and not os.path.islink(p) and not p.endswith(".symbols")]
    static = glob.glob(build + "/**/libwinhttp.a", recursive=True)
    if not shared or not static:
        print(f"{build}:1: no libwinhttp.so and libwinhttp.a in there; build first")
        checklib.finish("symbols", 0, 1)
    return shared[0], static[0]


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    build = sys.argv[1] if sys.argv[1:] else os.path.join(checklib.ROOT, "build-test", "release")
    shared, static = find_libraries(build)
    libs = Libraries(os.path.join(checklib.ROOT, "include"), shared, static)
    print(f"{len(libs.declared)} functions declared, {len(libs.exported)} exported")
    checklib.finish("symbols", *run(libs))


if __name__ == "__main__":
    main()
