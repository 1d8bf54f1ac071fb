#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""certificates.py: nginx with a port for each certificate of the table below, and what OpenSSL thinks of it.

Tells what real_server.py says, and:

    ca_file     the authorities to trust
    http        a port whose /to/PORT redirects to the https port of that number
    table       a file with a line for each row: title, port, host to ask for, faults that are expected (- for
                none), those that `openssl verify` names (- if it finds none), why these two differ (or nothing),
                with tabs between them

A fault has the name of its bit, WINHTTP_CALLBACK_STATUS_FLAG_: CA, DATE, NAME, USAGE, CERT; WEAK is CERT as well,
but SECURITY_FLAG_IGNORE_WEAK_SIGNATURE takes it away. Used by test/api/test_tls_certificates.c.
"""
import concurrent.futures
import dataclasses
import os
import re
import ssl

import nginx
import real_server
import verify
from der import SEQUENCE, Certificate, Keys, constraints, der, extension, oid, write

KEYS = {"server": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        "p384": ("EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
        "ca": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        "rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
        "short": ("RSA", "-pkeyopt", "rsa_keygen_bits:1024")}
SIGNS = ("keyCertSign", "cRLSign")
HOST = "www.good.test"
IDN = "xn--bcher-kva.test"  # b\u00fccher.test


def authority(subject, issuer="root", **more):
    return Certificate(**{"subject": subject, "issuer": issuer, "key": "ca", "names": (), "usages": SIGNS,
                          "purposes": (), "is_authority": True, **more})


def bound(subject, permitted=(), excluded=(), is_critical=False, **more):
    return authority(subject, more=constraints(permitted, excluded, is_critical), **more)


# Who signs. Those without an issuer are roots.
AUTHORITIES = {
    "root": authority("O=libwinhttp test/CN=root", None, digest="sha1"),
    "middle": authority("CN=middle"),
    "lower": authority("CN=lower", "middle"),
    "lower with another key": authority("CN=lower", "middle", key="rsa"),
    "stranger": authority("CN=stranger", None),
    "root v1": authority("CN=root v1", None, version=1),
    "expired root": authority("CN=expired root", None, end="2021"),
    "short root": authority("CN=short root", None, key="short"),
    "root of good.test": bound("CN=root of good.test", ["DNS:good.test"], issuer=None),
    "root without lower": authority("CN=root without lower", None, path_len=0),
    "expired": authority("CN=expired", end="2021"),
    "future": authority("CN=future", start="2048"),
    "no authority": authority("CN=no authority", is_authority=False),
    "unsaid authority": authority("CN=unsaid authority", is_authority=None),
    "middle v1": authority("CN=middle v1", version=1),
    "not for certificates": authority("CN=not for certificates", usages=("cRLSign",)),
    "only a server": Certificate("CN=only a server", usages=("digitalSignature",)),
    "path 0": authority("CN=path 0", path_len=0),
    "below path 0": authority("CN=below path 0", "path 0"),
    "path 1": authority("CN=path 1", path_len=1),
    "below path 1": authority("CN=below path 1", "path 1"),
    "below the root without": authority("CN=below the root without", "root without lower"),
    "for servers": authority("CN=for servers", purposes=("server", "client")),
    "for mail": authority("CN=for mail", purposes=("mail",)),
    "below for mail": authority("CN=below for mail", "for mail"),
    "short": authority("CN=short", key="short"),
    "by sha1": authority("CN=by sha1", digest="sha1"),
    "rsa": authority("CN=rsa", key="rsa"),
    "trusted itself": authority("CN=trusted itself", "stranger"),
    "root for mail": authority("CN=root for mail", None, purposes=("mail",)),
    "without policies": authority("CN=without policies",
                                  more=extension("2.5.29.36", b"\x30\3\x81\1\0", True)),
    "of good.test": bound("CN=of good.test", ["DNS:good.test"]),
    "below good.test": authority("CN=below good.test", "of good.test"),
    "bad below good.test": authority("CN=bad below good.test", "of good.test", names=("DNS:bad.test",)),
    "of good.test again": authority("CN=of good.test", "of good.test", key="rsa", names=("DNS:bad.test",)),
    "of below good.test": bound("CN=of below good.test", ["DNS:.good.test"]),
    "not www": bound("CN=not www", excluded=["DNS:www.good.test"]),
    "of 192.0.2": bound("CN=of 192.0.2", ["IP:192.0.2.0/24"]),
    "of mail": bound("CN=of mail", ["email:good.test"]),
    "of O": bound("CN=of O", ["dir:O=Good & Co."]),
    "not O": bound("CN=not O", excluded=["dir:O=Good & Co."]),
    "strictly": bound("CN=strictly", ["DNS:good.test"], is_critical=True),
}
for depth in range(1, 10):
    AUTHORITIES[f"deep {depth}"] = authority(f"CN=deep {depth}", f"deep {depth - 1}" if depth > 1 else "root")
TRUSTED_SERVER = Certificate("CN=trusted server", None)
TRUSTED = [TRUSTED_SERVER, *(AUTHORITIES[name] for name in (
    "root", "root v1", "expired root", "short root", "root of good.test", "root without lower",
    "root for mail", "trusted itself"))]


@dataclasses.dataclass
class Row:
    title: str
    faults: str  # a blank between them
    certificate: Certificate
    host: str = HOST
    why: str = ""  # OpenSSL has another opinion
    sends: tuple = None  # instead of all authorities between the certificate and the root


def row(title, faults, host=HOST, why="", sends=None, **certificate):
    return Row(title, faults, Certificate(**certificate), host, why, sends)


RFC9525 = "RFC 9525, 6.3: the only wildcard is a whole first label"
UNREAD = "mbedTLS reads no certificate with a critical extension that it does not know"
SUITES = "the key must sign in every suite that is offered; OpenSSL does not ask what it is used for"
TABLE = [
    # ---- Nothing is wrong ----
    row("good", ""),
    row("signed by the root itself", "", issuer="root"),
    row("two authorities between", "", issuer="lower"),
    row("another curve and digest", "", key="p384", digest="sha384"),
    row("RSA", "", issuer="rsa", key="rsa"),
    row("root of X.509 v1", "", issuer="root v1"),
    Row("self-signed but trusted", "", TRUSTED_SERVER),
    row("authority as server", "", is_authority=True, usages=("digitalSignature", *SIGNS)),
    row("no extension but names", "", is_authority=None, purposes=()),
    row("authorities that have nothing to do with it", "", issuer="lower",
        sends=("stranger", "lower", "rsa", "middle")),
    row("authorities in the wrong order", "", issuer="lower", sends=("stranger", "middle", "lower")),
    row("the longest path in the wrong order", "", issuer="deep 8",
        sends=("deep 1", *(f"deep {depth}" for depth in range(8, 1, -1)))),
    # ---- Names ----
    row("other name", "NAME", names=("DNS:good.test",)),
    row("second of three names", "", names=("DNS:a.test", f"DNS:{HOST}", "DNS:b.test")),
    row("case", "", host="WWW.Good.TEST", names=("DNS:www.GOOD.test",)),
    row("wildcard", "", names=("DNS:*.good.test",)),
    row("wildcard is no empty label", "NAME", host="good.test", names=("DNS:*.good.test",)),
    row("wildcard is one label", "NAME", host="a.www.good.test", names=("DNS:*.good.test",)),
    row("wildcard in front of one label", "NAME", host="good.test", names=("DNS:*.test",)),
    row("wildcard alone", "NAME", host="test", names=("DNS:*",)),
    row("wildcard behind letters", "NAME", names=("DNS:w*.good.test",), why=RFC9525),
    row("wildcard before letters", "NAME", names=("DNS:*w.good.test",), why=RFC9525),
    row("wildcard inside", "NAME", names=("DNS:www.*.test",)),
    row("two wildcards", "NAME", names=("DNS:*.*.test",)),
    row("A-label", "", host=IDN, names=(f"DNS:{IDN}",)),
    row("other A-label", "NAME", host=IDN, names=("DNS:xn--bcher-kva8445foa.test",)),
    row("UTF-8 is no A-label", "NAME", host=IDN, names=("DNS:b\u00fccher.test",)),
    row("A-label and wildcard", "", host="xn--bcher-kva.good.test", names=("DNS:*.good.test",)),
    row("wildcard inside an A-label", "NAME", host="xn--bcher-kva.good.test",
        names=("DNS:xn--*.good.test",)),
    row("name with a NUL", "NAME", names=(f"DNS:{HOST}\0.evil.test",)),
    row("common name alone", "NAME", subject=f"CN={HOST}", names=(),
        why="RFC 9525, 2: common names are for people"),
    row("common name beside a name", "NAME", subject=f"CN={HOST}", names=("DNS:other.test",)),
    row("common name beside mail", "NAME", subject=f"CN={HOST}", names=("email:a@good.test",),
        why="RFC 9525, 2: common names are for people"),
    row("URI is no name", "NAME", names=(f"URI:https://{HOST}/",)),
    row("IPv4", "", host="192.0.2.1", names=("IP:192.0.2.1",)),
    row("other IPv4", "NAME", host="192.0.2.1", names=("IP:192.0.2.2",)),
    row("IPv4 spelt as a name", "NAME", host="192.0.2.1", names=("DNS:192.0.2.1",)),
    row("IPv4 under a wildcard", "NAME", host="192.0.2.1", names=("DNS:*.0.2.1",)),
    row("IPv4 as common name", "NAME", host="192.0.2.1", subject="CN=192.0.2.1", names=()),
    row("IPv6", "", host="2001:db8::1", names=("IP:2001:db8::1",)),
    row("other IPv6", "NAME", host="2001:db8::1", names=("IP:2001:db8::2",)),
    # ---- Dates ----
    row("expired", "DATE", end="20210101000000Z"),
    row("not yet valid", "DATE", start="2048"),
    row("after 2050", "", end="20991231235959Z"),
    row("expired authority", "DATE", issuer="expired"),
    row("authority not yet valid", "DATE", issuer="future"),
    row("expired root", "DATE", issuer="expired root"),
    # ---- Whom to trust ----
    row("self-signed", "CA", issuer=None),
    row("unknown authority", "CA", issuer="stranger"),
    row("missing authority", "CA", issuer="middle", sends=()),
    row("wrong order, and one missing", "CA", issuer="below path 1", sends=("stranger", "path 1", "lower")),
    row("two authorities of one name, the wrong one first", "CA", issuer="lower",
        sends=("lower with another key", "lower", "middle"),
        why="mbedTLS goes by names, and takes the first one"),
    row("missing upper authority", "CA", issuer="lower", sends=("lower",)),
    row("broken signature", "CA", is_broken=True),
    row("signed by no authority", "CA", issuer="no authority"),
    row("signed by what does not say that it is one", "CA", issuer="unsaid authority"),
    row("signed by X.509 v1", "CA", issuer="middle v1"),
    row("signed by a server", "CA", issuer="only a server"),
    row("authority that may not sign", "CA", issuer="not for certificates"),
    row("path as long as allowed", "", issuer="below path 1"),
    row("path too long", "CA", issuer="below path 0"),
    row("path as long as can be followed", "", issuer="deep 8"),
    row("path longer than can be followed", "CERT", issuer="deep 9",
        why="mbedTLS goes by eight authorities on its way to the root, and no further"),
    row("path longer than can be followed in the wrong order", "CA", issuer="deep 9",
        sends=("deep 1", *(f"deep {depth}" for depth in range(9, 1, -1))),
        why="as above, but the order hides how long it is until it is put right"),
    row("path too long for the root", "CA", issuer="below the root without"),
    row("signed by an authority that is trusted, unlike its own", "", issuer="trusted itself",
        why="whoever is in the list is trusted, as with -partial_chain"),
    # ---- Usage ----
    row("for clients", "USAGE", purposes=("client",)),
    row("for clients and servers", "", purposes=("client", "server")),
    row("for any purpose", "", purposes=("any",),
        why="RFC 5280, 4.2.1.12: any purpose is that of servers as well"),
    row("for signatures", "", usages=("digitalSignature",)),
    row("not for signatures", "USAGE", usages=("keyEncipherment",), issuer="rsa", key="rsa", why=SUITES),
    row("authority's usage", "USAGE", is_authority=True, usages=SIGNS, issuer="rsa", key="rsa"),
    row("authority for servers", "", issuer="for servers"),
    row("authority for mail", "USAGE", issuer="for mail"),
    row("authority below one for mail", "USAGE", issuer="below for mail"),
    row("root for mail", "USAGE", issuer="root for mail"),
    # ---- Weakness ----
    row("SHA-1", "WEAK", digest="sha1"),
    row("MD5", "WEAK", issuer="rsa", digest="md5"),
    row("authority by SHA-1", "WEAK", issuer="by sha1"),
    row("short key", "WEAK", key="short"),
    row("authority with a short key", "WEAK", issuer="short"),
    row("root with a short key", "WEAK", issuer="short root"),
    # ---- Name constraints ----
    row("permitted name", "", issuer="of good.test"),
    row("permitted name itself", "", host="good.test", issuer="of good.test", names=("DNS:good.test",)),
    row("name that is not permitted", "CERT", host="www.bad.test", issuer="of good.test",
        names=("DNS:www.bad.test",)),
    row("name that only ends like it", "CERT", host="www.notgood.test", issuer="of good.test",
        names=("DNS:www.notgood.test",)),
    row("one of two names not permitted", "CERT", issuer="of good.test",
        names=(f"DNS:{HOST}", "DNS:www.bad.test")),
    row("not permitted two authorities above", "CERT", host="www.bad.test", issuer="below good.test",
        names=("DNS:www.bad.test",)),
    row("authority that signed its own next key", "", issuer="of good.test again"),
    row("not permitted above its next key", "CERT", host="www.bad.test", issuer="of good.test again",
        names=("DNS:www.bad.test",)),
    row("called like its authority", "CERT", host="www.bad.test", issuer="of good.test",
        subject="CN=of good.test", names=("DNS:www.bad.test",),
        why="OpenSSL takes it for its own authority, which nobody trusts"),
    row("authority not permitted by its own", "CERT", issuer="bad below good.test"),
    row("not permitted by the root", "CERT", host="www.bad.test", issuer="root of good.test",
        names=("DNS:www.bad.test",)),
    row("address where only names are bound", "", host="192.0.2.1", issuer="of good.test",
        names=("IP:192.0.2.1",)),
    row("permitted below", "", issuer="of below good.test"),
    row("permitted below, not itself", "CERT", host="good.test", issuer="of below good.test",
        names=("DNS:good.test",)),
    row("permitted wildcard", "", issuer="of good.test", names=("DNS:*.good.test",)),
    row("excluded name", "CERT", issuer="not www"),
    row("name beside the excluded", "", host="mail.good.test", issuer="not www",
        names=("DNS:mail.good.test",)),
    row("wildcard that covers the excluded", "CERT", issuer="not www", names=("DNS:*.good.test",),
        why="OpenSSL compares the text of the wildcard, which is not what it stands for"),
    row("permitted address", "", host="192.0.2.1", issuer="of 192.0.2", names=("IP:192.0.2.1",)),
    row("address not permitted", "CERT", host="192.0.3.1", issuer="of 192.0.2", names=("IP:192.0.3.1",)),
    row("IPv6 where IPv4 is permitted", "CERT", host="2001:db8::1", issuer="of 192.0.2",
        names=("IP:2001:db8::1",)),
    row("permitted subject", "", issuer="of O", subject="O=good & CO./CN=server"),
    row("subject not permitted", "CERT", issuer="of O", subject="O=Bad & Co./CN=server"),
    row("excluded subject", "CERT", issuer="not O", subject="O=Good & Co./CN=server"),
    row("mail where mail is bound", "CERT", issuer="of mail", names=(f"DNS:{HOST}", "email:a@good.test"),
        why="names that no host has are not compared; where they are bound they are refused"),
    row("mail in the subject where mail is bound", "CERT", issuer="of mail",
        subject="CN=server/email=a@bad.test"),
    row("mail where nothing binds it", "", names=(f"DNS:{HOST}", "email:a@good.test")),
    row("critical constraints of names", "CERT", issuer="strictly", why=UNREAD),
    row("critical constraints of policies", "CERT", issuer="without policies", why=UNREAD),
    # ---- The rest ----
    row("unknown critical extension", "CERT", more=extension("1.3.6.1.4.1.55555.1", b"\5\0", True)),
    row("policy", "", more=extension("2.5.29.32", der(SEQUENCE, der(SEQUENCE, oid("2.23.140.1.2.1"))))),
    row("unknown extension", "", more=extension("1.3.6.1.4.1.55555.1", b"\5\0")),
    row("X.509 v1", "NAME", version=1),
    # ---- Several at once ----
    row("wrong order, and expired", "DATE", issuer="lower", end="2021", sends=("middle", "lower")),
    row("wrong order, and not for signatures", "USAGE", issuer="lower", sends=("middle", "lower"),
        usages=("keyEncipherment",), key="rsa", why=SUITES),
    row("wrong order, and for clients", "USAGE", issuer="lower", sends=("middle", "lower"),
        purposes=("client",)),
    row("unknown and expired", "CA DATE", issuer="stranger", end="2021"),
    row("everything that can be ignored", "CA DATE NAME USAGE", host="other.test", issuer="stranger",
        end="2021", purposes=("client",)),
    row("other name and weak", "NAME WEAK", host="other.test", digest="sha1"),
    row("not permitted and expired", "CERT DATE", host="www.bad.test", issuer="of good.test",
        names=("DNS:www.bad.test",), end="2021"),
]

# OpenSSL's numbers, X509_V_ERR_, and ours.
OPINIONS = {
    "CA": {2, 7, 18, 19, 20, 21, 25, 32, 79}, "DATE": {9, 10, 13, 14}, "NAME": {62, 64}, "USAGE": {26},
    "CERT": {34, 47, 48, 49, 50, 51, 52, 53}, "WEAK": {66, 67, 68},
}

PLAIN = r"""
    server {{
        listen {http};
        location = /small.txt {{ return 200; }}
        location ~ ^/to/(?<port>\d+)$ {{ return 302 https://127.0.0.1:$port/; }}
    }}
"""
SERVER = """
    server {{ listen {address} ssl; ssl_certificate {root}/{index}.pem; ssl_certificate_key {root}/{key}.key;
              location / {{ return 200 "served"; }} }}
"""
# So that nginx serves what nobody should accept.
LENIENT = """
openssl_conf = it
[it]
ssl_conf = ssl
[ssl]
system_default = default
[default]
CipherString = DEFAULT:@SECLEVEL=0
"""


def upwards(name):
    """The authorities from this one to below the root."""
    while name and AUTHORITIES[name].issuer:
        yield name
        name = AUTHORITIES[name].issuer


class Writer:
    """Makes each certificate once, and the files of the table."""

    def __init__(self, root):
        self.root = root
        self.keys = Keys(root, KEYS)
        self.made = {}

    def pem(self, certificate):
        if certificate not in self.made:
            by = AUTHORITIES[certificate.issuer] if certificate.issuer else certificate
            made = write(self.keys, certificate, by.subject, by.key, len(self.made))
            self.made[certificate] = ssl.DER_cert_to_PEM_cert(made)
        return self.made[certificate]

    def put(self, name, certificates):
        with open(f"{self.root}/{name}", "w") as file:
            file.write("".join(map(self.pem, certificates)))

    def put_all(self):
        self.put("trusted.pem", TRUSTED)
        for index, row in enumerate(TABLE):
            names = upwards(row.certificate.issuer) if row.sends is None else row.sends
            chain = [AUTHORITIES[name] for name in names]
            self.put(f"{index}.pem", [row.certificate, *chain])
            self.put(f"{index}.chain", chain)


def opinion(root, index, row):
    """The faults that OpenSSL names."""
    kind = "-verify_ip" if re.fullmatch(r"[\d.]+|[\da-f:]+", row.host) else "-verify_hostname"
    chain = ["-untrusted", f"{index}.chain"] if os.path.getsize(f"{root}/{index}.chain") else []
    return " ".join(verify.opinions(root, row.title, OPINIONS, "-CAfile", "trusted.pem", *chain,
                                    "-purpose", "sslserver", "-auth_level", "2", kind, row.host,
                                    f"{index}.pem"))


def start(root, listeners):
    blocks = [PLAIN.format(http=real_server.address_of(listeners["http"][0]))]
    blocks += [SERVER.format(root=root, index=index, key=row.certificate.key,
                             address=real_server.address_of(listeners[index][0]))
               for index, row in enumerate(TABLE)]
    with open(f"{root}/lenient.cnf", "w") as file:
        file.write(LENIENT)
    return nginx.launch(root, blocks, listeners, OPENSSL_CONF=f"{root}/lenient.cnf")


def run(root):
    os.mkdir(f"{root}/tmp")
    Writer(root).put_all()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        opinions = list(pool.map(lambda pair: opinion(root, *pair), enumerate(TABLE)))
    listeners = {name: real_server.bind_both(False, True) for name in ["http", *range(len(TABLE))]}
    with open(f"{root}/table", "w") as file:
        for index, row in enumerate(TABLE):
            file.write("\t".join([row.title, str(real_server.port_of(listeners[index])), row.host,
                                  row.faults or "-", opinions[index] or "-", row.why]) + "\n")
    real_server.serve(root, start(root, listeners), {"http": listeners["http"]},
                      [("ca_file", f"{root}/trusted.pem"), ("table", f"{root}/table")])


if __name__ == "__main__":
    real_server.main("certificates", run)
