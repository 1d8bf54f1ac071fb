#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""revocation.py: nginx with certificates that lists of revoked ones are about, and the lists.

CRL_PORT and REFUSED_PORT in the environment: where on 127.0.0.1 the test serves lists, and where nobody
listens. Tells what real_server.py says, and:

    ca_file     the authority to trust
    servers     a file with a line for each server: its kind and its port
    table       a file with a line for each row of the table below: title, port, file of lists, state that is
                expected (GOOD, REVOKED or UNKNOWN), that of `openssl verify -crl_check_all`, why these two
                differ (or nothing), with tabs between them

Kinds, each server with certificates, hence URLs, that no other one has:

    leaf        signed by the root; the list is at CRL_PORT
    refused     where nobody listens
    second      at two places, of which the first one refuses
    chain       signed by an authority that has a list, as well
    bare        does not say where there is a list

Lists, NAME.crl in DER: of the root `good`, `all` (it has revoked every server's own certificate), `middles`
(every authority below it), `expired`, `future`, `stranger` (by another authority of the same name), `delta`;
of those authorities `chain-good` and `chain-all`. Used by test/api/test_revocation.c.
"""
import dataclasses
import os
import ssl

import nginx
import real_server
import verify
from der import (INTEGER, Certificate, Keys, RevocationList, der, extension, points, scope, write,
                 write_list)

KEYS = {name: ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        for name in ("server", "root", "middle", "stranger", "mute")}
HOST = "DNS:localhost"
LEAVES, REFUSED, SECOND, CHAINS = 64, 4, 2, 12
SIGNS = ("keyCertSign", "cRLSign")
ROOT = Certificate("CN=root", None, "root", (), SIGNS, (), True)
MUTE = Certificate("CN=mute", "root", "mute", (), ("keyCertSign",), (), True)
DELTA = extension("2.5.29.27", der(INTEGER, b"\1"), True)
NUMBERED = extension("2.5.29.20", der(INTEGER, b"\7"))


def url(port, path):
    return f"http://127.0.0.1:{os.environ[port]}/{path}.crl"


def middle(*urls):
    return Certificate("CN=middle", "root", "middle", (), SIGNS, (), True, more=points(*urls) if urls else b"")


def server(subject, issuer, *urls):
    return Certificate(f"CN={subject}", issuer, names=(HOST,), more=points(*urls) if urls else b"")


def make_servers():
    """(kind, certificates that it sends)"""
    for i in range(LEAVES):
        yield "leaf", [server(f"leaf {i}", "root", url("CRL_PORT", f"leaf{i}"))]
    for i in range(REFUSED):
        yield "refused", [server(f"refused {i}", "root", url("REFUSED_PORT", f"refused{i}"))]
    for i in range(SECOND):
        yield "second", [server(f"second {i}", "root", url("REFUSED_PORT", f"second{i}"),
                                url("CRL_PORT", f"second{i}"))]
    for i in range(CHAINS):
        yield "chain", [server(f"chain {i}", "middle", url("CRL_PORT", f"chain{i}")),
                        middle(url("CRL_PORT", f"middle{i}"))]
    yield "bare", [server("bare", "root")]
    yield "bare chain", [server("bare chain", "middle"), middle()]
    yield "mute", [server("mute's", "mute"), MUTE]


@dataclasses.dataclass
class Row:
    title: str
    state: str
    kind: str  # of the server
    lists: list  # issuer, what is said; serials are kinds of servers, middle for an authority
    why: str = ""  # OpenSSL has another opinion


def row(title, state, kind, *lists, why=""):
    return Row(title, state, kind, lists, why)


def says(issuer, *revoked, **more):
    return issuer, revoked, more


STALE = "a list that is out of date says nothing, whatever it said"
FOR_USERS, FOR_AUTHORITIES, FOR_ATTRIBUTES = (scope(der(0x80 | part, b"\xff")) for part in (1, 2, 5))
TABLE = [
    row("good", "GOOD", "bare", says("root")),
    row("revoked", "REVOKED", "bare", says("root", "bare")),
    row("another one revoked", "GOOD", "bare", says("root", "bare chain", "middle")),
    row("no list", "UNKNOWN", "bare"),
    row("list of another authority", "UNKNOWN", "bare", says("middle")),
    row("list by another authority of the same name", "UNKNOWN", "bare", says("stranger")),
    row("broken signature", "UNKNOWN", "bare", says("root", is_broken=True)),
    row("list that is out of date", "UNKNOWN", "bare", says("root", end="2021")),
    row("list of the future", "UNKNOWN", "bare", says("root", start="2048")),
    row("revoked by a list that is out of date", "UNKNOWN", "bare", says("root", "bare", end="2021"),
        why=STALE),
    row("one out of date beside a good one", "GOOD", "bare", says("root", end="2021"), says("root")),
    row("number and another digest", "GOOD", "bare", says("root", more=NUMBERED, digest="sha384")),
    row("for users", "GOOD", "bare", says("root", more=FOR_USERS), says("root", more=FOR_AUTHORITIES)),
    row("for users, and revoked", "REVOKED", "bare", says("root", "bare", more=FOR_USERS),
        says("root", more=FOR_AUTHORITIES)),
    row("for authorities", "UNKNOWN", "bare", says("root", more=FOR_AUTHORITIES)),
    row("for authorities, and revoked", "UNKNOWN", "bare", says("root", "bare", more=FOR_AUTHORITIES)),
    row("for attributes", "UNKNOWN", "bare", says("root", more=FOR_ATTRIBUTES)),
    row("delta alone", "UNKNOWN", "bare", says("root", more=DELTA)),
    row("unknown critical extension", "UNKNOWN", "bare",
        says("root", more=extension("1.3.6.1.4.1.55555.1", b"\5\0", True))),
    row("good chain", "GOOD", "bare chain", says("root"), says("middle")),
    row("revoked below an authority", "REVOKED", "bare chain", says("root"), says("middle", "bare chain")),
    row("revoked authority", "REVOKED", "bare chain", says("root", "middle"), says("middle")),
    row("no list of the authority's", "UNKNOWN", "bare chain", says("middle")),
    row("no list of the root's", "UNKNOWN", "bare chain", says("root")),
    row("authority that may not sign lists", "UNKNOWN", "mute", says("root"), says("mute")),
]

# OpenSSL's numbers, X509_V_ERR_.
OPINIONS = {"REVOKED": {23}, "UNKNOWN": {3, 8, 11, 12, 33, 35, 36, 44}}

PLAIN = """
    server {{ listen {http}; location = /small.txt {{ return 200; }} }}
"""
SERVER = """
    server {{ listen {address} ssl; ssl_certificate {root}/{index}.pem; ssl_certificate_key {root}/server.key;
              location /close {{ keepalive_timeout 0; return 200 "served"; }}
              location / {{ return 200 "served"; }} }}
"""


class Writer:
    """Makes each certificate once; its serial number is its index in made."""

    def __init__(self, root):
        self.root = root
        self.keys = Keys(root, KEYS)
        self.made = {}

    def pem(self, certificate):
        if certificate not in self.made:
            issuer = certificate.issuer or "root"
            made = write(self.keys, certificate, f"CN={issuer}", issuer, len(self.made))
            self.made[certificate] = ssl.DER_cert_to_PEM_cert(made)
        return self.made[certificate]

    def serials(self, is_meant):
        return tuple(index for index, certificate in enumerate(self.made) if is_meant(certificate))

    def crl(self, issuer, serials=(), **more):
        subject = "root" if issuer == "stranger" else issuer
        return write_list(self.keys, RevocationList(serials, **more), f"CN={subject}", issuer)

    def put(self, name, data):
        with open(f"{self.root}/{name}", "wb") as file:
            file.write(data)

    def put_lists(self):
        servers = self.serials(lambda certificate: certificate.key == "server")
        middles = self.serials(lambda certificate: certificate.key == "middle")
        for name, data in {
                "good": self.crl("root"), "all": self.crl("root", servers),
                "middles": self.crl("root", middles), "expired": self.crl("root", end="2021"),
                "future": self.crl("root", start="2048"), "stranger": self.crl("stranger"),
                "delta": self.crl("root", more=DELTA), "chain-good": self.crl("middle"),
                "chain-all": self.crl("middle", servers)}.items():
            self.put(f"{name}.crl", data)

    def put_row(self, index, row, by_kind):
        def put(issuer, revoked, more):
            serials = self.serials(lambda certificate: any(
                certificate == (by_kind["bare chain"][1] if kind == "middle" else by_kind[kind][0])
                for kind in revoked))
            return self.crl(issuer, serials, **more)
        text = "".join("-----BEGIN X509 CRL-----\n" + ssl.DER_cert_to_PEM_cert(put(*said)).split("\n", 1)[1]
                       .replace("END CERTIFICATE", "END X509 CRL") for said in row.lists)
        self.put(f"row{index}.lists", (text or "none\n").encode())


def opinion(root, index, row, server_index):
    """What OpenSSL thinks of it."""
    lists = ["-CRLfile", f"row{index}.lists"] if row.lists else []
    states = verify.opinions(root, row.title, OPINIONS, "-CAfile", "root.pem", "-untrusted",
                             f"{server_index}.pem", *lists, "-crl_check_all", "-extended_crl",
                             f"{server_index}.pem")
    return states[0] if states else "GOOD"


def start(root, listeners, count):
    blocks = [PLAIN.format(http=real_server.address_of(listeners["http"][0]))]
    blocks += [SERVER.format(root=root, index=index, address=real_server.address_of(listeners[index][0]))
               for index in range(count)]
    return nginx.launch(root, blocks, listeners)


def run(root):
    os.mkdir(f"{root}/tmp")
    writer = Writer(root)
    servers = list(make_servers())
    by_kind = {kind: (index, certificates) for index, (kind, certificates) in enumerate(servers)}
    writer.put("root.pem", writer.pem(ROOT).encode())
    for index, (_, certificates) in enumerate(servers):
        writer.put(f"{index}.pem", "".join(map(writer.pem, certificates)).encode())
    writer.put_lists()
    listeners = {name: real_server.bind_both(False, True) for name in ["http", *range(len(servers))]}
    with open(f"{root}/servers", "w") as file:
        for index, (kind, _) in enumerate(servers):
            file.write(f"{kind}\t{real_server.port_of(listeners[index])}\n")
    with open(f"{root}/table", "w") as file:
        for index, row in enumerate(TABLE):
            server_index = by_kind[row.kind][0]
            writer.put_row(index, row, {kind: made for kind, (_, made) in by_kind.items()})
            file.write("\t".join([row.title, str(real_server.port_of(listeners[server_index])),
                                  f"{root}/row{index}.lists", row.state,
                                  opinion(root, index, row, server_index), row.why]) + "\n")
    real_server.serve(root, start(root, listeners, len(servers)), {"http": listeners["http"]},
                      [("ca_file", f"{root}/root.pem"), ("servers", f"{root}/servers"),
                       ("table", f"{root}/table")])


if __name__ == "__main__":
    real_server.main("revocation", run)
