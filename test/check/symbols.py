#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py BUILD_DIR: the shared library exports what the header declares and nothing else, and
libwinhttp16.so the plain names of what has text; the static library brings no name into a program that
could clash with the program's own; none of them writes keys where the environment says."""
import glob
import os
import re
import subprocess
import sys
import tempfile

import checklib

HEADER = "include/winhttp.h"
EXTENSIONS = "winhttp/extensions.h"
NAMES16 = "lib/names16.py"
WIDTHS = ("-fno-short-wchar", "-fshort-wchar")
KEY_LOG = b"SSLKEYLOGFILE"
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


def statements(include, width, header="winhttp.h"):
    """What the header declares for that width of wchar_t, without attributes and bodies."""
    text = output(os.environ.get("CC", "cc"), "-E", width, "-I", include,
                  os.path.join(include, header))
    text = re.sub(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)", " ", own_part(text, include))
    return re.sub(r"\{[^{}]*\}", " ", text).split(";")


def declarations(include, width, header="winhttp.h"):
    """{name: declaration} of the functions that the header declares for that width of wchar_t."""
    found = {}
    for statement in statements(include, width, header):
        match = re.search(r"\b(\w+)\s*\([^()]*(\([^()]*\)[^()]*)*\)\s*$", statement)
        if match and not re.match(r"\s*(typedef|static)\b", statement):
            found[match[1]] = " ".join(statement.split())
    return found


def declared_functions(include, header="winhttp.h"):
    """Names of the functions that the header declares, in both widths of wchar_t."""
    return {name for width in WIDTHS for name in declarations(include, width, header)}


def all_functions(include):
    """Those of winhttp.h, and what the library has beyond them."""
    is_extended = os.path.exists(os.path.join(include, EXTENSIONS))
    return declared_functions(include, EXTENSIONS if is_extended else "winhttp.h")


def symbols(path, *options):
    """{name: type letter} of what a library defines for others."""
    found = {}
    for line in output("nm", "--defined-only", *options, path).splitlines():
        parts = line.split()
        if len(parts) >= 3 and len(parts[-2]) == 1:
            found[parts[-1].split("@")[0]] = parts[-2]
    return found


def has_text(path, text):
    with open(path, "rb") as file:
        return text in file.read()


class Libraries:
    def __init__(self, include, shared, shared16, static):
        self.declared = all_functions(include)
        self.exported = {n: t for n, t in symbols(shared, "-D").items() if t != "A"}
        self.exported16 = {n: t for n, t in symbols(shared16, "-D").items() if t != "A"}
        self.archived = symbols(static, "-g")
        self.that_log_keys = [path for path in (shared, static) if has_text(path, KEY_LOG)]

    def twofold(self):
        """The plain names of the functions that exist in both widths."""
        return {name for name in self.declared if name + "16" in self.declared}


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
    for name in libs.twofold() & set(libs.exported16):
        if not name.startswith("WinHttp") and libs.exported16[name] != "W":
            yield NAMES16, 1, f"{name} of libwinhttp16.so is not weak"


def plain_names_complete(libs):
    """libwinhttp16.so has the plain name of each ...16 function of libwinhttp.so, and nothing else."""
    for name in libs.twofold() - set(libs.exported16):
        yield NAMES16, 1, f"{name}16 is declared, but libwinhttp16.so has no {name}"
    for name in set(libs.exported16) - libs.twofold():
        yield NAMES16, 1, f"libwinhttp16.so has {name}, but no {name}16 is declared"


def archive_is_clean(libs):
    """The static library's global names begin with wh_ or WinHttp, or are declared."""
    for name in set(libs.archived) - libs.declared:
        if not OWN.fullmatch(name):
            yield "lib/meson.build", 1, f"the static library defines {name} for everybody"


def logs_no_keys(libs):
    """-Dkeylog=enabled is not what one gets without asking."""
    if libs.that_log_keys:
        yield "meson_options.txt", 1, f"{KEY_LOG.decode()} works in {' and '.join(libs.that_log_keys)}"


RULES = [every_function_exported, nothing_else_exported, win32_is_weak, plain_names_complete,
         archive_is_clean, logs_no_keys]

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
GOOD_SOURCE16 = """
__attribute__((visibility("default"))) int WinHttpOpen(int a) { return a; }
"""
SAMPLES = [
    (GOOD_SOURCE, GOOD_SOURCE16, None),
    (GOOD_SOURCE.replace("API int WinHttpOpen16", "int WinHttpOpen16"), GOOD_SOURCE16,
     "WinHttpOpen16 is declared but not exported"),
    (GOOD_SOURCE + "API int wh_loud(void) { return 1; }\n", GOOD_SOURCE16, "wh_loud is exported but not"),
    (GOOD_SOURCE.replace("__attribute__((weak))", ""), GOOD_SOURCE16,
     "GetLastError is exported, but not weak"),
    (GOOD_SOURCE + "int llhttp_init(void) { return 1; }\n", GOOD_SOURCE16,
     "library defines llhttp_init"),
    (GOOD_SOURCE + 'const char *wh_name(void) { return "SSLKEYLOGFILE"; }\n', GOOD_SOURCE16,
     "SSLKEYLOGFILE works in"),
    (GOOD_SOURCE, "", "libwinhttp16.so has no WinHttpOpen"),
    (GOOD_SOURCE, GOOD_SOURCE16 + GOOD_SOURCE16.replace("WinHttpOpen", "wh_b"), "no wh_b16 is declared"),
]


def run(libs):
    passed = 0
    for rule in RULES:
        broken = sorted(rule(libs))
        for path, line, message in broken:
            print(f"{path}:{line}: {message}")
        passed += not broken
    return passed, len(RULES) - passed


def build_sample(folder, source, source16):
    checklib.write_tree(folder, {"include/winhttp.h": GOOD_HEADER,
                                 "include/winhttp/types.h": GOOD_TYPES,
                                 "a.c": source, "b.c": source16})
    compiler = [os.environ.get("CC", "cc"), "-fPIC", "-fvisibility=hidden"]
    a, b, include = (os.path.join(folder, name) for name in ("a", "b", "include"))
    for path in (a, b):
        output(*compiler, "-c", path + ".c", "-o", path + ".o")
        output(*compiler, "-shared", path + ".o", "-o", path + ".so")
    output("ar", "rcs", a + ".a", a + ".o")
    return Libraries(include, a + ".so", b + ".so", a + ".a")


def self_test():
    passed = 0
    for source, source16, expected in SAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            libs = build_sample(folder, source, source16)
        found = [message for rule in RULES for _, _, message in rule(libs)]
        if len(found) == bool(expected) and all(expected in message for message in found):
            passed += 1
        else:
            print(f"self-test: expected '{expected}', found {found}")
    checklib.finish("symbols self-test", passed, len(SAMPLES) - passed)


def find_libraries(build):
    """libwinhttp.so, libwinhttp16.so and libwinhttp.a."""
    found = []
    for pattern in ("libwinhttp.so*", "libwinhttp16.so*", "libwinhttp.a"):
        found += [p for p in glob.glob(build + "/**/" + pattern, recursive=True) if os.path.isfile(p)
                  and not os.path.islink(p) and not p.endswith(".symbols")][:1]
    if len(found) != 3:
        print(f"{build}:1: no libwinhttp.so, libwinhttp16.so and libwinhttp.a in there; build first")
        checklib.finish("symbols", 0, 1)
    return found


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    build = sys.argv[1] if sys.argv[1:] else os.path.join(checklib.ROOT, "build-test", "release")
    libs = Libraries(os.path.join(checklib.ROOT, "include"), *find_libraries(build))
    print(f"{len(libs.declared)} functions declared, {len(libs.exported)} exported, "
          f"{len(libs.exported16)} with plain names for text of 16 bits")
    checklib.finish("symbols", *run(libs))


if __name__ == "__main__":
    main()
