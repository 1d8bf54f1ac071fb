#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every header compiles alone and without a warning: the public ones in each language and with each
width of wchar_t, those of lib/ as C11. A port's own Win32 layer can come first."""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

import checklib

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Wshadow", "-Werror"]
PUBLIC = ["c99", "c11", "c++98", "c++11", "c++17"]
PRIVATE = ["c11"]
WIDTHS = ["-fno-short-wchar", "-fshort-wchar"]
# A header without any declaration is no translation unit; and a guard must hold.
ALONE = '#include "{0}"\n#include "{0}"\ntypedef int unit;\n'

# A port's windows.h, as far as winhttp.h needs it.
PORT = """
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#define WINHTTP_NO_WIN32_TYPES
#define VOID void
#define CONST const
typedef int BOOL, INT; typedef unsigned UINT; typedef uint8_t BYTE; typedef int32_t LONG;
typedef uint16_t WORD, USHORT;
typedef uint32_t DWORD, ULONG; typedef uint64_t ULONGLONG; typedef uintptr_t DWORD_PTR;
typedef void *PVOID, *LPVOID, *HANDLE; typedef const void *LPCVOID; typedef DWORD *LPDWORD, *PDWORD;
typedef wchar_t WCHAR, *LPWSTR, *PWSTR; typedef const wchar_t *LPCWSTR, *PCWSTR;
typedef char *LPSTR; typedef const char *PCSTR;
typedef struct { WORD a[8]; } SYSTEMTIME; typedef struct { DWORD a[2]; } FILETIME;
typedef struct { DWORD a[4]; } GUID; typedef struct sockaddr_storage SOCKADDR_STORAGE;
typedef struct { DWORD a[7]; } SecPkgContext_ConnectionInfo;
typedef struct { DWORD a[12]; WCHAR b[5][64]; } SecPkgContext_CipherInfo;
"""
CALL = """
BOOL call(void);
BOOL call(void) {{ return WinHttpCloseHandle({}(NULL, 0, NULL, NULL, 0)); }}
"""
INCLUDE = "#include <winhttp.h>\n"
LIBRARY = "algorithm atomic filesystem fstream functional iostream locale map memory regex string thread"
PLAIN = "#define WINHTTP_PLAIN_NAMES\n"
TWO_BYTES = "#include <stdint.h>\n#define WINHTTP_WCHAR uint16_t\n#define WINHTTP_WCHAR_SIZE 2\n"

# (what, language, width of wchar_t, source, whether it compiles)
PORTS = [
    ("a port that has every type", "c99", 4, PORT + INCLUDE, True),
    ("a port that has every type", "c++98", 4, PORT + INCLUDE, True),
    ("a port that has every type, with 2-byte wchar_t", "c99", 2, PORT + INCLUDE, True),
    ("a port's own structure", "c11", 4,
     "#define WINHTTP_HAVE_FILETIME\ntypedef struct { unsigned a[2]; } FILETIME;\n" + INCLUDE, True),
    ("a port's own number in C99", "c99", 4,
     "#define WINHTTP_HAVE_DWORD\ntypedef unsigned DWORD;\n" + INCLUDE, True),
    ("the same number once more in C11", "c11", 4, "typedef unsigned DWORD;\n" + INCLUDE, True),
    ("the same number once more in C++", "c++98", 4, "typedef unsigned DWORD;\n" + INCLUDE, True),
    ("a number of another size is refused", "c11", 4,
     "#define WINHTTP_HAVE_DWORD\ntypedef unsigned long long DWORD;\n" + INCLUDE, False),
    ("a WCHAR of another size is refused", "c11", 4,
     "#define WINHTTP_HAVE_WCHAR\ntypedef unsigned short WCHAR;\n" + INCLUDE, False),
    ("bool and BOOL", "c11", 4, "#include <stdbool.h>\n" + INCLUDE + "bool a(BOOL b);\n", True),
    ("TRUE and NULL of others", "c11", 4,
     "#include <stdio.h>\n#define TRUE (!FALSE)\n#define FALSE (0)\n" + INCLUDE, True),
    ("errors of others", "c11", 4, "#define ERROR_SUCCESS 0L\n" + INCLUDE, True),
    ("a port's own GetLastError", "c11", 4,
     "unsigned GetLastError(void);\nvoid SetLastError(unsigned);\n" + INCLUDE, True),
    ("GetLastError as a macro", "c11", 4, "#define GetLastError() 0u\n" + INCLUDE, True),
    ("GetLastError of another kind", "c++98", 4,
     "int GetLastError();\n#define WINHTTP_NO_WIN32_FUNCTIONS\n" + INCLUDE, True),
    ("schemes as wininet.h counts them are refused", "c11", 4,
     "#define INTERNET_SCHEME_HTTP 3\n" + INCLUDE, False),
    ("4 bytes take the plain name", "c11", 4, INCLUDE + CALL.format("WinHttpOpen"), True),
    ("4 bytes know no other name", "c11", 4, INCLUDE + CALL.format("WinHttpOpen16"), False),
    ("2 bytes take the plain name", "c11", 2, INCLUDE + CALL.format("WinHttpOpen"), True),
    ("which means the other one", "c11", 2, INCLUDE + CALL.format("WinHttpOpen16"), True),
    ("another WCHAR of 2 bytes means it too", "c11", 4,
     TWO_BYTES + INCLUDE + CALL.format("WinHttpOpen16") + "extern uint16_t a[]; extern WCHAR a[];\n",
     True),
    ("words of Win32 can be left out", "c99", 4,
     "#define WINHTTP_NO_PORT\n" + INCLUDE + "extern int MAX_PATH, TEXT, IN, FAILED, HMODULE;\n", True),
    ("and are there else", "c99", 4, INCLUDE + "extern int MAX_PATH;\n", False),
    ("the C++ library behind them", "c++17", 4,
     INCLUDE + "".join(f"#include <{name}>\n" for name in LIBRARY.split()), True),
    ("plain names of 2 bytes", "c11", 2, PLAIN + INCLUDE + CALL.format("WinHttpOpen"), True),
    ("plain names know no other name", "c11", 2, PLAIN + INCLUDE + CALL.format("WinHttpOpen16"), False),
    ("plain names of 4 bytes are refused", "c11", 4, PLAIN + INCLUDE, False),
]


def compilers():
    """The one in $CC, and the other of the two that are supported, if it is there."""
    first = os.environ.get("CC", "gcc")
    others = [name for name in ("gcc", "clang") if name not in first and shutil.which(name)]
    return [first] + others


def compile_text(tree, compiler, language, flags, text):
    """(whether it compiles, what the compiler said)."""
    kind = "c++" if "++" in language else "c"
    folders = ["-I", os.path.join(tree.root, "include"), "-I", os.path.join(tree.root, "lib")]
    command = [*compiler.split(), f"-std={language}", "-D_POSIX_C_SOURCE=200809L", *WARNINGS, *flags,
               *folders, "-x", kind, "-fsyntax-only", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return done.returncode == 0, done.stderr


def headers(tree):
    """(header, the name others include it by, the languages it must compile as)."""
    for path in tree.select("include", suffixes=(".h",)):
        yield path, path[len("include/"):], PUBLIC
    for path in tree.select("lib", suffixes=(".h",)):
        yield path, path[len("lib/"):], PRIVATE


def cases(tree, ports):
    """(file, what, compiler, language, flags, text, whether it compiles)."""
    for compiler in compilers():
        for path, name, languages in headers(tree):
            for language in languages:
                for width in WIDTHS:
                    what = f"{compiler} -std={language} {width}"
                    yield path, what, compiler, language, [width], ALONE.format(name), True
        for what, language, width, text, good in ports:
            flags = ["-fshort-wchar"] if width == 2 else []
            what = f"{what} ({compiler} -std={language})"
            yield "include/winhttp.h", what, compiler, language, flags, text, good


def check(tree, case):
    """None, or the report."""
    path, what, compiler, language, flags, text, expected = case
    good, said = compile_text(tree, compiler, language, flags, text)
    if good == expected:
        return None
    reason = next((line for line in said.splitlines() if "error" in line), "it compiles")
    return f"{path}:1: {what}: {reason}"


def run(tree, ports):
    """The reports, one per case that failed, and how many cases there were."""
    todo = list(cases(tree, ports))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda case: check(tree, case), todo))
    return [report for report in results if report], len(todo)


REPOSITORY = checklib.Tree(checklib.ROOT)
GOOD = {name: REPOSITORY.read(name) for name in REPOSITORY.select("include", suffixes=(".h",))}
GOOD["lib/base/a.h"] = "#ifndef A\n#define A\n#include <stdint.h>\nuint8_t a(void);\n#endif\n"
SAMPLES = [
    ({}, None),
    ({"lib/base/a.h": "#ifndef A\n#define A\nuint8_t a(void);\n#endif\n"}, "lib/base/a.h:1: "),
    ({"lib/base/a.h": "struct a { int b; };\n"}, "lib/base/a.h:1: "),
    ({"include/winhttp/proxy.h": "#ifndef A\n#define A\nenum a { B, };\n#endif\n"}, "-std=c++98"),
]


def self_test():
    passed = 0
    for files, expected in SAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            checklib.write_tree(folder, {**GOOD, **files})
            reports, _ = run(checklib.Tree(folder, {**GOOD, **files}), [])
        if bool(reports) == bool(expected) and (not expected or expected in reports[0]):
            passed += 1
        else:
            print(f"self-test: expected '{expected}', found {reports}")
    checklib.finish("headers self-test", passed, len(SAMPLES) - passed)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    reports, count = run(REPOSITORY, PORTS)
    print("".join(report + "\n" for report in reports), end="")
    checklib.finish("headers", count - len(reports), len(reports))


if __name__ == "__main__":
    main()
