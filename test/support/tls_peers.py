#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tls_peers.py: `openssl s_server` and `gnutls-serv` on loopback for as long as standard input stays open.

Both speak TLS 1.2 and 1.3, whichever the client prefers. Tells, one `name value` per line, the last one
`ready`:

    root        folder with everything, removed at the end
    ca_file     the certificate authority to trust
    openssl     port on 127.0.0.1
    openssl_ids the same without tickets: with TLS 1.2, sessions have numbers
    once0 ...   ports on 127.0.0.1 of more servers of OpenSSL's, for one connection each
    openssl_keys    file in which OpenSSL's server logs its keys, as SSLKEYLOGFILE does
    gnutls      port on 127.0.0.1, or 0: no network namespace is permitted, and so no such server
    gnutls_log  file of what GnuTLS' server says, `*** This is a resumed session` among it

GnuTLS' server answers a GET with a page that has the request's header in it, and closes. OpenSSL's knows
nothing of HTTP and serves one connection after the other: here it is given the answers and a command now
and then. It keeps a connection until a request for /close/...; whose last part is

    session     answers `new` or `reused`: whether a session was resumed
    body        answers `<length> <whole or broken>`: is the request's body that of pattern.h?
    update      tells the client of new keys before it answers the same as session
    update-both and wants new ones of it, too (TLS 1.3)
    renegotiate wants a new handshake (TLS 1.2), which ends the connection if the client will not
    plain       says something that is not encrypted, and nothing more

Used by test/api/test_tls_peers.c and test_tls_keylog.c.
"""
import os
import re
import select
import subprocess
import sys

import nginx
import own_network
import real_server

ONCE = 8  # see tls_peers.h
GNUTLS_PORT = 5556  # where nobody else is
TICKETS = 40  # with each handshake of TLS 1.3
REQUEST = re.compile(rb"([A-Z]+) (/\S*) HTTP/1\.1\r\n((?:.*\r\n)*?)\r\n")
LENGTH = re.compile(rb"^Content-Length: (\d+)", re.M | re.I)
COMMANDS = {"update": b"k\n", "update-both": b"K\n", "renegotiate": b"r\n", "plain": b"P\n"}
COMMAND_DONE = b"SSL_do_handshake ->"


class OpenSSL:
    """What the server prints is news of its own, and in between what clients say."""

    def __init__(self, root, *options):
        self.process = subprocess.Popen(
            ["stdbuf", "-o0", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "good.crt",
             "-key", "good.key", "-num_tickets", str(TICKETS), "-keylogfile", "openssl.keys",
             *options],
            cwd=root, env={**os.environ, "OPENSSL_CONF": "/dev/null"}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
            preexec_fn=real_server.end_with_parent)
        self.said = b""
        self.is_resumed = False
        self.port = self.await_match(re.compile(rb"^ACCEPT .*:(\d+)$", re.M))[1].decode()

    def hear(self):
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        if not data:
            raise EOFError(f"openssl s_server: {self.said.decode(errors='replace')}")
        self.said += data

    def await_match(self, pattern):
        """The match, whose end is where the next one is looked for."""
        while not (match := pattern.search(self.said)):
            self.hear()
        self.said = self.said[match.end():]
        return match

    def take_body(self, length):
        while len(self.said) < length:
            self.hear()
        body, self.said = self.said[:length], self.said[length:]
        return body

    def answer(self, text, is_last):
        """Standard input is what is sent, but for lines that begin with certain letters."""
        self.process.stdin.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" %
                                 (len(text), b"Connection: close\r\n" if is_last else b"", text))

    def serve(self):
        """Every request that is there."""
        self.hear()
        while match := REQUEST.search(self.said):
            news, self.said = self.said[:match.start()], self.said[match.end():]
            self.serve_one(news, match)

    def serve_one(self, news, match):
        if b"BEGIN SSL SESSION" in news:
            self.is_resumed = b"Reused session-id" in news
        path = match[2].decode()
        what = path.rsplit("/", 1)[-1]
        length = LENGTH.search(match[3])
        body = self.take_body(int(length[1]) if length else 0)
        if what in COMMANDS:
            self.process.stdin.write(COMMANDS[what])
        if what in ("renegotiate", "plain"):
            return
        if what in COMMANDS:
            self.await_match(re.compile(COMMAND_DONE + rb".*\n"))
        text = b"reused" if self.is_resumed else b"new"
        if what == "body":
            text = b"%d %s" % (len(body), b"whole" if body == pattern_of(len(body)) else b"broken")
        self.answer(text, path.startswith("/close/"))

    def fileno(self):
        return self.process.stdout.fileno()

    def stop(self):
        self.process.kill()
        self.process.wait()


def pattern_of(length):
    return b"".join(real_server.pattern(block) for block in range((length >> 16) + 1))[:length]


def start_gnutls(root):
    """It listens on every address of the network that it is in. Nobody and port 0 where it may not."""
    try:
        return own_network.start(root, GNUTLS_PORT, [
            "gnutls-serv", "--http", "--port", str(GNUTLS_PORT), "--x509certfile", "good.crt",
            "--x509keyfile", "good.key", "--disable-client-cert", "--priority", "NORMAL"])
    except PermissionError as error:
        print(f"tls_peers.py: {error}", file=sys.stderr)
        return None, 0


def serve(servers):
    """Until standard input ends. Those for one connection end by themselves."""
    waiting = [sys.stdin, *servers]
    while sys.stdin not in (ready := select.select(waiting, [], [])[0]):
        for server in ready:
            try:
                server.serve()
            except (EOFError, BrokenPipeError):
                waiting.remove(server)


def run(root):
    nginx.prepare_authorities(root)
    nginx.make_certificate(root, "good", "ca", "good", "20200102030405Z", "20491231235958Z")
    servers = [OpenSSL(root), OpenSSL(root, "-no_ticket")]
    gnutls, gnutls_port = start_gnutls(root)
    try:
        servers += [OpenSSL(root, "-naccept", "1") for _ in range(ONCE)]
        print(f"root {root}\nca_file {root}/ca.crt\ngnutls {gnutls_port}\ngnutls_log {root}/stderr.log")
        print(f"openssl {servers[0].port}\nopenssl_ids {servers[1].port}\nopenssl_keys {root}/openssl.keys")
        for number, server in enumerate(servers[2:]):
            print(f"once{number} {server.port}")
        print("ready", flush=True)
        serve(servers)
    finally:
        if gnutls:
            gnutls.terminate()
            gnutls.wait()
        for server in servers:
            server.stop()


if __name__ == "__main__":
    real_server.main("tls-peers", run)
