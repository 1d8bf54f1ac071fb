#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""client_auth.py: servers that want to know who the client is, on free loopback ports for as long as
standard input stays open: nginx, and OpenSSL's and GnuTLS' own, which break off where nginx answers with an
error.

Tells what real_server.py says, and, for V of 12 and 13, the version of TLS:

    ca_file                 the certificate authority to trust, whose certificates are accepted
    clients                 the folder with what clients load; see make_clients
    onV optionalV           nginx: ports where ssl_verify_client is on, or optional
    verifyV                 OpenSSL: ports where a certificate is demanded; one request per connection
    gnutlsV                 the same with GnuTLS; 0 where the machine allows no network namespace

nginx answers any path with `VERIFY SUBJECT REUSED\\n`: SUCCESS, NONE or FAILED and why, CN=..., and r when
the session was taken up again; /over/ redirects to optionalV of the same V. The page of the others, /, tells
of the client, too.
Used by test/api/test_client_certificate.c.
"""
import os
import subprocess
import sys

import nginx
import openssl
import own_network
import real_server

VERSIONS = {"12": ("TLSv1.2", "tls1_2"), "13": ("TLSv1.3", "tls1_3")}
GNUTLS_PORT = 443  # in a network of its own
PASSWORD = "s\u00e9same"

SERVER = """
    server {{
        listen {address} ssl;
        ssl_certificate {root}/good.crt;
        ssl_certificate_key {root}/good.key;
        ssl_protocols {protocol};
        ssl_client_certificate {root}/ca.crt;
        ssl_verify_client {verify};
        location / {{ return 200 "$ssl_client_verify $ssl_client_s_dn $ssl_session_reused\\n"; }}
        location /close/ {{
            keepalive_timeout 0;
            return 200 "$ssl_client_verify $ssl_client_s_dn $ssl_session_reused\\n";
        }}
        location /over/ {{ return 302 https://localhost:{over}/; }}
    }}
"""

PLAIN = """
    server {{ listen {address}; location / {{ return 200 "plain\\n"; }} }}
"""

USAGE = """
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
[between]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
"""


def convert(root, *arguments):
    nginx.openssl(*(argument.format(root=root, clients=f"{root}/clients") for argument in arguments))


def join(root, name, *parts):
    with open(f"{root}/clients/{name}", "w") as out:
        for part in parts:
            with open(f"{root}/{part}") as file:
                out.write(file.read())


def make_client(root, name, start="20200101000000Z", end="20491231000000Z", authority="ca", key=None):
    more = {"key": key} if key else {}
    nginx.make_certificate(root, name, authority, "client", start, end, f"/CN={name}", **more)
    join(root, f"{name}.pem", f"{name}.crt", f"{name}.key")


def make_clients(root):
    """Of each client NAME.pem has certificate and key; anna has both in every form there is. dora's is signed
    by one that is signed by the authority."""
    os.mkdir(f"{root}/clients")
    with open(f"{root}/ca.cnf", "a") as file:
        file.write(USAGE)
    make_client(root, "anna")
    make_client(root, "bert", key=("rsa:2048",))
    make_client(root, "expired", end="20210101000000Z")
    make_client(root, "stranger", authority="unknown")
    nginx.make_certificate(root, "between", "ca", "between", "20200101000000Z", "20491231000000Z",
                           "/CN=between")
    make_client(root, "dora", authority="between")
    join(root, "dora.pem", "between.crt", "dora.crt", "dora.key")
    make_forms(root)


def make_forms(root):
    both = ("-in", "{root}/anna.crt", "-inkey", "{root}/anna.key", "-passout", f"pass:{PASSWORD}")
    join(root, "anna.crt", "anna.crt")
    join(root, "anna.key", "anna.key")
    join(root, "bert.crt", "bert.crt")
    join(root, "bert.key", "bert.key")
    convert(root, "x509", "-in", "{root}/anna.crt", "-outform", "DER", "-out", "{clients}/anna.der")
    convert(root, "pkey", "-in", "{root}/anna.key", "-outform", "DER", "-out", "{clients}/anna.key.der")
    convert(root, "pkcs8", "-topk8", "-in", "{root}/anna.key", "-passout", f"pass:{PASSWORD}",
            "-out", "{clients}/anna.p8")
    convert(root, "pkcs8", "-topk8", "-in", "{root}/anna.key", "-passout", f"pass:{PASSWORD}",
            "-outform", "DER", "-v1", "PBE-SHA1-3DES", "-out", "{clients}/anna.p8.der")
    convert(root, "ec", "-in", "{root}/anna.key", "-aes128", "-passout", f"pass:{PASSWORD}",
            "-out", "{clients}/anna.sec1")
    convert(root, "pkcs12", "-export", *both, "-out", "{clients}/anna.p12")
    convert(root, "pkcs12", "-export", *both, "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES",
            "-macalg", "sha1", "-out", "{clients}/anna.old.p12")
    convert(root, "pkcs12", "-export", "-in", "{root}/dora.crt", "-inkey", "{root}/dora.key",
            "-certfile", "{root}/between.crt", "-passout", f"pass:{PASSWORD}", "-out", "{clients}/dora.p12")
    convert(root, "pkcs12", "-export", "-in", "{root}/anna.crt", "-inkey", "{root}/anna.key",
            "-passout", "pass:", "-out", "{clients}/anna.open.p12")


def start_nginx(root, listeners):
    blocks = [PLAIN.format(address=real_server.address_of(listeners["http"][0]))]
    for version, (protocol, _) in VERSIONS.items():
        over = real_server.port_of(listeners["optional" + version])
        for verify in ("on", "optional"):
            address = real_server.address_of(listeners[verify + version][0])
            blocks.append(SERVER.format(root=root, address=address, protocol=protocol, verify=verify,
                                        over=over))
    return nginx.launch(root, blocks, listeners)


def start_openssl(root, protocol):
    return subprocess.Popen(["openssl", "s_server", "-www", "-accept", "127.0.0.1:0", f"-{protocol}",
                             "-cert", "good.crt", "-key", "good.key", "-CAfile", "ca.crt",
                             "-Verify", "3", "-verify_return_error"],
                            cwd=root, env={**os.environ, "OPENSSL_CONF": "/dev/null"},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True,
                            preexec_fn=real_server.end_with_parent)


def start_gnutls(root, version):
    """The process and its port; nobody and port 0 where it may not be started."""
    folder = f"{root}/gnutls{version}"
    os.mkdir(folder)
    name = VERSIONS[version][0].removeprefix("TLSv")
    try:
        return own_network.start(folder, GNUTLS_PORT, [
            "gnutls-serv", "--http", "--port", str(GNUTLS_PORT), "--x509certfile", f"{root}/good.crt",
            "--x509keyfile", f"{root}/good.key", "--x509cafile", f"{root}/ca.crt",
            "--require-client-cert", "--verify-client-cert",
            "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{name}"])
    except PermissionError as error:
        print(f"client_auth.py: {error}", file=sys.stderr)
        return None, 0


def drain(server):
    """It says a lot, and would wait for somebody to read it."""
    subprocess.Popen(["cat"], stdin=server.stdout, stdout=subprocess.DEVNULL)


def run(root):
    nginx.prepare_authorities(root)
    nginx.make_authority(root, "unknown", "authority")
    nginx.make_certificate(root, "good", "ca", "good", "20200101000000Z", "20491231000000Z")
    make_clients(root)
    real_server.make_files(root, "")
    listeners = {name: real_server.bind_both(False, True)
                 for name in ("http", *(verify + version for version in VERSIONS
                                        for verify in ("on", "optional")))}
    told = [("ca_file", f"{root}/ca.crt"), ("clients", f"{root}/clients")]
    servers = []
    try:
        for version, (_, protocol) in VERSIONS.items():
            servers.append(start_openssl(root, protocol))
            told.append(("verify" + version, openssl.port_of(servers[-1])))
            drain(servers[-1])
            gnutls, port = start_gnutls(root, version)
            servers += [gnutls] if gnutls else []
            told.append(("gnutls" + version, port))
        real_server.serve(root, start_nginx(root, listeners), listeners, told)
    finally:
        for server in servers:
            server.kill()
            server.wait()


if __name__ == "__main__":
    real_server.main("clients", run)
