# SPDX-License-Identifier: MIT
"""calls.py INCLUDE: prints a C program that calls every function the public header in that folder
declares, each with nothing but zeroes, which all of them must stand."""
import re
import sys

from symbols import declarations


def call(name, declaration):
    parameters = re.search(rf"\b{name}\s*\((.*)\)", declaration, re.S)[1].split(",")
    kinds = [re.sub(r"\w+\s*$", "", part).strip() for part in parameters]
    return f"    (void){name}({', '.join(f'({kind})0' for kind in kinds if kind)});"


def main():
    functions = declarations(sys.argv[1], "-fno-short-wchar")
    print("#include <winhttp.h>\n\nint main(void)\n{")
    for name in sorted(functions):
        print(call(name, functions[name]))
    print("    return 0;\n}")


if __name__ == "__main__":
    main()
