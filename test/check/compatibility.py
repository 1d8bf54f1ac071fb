#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/compatibility.md: what of the API works, is partial or not available, and the tests that show
it. `compatibility.py --markdown` prints it from the public headers, the tables of options and
notifications, the tests, and compatibility.tsv, which says what does not simply work, and why.

In that table, `of` is what a name belongs to, where a test of its own would show nothing more: the
flags of a function that is not available. That functions do what is said here when they are called
is shown by test/api/trace.py.
"""
import csv
import fnmatch
import io
import os
import re
import sys
import tempfile

import checklib
import evidence
import options
import symbols

HEADER = "include/winhttp.h"
CONSTANTS = "include/winhttp/constants.h"
TABLE = "test/check/compatibility.tsv"
NOTICES = "lib/object/notice.def"
DOCUMENT = "docs/compatibility.md"
COMMAND = f"test/check/compatibility.py --markdown > {DOCUMENT}"

WORKS, PARTIAL, NOT_AVAILABLE = "works", "partial", "not available"
SHOWN_TESTS = 2
FUNCTIONS, WIN32 = "Functions", "Functions of Win32"
# (title, which constants); the first one that fits has it. None is no section.
FAMILIES = [
    (None, r"HTTP_STATUS_\w+|WINHTTP_FEATURE_\w+|WINHTTP_(FIRST|LAST)_OPTION|WINHTTP_QUERY_MAX|"
           r"\w+(?<!ADDREQ_INDEX)_MASK|WINHTTP_OPTION_REDIRECT_POLICY_(LAST|DEFAULT)|"
           r"WINHTTP_AUTOLOGON_SECURITY_LEVEL_(MAX|DEFAULT)|NETWORKING_KEY_BUFSIZE|"
           r"WINHTTP_WEB_SOCKET_M\w+|WINHTTP_OPTION_REQUEST_ANNOTATION_MAX_LENGTH|"
           r"INTERNET_SCHEME_SOCKS"),
    ("Values of options",
     r"WINHTTP_(OPTION_REDIRECT_POLICY|DISABLE|ENABLE|DECOMPRESSION_FLAG|PROTOCOL_FLAG|HANDLE_TYPE|"
     r"CONNS_PER_SERVER|CONNECTION_RETRY_CONDITION|MATCH_CONNECTION_GUID_FLAG|REQUEST_STAT_FLAG|"
     r"RESOLVER_CACHE_CONFIG_FLAG|AUTOLOGON_SECURITY_LEVEL|PROXY_DISABLE|SERVER_CERT_CHAIN)_\w+"),
    ("Options", r"WINHTTP_OPTION_\w+"),
    ("Faults of certificates", r"WINHTTP_CALLBACK_STATUS_FLAG_\w+"),
    ("Notifications", r"WINHTTP_CALLBACK_STATUS_\w+"),
    ("Filters of notifications", r"WINHTTP_CALLBACK_FLAG_\w+"),
    ("Calls that REQUEST_ERROR names", r"API_\w+"),
    ("TLS", r"WINHTTP_FLAG_SECURE_PROTOCOL_\w+|SECURITY_FLAG_\w+"),
    ("Sessions and requests", r"WINHTTP_(ACCESS_TYPE|FLAG)_\w+|INTERNET_\w+"),
    ("Headers of requests, and bodies",
     r"WINHTTP_(ADDREQ|EXTENDED_HEADER_FLAG|IGNORE_REQUEST|READ_DATA_EX_FLAG)_\w+"),
    ("Groups of connections", r"WINHTTP_QUERY_CONNECTION_GROUP_FLAG_\w+"),
    ("Headers of responses", r"WINHTTP_QUERY_\w+"),
    ("Authentication", r"WINHTTP_AUTH_\w+"),
    ("URLs", r"ICU_\w+"),
    ("Proxies", r"WINHTTP_(AUTOPROXY|AUTO_DETECT_TYPE|PROXY_TYPE|PROXY_NOTIFY|RESET)_\w+"),
]
ORDER = [FUNCTIONS, WIN32, "Options", "Values of options", "Notifications",
         "Filters of notifications", "Calls that REQUEST_ERROR names", "Sessions and requests",
         "Headers of requests, and bodies", "Headers of responses", "Groups of connections", "TLS",
         "Faults of certificates", "Authentication", "URLs", "Proxies"]

INTRODUCTION = f"""# What works

Every function, option, notification and flag of the API, what of it this library has, and tests that
show it. Generated from the headers, the library's tables, the tests and `{TABLE}`;
to change this page, change those and run `{COMMAND}`.

- **works**: as documented for Windows; `decisions.md` has what Windows leaves open.
- **partial**: what is missing stands there.
- **not available**: refused with an error, or never there; why stands there.

A function that works has been called there with success, one that is not available has failed. Tests
are called by their program in `test/` of a build folder and their name in it, scenarios by their title
in `notifications.md`. A single name in the last column is what something belongs to, and shown with.
"""


# ---- What there is ----

def family_of(name):
    """The title of a constant's section; None for none; False if nothing fits."""
    return next((title for title, pattern in FAMILIES if re.fullmatch(pattern, name)), False)


def constants(tree):
    return re.findall(r"^#define (\w+) \S", tree.read(CONSTANTS), re.M)


def functions(tree):
    """{name: title}; a program never writes WinHttp...16."""
    declared = symbols.declarations(os.path.join(tree.root, "include"), symbols.WIDTHS[0])
    return {name: FUNCTIONS if name.startswith("WinHttp") else WIN32 for name in sorted(declared)}


def sections(tree):
    """{title: names}"""
    found = {title: [] for title in ORDER}
    for name, title in functions(tree).items():
        found[title].append(name)
    for name in constants(tree):
        if title := family_of(name):
            found[title].append(name)
    return found


# ---- What is claimed ----

class Claim:
    def __init__(self, state, why="", of="", line=0):
        self.state, self.why, self.of, self.line = state, why, of, line


def table(tree):
    return list(csv.DictReader(io.StringIO(tree.read(TABLE)), delimiter="\t",
                               quoting=csv.QUOTE_NONE))


def table_claims(tree, names):
    """(name, claim) for everything that the table says; a pattern that fits nothing is its name."""
    for line, row in enumerate(table(tree), 2):
        claim = Claim(row["state"], row["why"], row["of"], line)
        for pattern in row["names"].split():
            for name in fnmatch.filter(names, pattern) or [pattern]:
                yield name, claim


def option_claims(tree):
    """{name: claim} for the options of the library's table, which says why for those it refuses."""
    claims_of = {"REFUSED": lambda row: Claim(NOT_AVAILABLE, row["why"]),
                 "LATER": lambda row: Claim(NOT_AVAILABLE, "comes with " + row["why"])}
    return {"WINHTTP_OPTION_" + row["name"]: claims_of.get(row["macro"], lambda _: Claim(WORKS))(row)
            for row in options.rows(tree.root) if row["macro"] != "OURS"}


def sent(tree):
    """The notifications that the library sends."""
    return {"WINHTTP_CALLBACK_STATUS_" + name
            for name in re.findall(r"^WH_NOTICE\((\w+)", tree.read(NOTICES), re.M)}


def claims(tree):
    """{name: claim} for every name, in the sections' order."""
    names = [name for part in sections(tree).values() for name in part]
    said = {**option_claims(tree), **dict(table_claims(tree, names))}
    return {name: said.get(name, Claim(WORKS)) for name in names}


# ---- What shows it ----

def is_refusing(test):
    return re.search("refused|not_available", test.title) is not None


def tests_of(tree, known):
    """{name: the tests that show its claim}. That something works is not shown by refusing it."""
    found = {}
    for name, tests in evidence.by_name(tree, set(known)).items():
        refusing = [test for test in tests if is_refusing(test)]
        others = [test for test in tests if not is_refusing(test)]
        found[name] = refusing + others if known[name].state == NOT_AVAILABLE else others
    return found


# ---- The rules ----

def every_constant_has_a_place(tree):
    """Every constant belongs to a section, or is known to belong to none."""
    for name in constants(tree):
        if family_of(name) is False:
            yield CONSTANTS, 1, f"{name} belongs to no section of {DOCUMENT}"


def the_table_is_about_something(tree):
    """The table names what there is, once, says why, and what a name belongs to is there."""
    known = claims(tree)
    seen = {}
    for name, claim in table_claims(tree, known):
        if name not in known:
            yield TABLE, claim.line, f"there is no {name}"
        if name in seen:
            yield TABLE, claim.line, f"{name} stands in line {seen[name]} already"
        if claim.state not in (PARTIAL, NOT_AVAILABLE) or not claim.why:
            yield TABLE, claim.line, f"{name}: neither partial nor not available, or no reason"
        if claim.of and (claim.of not in known or known[claim.of].state == WORKS):
            yield TABLE, claim.line, f"{name}: of {claim.of}, which is not there, or works"
        seen[name] = claim.line


def the_tables_agree(tree):
    """What the library's tables have is not said to be missing, nor the other way round."""
    known = claims(tree)
    for name, claim in option_claims(tree).items():
        if name in known and (known[name].state == NOT_AVAILABLE) != (claim.state == NOT_AVAILABLE):
            yield TABLE, known[name].line, f"{name} is {claim.state} in {options.TABLE}"
    for name in sections(tree)["Options"]:
        if known[name].state != NOT_AVAILABLE and name not in option_claims(tree):
            yield options.TABLE, 1, f"{name} is {known[name].state}, and is not there"
    for name in sections(tree)["Notifications"]:
        if (known[name].state == NOT_AVAILABLE) == (name in sent(tree)):
            yield NOTICES, 1, f"{name} is {known[name].state}, and is " + (
                "there" if name in sent(tree) else "not there")


def every_claim_is_shown(tree):
    """A test shows every claim, or that of what the name belongs to."""
    known = claims(tree)
    tests = tests_of(tree, known)
    for name, claim in known.items():
        if not claim.of and not tests[name]:
            yield HEADER, 1, f"{name} is {claim.state}, and no test shows it"


def the_document_is_current(tree):
    """docs/compatibility.md is what this script prints."""
    if DOCUMENT not in tree.paths or tree.read(DOCUMENT) != markdown(tree):
        yield DOCUMENT, 1, f"is out of date: {COMMAND}"


RULES = [every_constant_has_a_place, the_table_is_about_something, the_tables_agree,
         every_claim_is_shown, the_document_is_current]


# ---- The document ----

def anchor(title):
    """Of a heading, as GitHub makes it."""
    return re.sub(r"[^\w-]", "", title.replace(" ", "-")).lower()


def program_of(path):
    """api-max_conns, of test/api/test_max_conns.c."""
    return re.sub(r"test_(\w+)\.c$", r"\1", path[len("test/"):]).replace("/", "-")


def show(test):
    if test.path.startswith("test/scenario/"):
        return f"[{test.title}](notifications.md#{anchor(test.title)})"
    return f"`{program_of(test.path)}` {test.title}"


def rows(names, known, tests):
    for name in names:
        claim = known[name]
        state = f"{claim.state}: {claim.why}" if claim.why else claim.state
        shown = f"{claim.of}" if claim.of else ", ".join(map(show, tests[name][:SHOWN_TESTS]))
        yield f"| {name} | {state} | {shown} |\n"


def count(names, known):
    return " | ".join(str(sum(known[name].state == state for name in names))
                      for state in (WORKS, PARTIAL, NOT_AVAILABLE))


def markdown(tree):
    known = claims(tree)
    tests = tests_of(tree, known)
    parts = {title: names for title, names in sections(tree).items() if names}
    text = INTRODUCTION + "\n| | works | partial | not available |\n| --- | --- | --- | --- |\n"
    text += "".join(f"| [{title}](#{anchor(title)}) | {count(names, known)} |\n"
                    for title, names in parts.items())
    for title, names in parts.items():
        text += f"\n## {title}\n\n| Name | State | Shown by |\n| --- | --- | --- |\n"
        text += "".join(rows(names, known, tests))
    return text


# ---- The self-test ----

GOOD = {
    HEADER: '#include "winhttp/constants.h"\nint WinHttpOpen(int a);\nint WinHttpGone(void);\n'
            "int GetLastError(void);\n",
    CONSTANTS: """#define HTTP_STATUS_OK 200
#define WINHTTP_FLAG_ASYNC 1
#define WINHTTP_OPTION_CALLBACK 1
#define WINHTTP_OPTION_NEVER 2
#define WINHTTP_DISABLE_COOKIES 1
#define WINHTTP_CALLBACK_STATUS_REDIRECT 1
#define WINHTTP_CALLBACK_STATUS_CLOSE_COMPLETE 2
#define WINHTTP_CALLBACK_FLAG_REDIRECT 1
""",
    options.EXTENSIONS: "/* none */\n",
    options.TABLE: 'WH_OPTION_APART(CALLBACK, POINTER, S, S, "-", "it")\nWH_OPTION_REFUSED(NEVER, "no")\n',
    NOTICES: "WH_NOTICE(REDIRECT, URL)\n",
    "test/api/test_a.c": """#define OPEN(access) WinHttpOpen(access)

static const struct {
    int flag;
} flags[] = {{WINHTTP_FLAG_ASYNC}};

enum { COOKIES = WINHTTP_DISABLE_COOKIES };

static int use(int option)
{
    /* WINHTTP_CALLBACK_FLAG_REDIRECT */
    return WINHTTP_OPTION_CALLBACK + flags[0].flag + COOKIES;
}

static void it_opens(void **state)
{
    struct a b;
    enum c d;
    OPEN(use(1));
    GetLastError();
}

static void it_is_refused(void **state)
{
    WinHttpGone(WINHTTP_OPTION_NEVER);
}
""",
    "test/scenario/scenario.h": "#define TELLS(name) .status = WINHTTP_CALLBACK_STATUS_##name\n"
                                "#define GOES(name, url) TELLS(name), .url = url\n",
    "test/scenario/a.c": """static const struct row away[] = {{GOES(REDIRECT, 1)}};

const struct scenario a_scenarios[] = {
    {
        .title = "Away",
        .rows = away,
    },
};
""",
    "test/unit/http/test_b.c": """static void inside(void **state)
{
    f(WINHTTP_CALLBACK_FLAG_REDIRECT);
}

static void outside(void **state)
{
    f(WINHTTP_OPTION_NEVER);
}
""",
    TABLE: "state\twhy\tof\tnames\nnot available\tno\t\tWinHttpGone\n"
           "not available\tnever\tWinHttpGone\tWINHTTP_CALLBACK_STATUS_CLOSE_*\n",
}


def with_row(row):
    return {TABLE: GOOD[TABLE] + row + "\n"}


def without(path, text):
    return {path: GOOD[path].replace(text, "")}


SAMPLES = [
    ({CONSTANTS: GOOD[CONSTANTS] + "#define WINHTTP_NEW_THING 1\n"}, "WINHTTP_NEW_THING belongs to no"),
    ({HEADER: GOOD[HEADER] + "int WinHttpNew(void);\n"}, "WinHttpNew is works, and no test"),
    (with_row("partial\ta\t\tWINHTTP_NO_SUCH_*"), ":4: there is no WINHTTP_NO_SUCH_*"),
    (with_row("partial\ta\t\tWinHttpOpen WinHttpOpen"), ":4: WinHttpOpen stands in line 4 already"),
    (with_row("partial\t\t\tWinHttpOpen"), ":4: WinHttpOpen: neither"),
    (with_row("works\ta\t\tWinHttpOpen"), ":4: WinHttpOpen: neither"),
    (with_row("partial\ta\tWINHTTP_OPTION_CALLBACK\tWinHttpOpen"), ":4: WinHttpOpen: of WINHTTP_OPTION"),
    (with_row("partial\ta\t\tWINHTTP_OPTION_NEVER"), "WINHTTP_OPTION_NEVER is not available in lib"),
    (without(options.TABLE, 'WH_OPTION_REFUSED(NEVER, "no")\n'), "WINHTTP_OPTION_NEVER is works, and"),
    (with_row("not available\ta\t\tWINHTTP_CALLBACK_STATUS_REDIRECT"), "STATUS_REDIRECT is not available"),
    ({NOTICES: GOOD[NOTICES] + "WH_NOTICE(CLOSE_COMPLETE, NONE)\n"}, "CLOSE_COMPLETE is not available, and"),
    (without("test/api/test_a.c", "GetLastError();"), "GetLastError is works, and no test"),
    (without("test/api/test_a.c", " + flags[0].flag"), "WINHTTP_FLAG_ASYNC is works, and no test"),
    (without("test/api/test_a.c", " + COOKIES"), "WINHTTP_DISABLE_COOKIES is works, and no test"),
    (without("test/scenario/a.c", "GOES(REDIRECT, 1)"), "STATUS_REDIRECT is works, and no test"),
    (without("test/unit/http/test_b.c", "WINHTTP_CALLBACK_FLAG_REDIRECT"), "_FLAG_REDIRECT is works, and"),
    ({"test/unit/http/test_b.c": GOOD["test/unit/http/test_b.c"].replace("inside", "it_is_refused")},
     "WINHTTP_CALLBACK_FLAG_REDIRECT is works, and no test"),
]


def self_test():
    """The rules on samples, and the document's own on samples that have one."""
    with tempfile.TemporaryDirectory() as folder:
        checklib.write_tree(folder, GOOD)
        document = {DOCUMENT: markdown(checklib.Tree(folder, GOOD))}
    results = [checklib.run_samples(RULES[:-1], GOOD, SAMPLES),
               checklib.run_samples(RULES[-1:], {**GOOD, **document}, [
                   ({DOCUMENT: "# Old\n"}, "is out of date"),
                   (without("test/scenario/a.c", "Away"), "is out of date"),
                   (with_row("partial\tnew\t\tWinHttpOpen"), "is out of date")])]
    checklib.finish("compatibility self-test", *map(sum, zip(*results)))


if __name__ == "__main__":
    if sys.argv[1:] == ["--markdown"]:
        print(markdown(checklib.Tree(checklib.ROOT)), end="")
    elif sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        checklib.main("compatibility", RULES, GOOD, SAMPLES)
