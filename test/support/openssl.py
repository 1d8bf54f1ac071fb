#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""openssl.py: OpenSSL's own servers on free loopback ports for as long as standard input stays open.

There is one for each cipher suite, which speaks one version of TLS and says on its page, /, what has been
agreed on. It serves one connection at a time and one request on each. Tells, one `name value` per line, the
last one `ready`:

    SUITE       port on 127.0.0.1, for each row of SUITES, by OpenSSL's name
    ca_file     the certificate authority to trust
    rsa ecdsa   the file of a certificate, as DER

and of both certificates, as OpenSSL reads it: subject and issuer, the values with `|` between them; start
and end, in seconds since 1970. Used by test/api/test_tls_report.c.
"""
import calendar
import os
import re
import subprocess
import sys
import time

import nginx
import real_server

# OpenSSL's name of a suite, its protocol, and the certificate it is used with.
SUITES = [
    ("TLS_CHACHA20_POLY1305_SHA256", "tls1_3", "ecdsa"),
    ("TLS_AES_128_GCM_SHA256", "tls1_3", "rsa"),
    ("TLS_AES_256_GCM_SHA384", "tls1_3", "ecdsa"),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", "tls1_2", "ecdsa"),
    ("ECDHE-RSA-CHACHA20-POLY1305", "tls1_2", "rsa"),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", "tls1_2", "ecdsa"),
    ("ECDHE-RSA-AES128-GCM-SHA256", "tls1_2", "rsa"),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", "tls1_2", "ecdsa"),
    ("ECDHE-RSA-AES256-GCM-SHA384", "tls1_2", "rsa"),
    ("ECDHE-ECDSA-AES128-SHA", "tls1_1", "ecdsa"),
    ("ECDHE-RSA-AES128-SHA", "tls1_1", "rsa"),
    ("ECDHE-ECDSA-AES256-SHA", "tls1", "ecdsa"),
    ("ECDHE-RSA-AES256-SHA", "tls1", "rsa"),
]
KEYS = {"rsa": ("rsa:2048",), "ecdsa": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")}
SUBJECT = "/C=DE/O=J\u00f6rg & Co. \u20ac/CN=localhost"


def ask(root, *arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, cwd=root)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def values(text):
    """Of a name with a line for each part, `    countryName = DE`."""
    return "|".join(re.findall(r"^ +\w+ *= (.*)$", text, re.M))


def seconds(text):
    """notBefore=Jan  1 00:00:00 2020 GMT"""
    return calendar.timegm(time.strptime(text.split("=", 1)[1].strip(), "%b %d %H:%M:%S %Y GMT"))


def describe(root, name):
    certificate = ["x509", "-noout", "-in", f"{name}.crt"]
    readable = ["-nameopt", "multiline,-esc_msb,utf8"]
    return {
        "subject": values(ask(root, *certificate, "-subject", *readable)),
        "issuer": values(ask(root, *certificate, "-issuer", *readable)),
        "start": seconds(ask(root, *certificate, "-startdate")),
        "end": seconds(ask(root, *certificate, "-enddate")),
    }


def start(root, suite, protocol, key):
    """The suites of TLS 1.3 have an option of their own; old protocols are to be allowed."""
    choice = ["-ciphersuites", suite] if protocol == "tls1_3" else ["-cipher", suite + ":@SECLEVEL=0"]
    return subprocess.Popen(["openssl", "s_server", "-www", "-accept", "127.0.0.1:0", f"-{protocol}",
                             *choice, "-cert", f"{key}.crt", "-key", f"{key}.key"],
                            cwd=root, env={**os.environ, "OPENSSL_CONF": "/dev/null"},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True,
                            preexec_fn=real_server.end_with_parent)


def port_of(server):
    said = ""
    for line in server.stdout:
        if match := re.match(r"ACCEPT .*:(\d+)$", line):
            return match[1]
        said += line
    raise RuntimeError(f"openssl s_server: {said}")


def run(root):
    nginx.prepare_authorities(root)
    for name, key in KEYS.items():
        nginx.make_certificate(root, name, "ca", "good", "20200102030405Z", "20491231235958Z", SUBJECT,
                               key)
        nginx.openssl("x509", "-in", f"{root}/{name}.crt", "-outform", "DER",
                      "-out", f"{root}/{name}.der")
    servers = []
    try:
        for row in SUITES:
            servers.append(start(root, *row))
        for (suite, _, _), server in zip(SUITES, servers):
            print(suite, port_of(server))
        for name, value in describe(root, "rsa").items():
            print(name, value)
        print(f"ca_file {root}/ca.crt\nrsa {root}/rsa.der\necdsa {root}/ecdsa.der\nready", flush=True)
        sys.stdin.buffer.read()
    finally:
        for server in servers:
            server.kill()
            server.wait()


if __name__ == "__main__":
    real_server.main("openssl", run)
