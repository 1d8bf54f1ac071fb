#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may include whom: the drawing of docs/architecture.md, read off every #include."""
import os
import re

import checklib

# The drawing. `proxy` is for client/route alone, see MAY_ALSO.
ROOMS = {
    "base": set(),
    "net": {"base"},
    "http": {"net", "base"},
    "object": {"base"},
    "proxy": {"net", "base"},
    "client": {"object", "http", "net", "base"},
    "api": {"client", "object", "http", "net", "base"},
}
MAY_ALSO = {"lib/client/route.c": {"proxy"}, "lib/client/route.h": {"proxy"}}

# Each foreign header and the files that may name it. The unit tests of net are their own TLS server.
FOREIGN = [
    (r"uv\.h|uv/.*", r"lib/(net|base)/[^/]+|test/unit/(net|base)/.*"),
    (r"(mbedtls|psa)/.*", r"lib/net/(tls[^/]*\.[ch]|trust\.c)|test/unit/net/.*|test/support/still_world\.c"),
    (r"llhttp\.h", r"lib/http/http1[^/]*\.c"),
    (r"nghttp2/.*", r"lib/http/http2\.c"),
    (r"zlib\.h", r"lib/http/decode\.c"),
    (r"sys/auxv\.h", r"lib/base/environment\.c"),
    (r"linux/.*", r"lib/net/tcp_info\.c|test/api/test_connection_info\.c"),
    (r"sys/epoll\.h", r"lib/net/poller_epoll\.c"),
    (r"malloc\.h", r"test/api/test_footprint\.c"),
    (r"libpsl\.h", r"lib/http/public_suffix\.c"),
    (r"cmocka\.h", r"test/.*"),
]

# C11 and POSIX.1-2008, and what every POSIX system has besides.
SYSTEM = set("""
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar
wchar wctype
arpa/inet dirent dlfcn fcntl glob ifaddrs libgen net/if netdb netinet/in netinet/tcp poll pthread
pwd regex sched semaphore spawn strings sys/ioctl sys/mman sys/resource sys/select sys/socket
sys/stat sys/time sys/types sys/uio sys/un sys/utsname sys/wait syslog termios unistd
""".split())

# The API's numbers are everybody's; its types and functions belong to api.
NUMBERS = {"winhttp/constants.h", "winhttp/errors.h", "winhttp/extension_options.h"}
WIDE = re.compile(r"\b(wchar_t|WCHAR|LPC?WSTR|PC?WSTR)\b")
LAST_ERROR = re.compile(r"\b([GS]etLastError)\b")


def room_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "lib" and len(parts) > 2 else None


def arrows(tree):
    """A room includes only the rooms below it, as in the drawing."""
    for path in tree.select("lib"):
        room = room_of(path)
        if room not in ROOMS:
            yield path, 1, f"there is no room '{room}' in the drawing"
            continue
        allowed = ROOMS[room] | {room} | MAY_ALSO.get(path, set())
        for line, is_quoted, name in checklib.includes(tree, path):
            target = name.split("/")[0]
            if is_quoted and target in ROOMS and target not in allowed:
                yield path, line, f"{room} must not include {name}"


def full_names(tree):
    """A quoted include names a room (or winhttp/) and a file that exists."""
    for path in tree.select("lib"):
        for line, is_quoted, name in checklib.includes(tree, path):
            places = [os.path.join(folder, name) for folder in ("lib", "include")]
            if is_quoted and not any(place in tree.paths for place in places):
                yield path, line, f'"{name}" is not a "room/file" of this repository'


def foreign_headers(tree):
    """Each third-party header is included only in its own room or file."""
    for path in tree.select("lib", "examples", "test"):
        for line, is_quoted, name in checklib.includes(tree, path):
            owners = [owner for header, owner in FOREIGN if re.fullmatch(header, name)]
            if owners and not re.fullmatch(owners[0], path):
                yield path, line, f"{name} may be included in {owners[0]} only"
            if not owners and not is_quoted and not is_known(name):
                yield path, line, f"<{name}> is neither C nor POSIX nor in the list of arrows.py"


def is_known(name):
    return name in ("winhttp.h",) or name.startswith("winhttp/") or name[:-len(".h")] in SYSTEM


def api_alone_is_wide(tree):
    """Below api there is no WCHAR, no winhttp.h and no last error."""
    for path in tree.select("lib"):
        if room_of(path) == "api":
            continue
        for line, _, name in checklib.includes(tree, path):
            if name in ("wchar.h", "wctype.h", "winhttp.h") or (
                    name.startswith("winhttp/") and name not in NUMBERS):
                yield path, line, f"only api may include {name}"
        code = tree.code(path)
        for pattern in (WIDE, LAST_ERROR):
            for match in pattern.finditer(code):
                yield path, checklib.line_of(code, match.start()), f"only api knows {match[1]}"


def public_programs(tree):
    """Examples and API tests see the public header alone."""
    for path in tree.select("examples", "test/api"):
        for line, is_quoted, name in checklib.includes(tree, path):
            is_private = is_quoted and name.split("/")[0] in ROOMS and "lib/" + name in tree.paths
            if is_private or (path.startswith("examples/") and is_quoted):
                yield path, line, f"{name} is not for programs: use winhttp.h"


def public_headers(tree):
    """The public headers lean on nothing but the C library and each other."""
    for path in tree.select("include"):
        for line, _, name in checklib.includes(tree, path):
            if "include/" + name not in tree.paths and name[:-2] not in SYSTEM:
                yield path, line, f"a public header must not include {name}"


GOOD = {
    "include/winhttp.h": '#include "winhttp/types.h"\n#include <stddef.h>\n',
    "include/winhttp/types.h": "",
    "include/winhttp/errors.h": "",
    "include/winhttp/constants.h": "",
    "lib/base/text.h": "#include <stddef.h>\n#include <uv.h>\n",
    "lib/net/tls.c": '#include <mbedtls/ssl.h>\n#include "base/text.h"\n',
    "lib/net/tls.h": "",
    "lib/http/head.h": '/*\n#include "client/pool.h"\n*/\n#include "base/text.h"\n',
    "lib/http/http1.c": '#include <llhttp.h>\n#include "net/tls.h"\nchar *s = "WCHAR"; /* WCHAR */\n',
    "lib/object/handle.h": '#include "winhttp/errors.h"\n',
    "lib/proxy/bypass.h": "",
    "lib/client/pool.h": '#include "object/handle.h"\n#include "http/head.h"\n',
    "lib/client/route.c": '#include "proxy/bypass.h"\n',
    "lib/api/open.c": '#include <winhttp.h>\n#include "client/pool.h"\nWCHAR a; SetLastError(1);\n',
    "examples/get.c": "#include <winhttp.h>\n",
    "test/api/get.c": '#include <cmocka.h>\n#include <winhttp.h>\n#include "support/nginx.h"\n',
    "test/unit/http/head.c": '#include "http/head.h"\n',
}
SAMPLES = [
    ({"lib/base/a.c": '\n#include "net/tls.h"\n'}, "lib/base/a.c:2: base must not"),
    ({"lib/object/a.c": '#include "http/head.h"\n'}, "lib/object/a.c:1: object must not"),
    ({"lib/http/a.c": '#  include "object/handle.h"\n'}, "lib/http/a.c:1: http must not"),
    ({"lib/client/pool.c": '#include "proxy/bypass.h"\n'}, "lib/client/pool.c:1: client must not"),
    ({"lib/api/a.c": '#include "proxy/bypass.h"\n'}, "lib/api/a.c:1: api must not"),
    ({"lib/net/a.def": '#include "client/pool.h"\n'}, "lib/net/a.def:1: net must not"),
    ({"lib/extra/a.c": ""}, "lib/extra/a.c:1: there is no room"),
    ({"lib/http/a.c": '#include "head.h"\n'}, 'lib/http/a.c:1: "head.h" is not'),
    ({"lib/http/a.c": '#include "http/gone.h"\n'}, 'lib/http/a.c:1: "http/gone.h" is not'),
    ({"lib/http/a.c": "#include <uv.h>\n"}, "lib/http/a.c:1: uv.h may"),
    ({"lib/net/socket.c": "#include <mbedtls/ssl.h>\n"}, "lib/net/socket.c:1: mbedtls/ssl.h may"),
    ({"lib/net/trust.h": "#include <psa/crypto.h>\n"}, "lib/net/trust.h:1: psa/crypto.h may"),
    ({"lib/http/head.c": "#include <llhttp.h>\n"}, "lib/http/head.c:1: llhttp.h may"),
    ({"lib/http/http1.c": "#include <zlib.h>\n"}, "lib/http/http1.c:1: zlib.h may"),
    ({"lib/http/cookie.c": "#include <libpsl.h>\n"}, "lib/http/cookie.c:1: libpsl.h may"),
    ({"lib/net/socket.c": "#include <linux/tcp.h>\n"}, "lib/net/socket.c:1: linux/tcp.h may"),
    ({"lib/net/a.c": "#include <curl/curl.h>\n"}, "lib/net/a.c:1: <curl/curl.h> is neither"),
    ({"lib/http/a.c": '#include "winhttp/types.h"\n'}, "lib/http/a.c:1: only api may"),
    ({"lib/client/a.c": "#include <wchar.h>\n"}, "lib/client/a.c:1: only api may"),
    ({"lib/client/a.c": "\n\nLPCWSTR name;\n"}, "lib/client/a.c:3: only api knows LPCWSTR"),
    ({"lib/client/a.c": "SetLastError(5);\n"}, "lib/client/a.c:1: only api knows SetLastError"),
    ({"examples/a.c": '#include "base/text.h"\n'}, "examples/a.c:1: base/text.h is not for"),
    ({"test/api/a.c": '#include "http/head.h"\n'}, "test/api/a.c:1: http/head.h is not for"),
    ({"include/winhttp.h": "#include <windows.h>\n"}, "include/winhttp.h:1: a public header"),
]
RULES = [arrows, full_names, foreign_headers, api_alone_is_wide, public_programs, public_headers]

if __name__ == "__main__":
    checklib.main("arrows", RULES, GOOD, SAMPLES)
