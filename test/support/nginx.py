#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nginx.py [MEGABYTES]: nginx on free loopback ports for as long as standard input stays open.

Makes a folder with certificates, files and a configuration, starts nginx on sockets that it has
bound itself (so the kernel chooses the ports and nobody can take them away), waits until it
answers, and tells what real_server.py says, and:

    ca_file     the certificate authority to trust
    http https  ports, on 127.0.0.1 and, where there is IPv6, on ::1
    expired wrong_name unknown_ca self_signed    ports with such a certificate, on 127.0.0.1

Used by test/support/nginx.c, test/api/examples.py and tools/demo.
"""
import os
import socket
import subprocess
import sys

import real_server

CA_CONFIG = """
[ca]
default_ca = it
[it]
database = {root}/index.txt
new_certs_dir = {root}
default_md = sha256
rand_serial = yes
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
commonName = supplied
[req]
distinguished_name = none
[none]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[good]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
[wrong_name]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example
"""

# name: (authority or None for self-signed, section of the configuration, first day, last day)
CERTIFICATES = {
    "good": ("ca", "good", "20200101000000Z", "20491231000000Z"),
    "expired": ("ca", "good", "20200101000000Z", "20210101000000Z"),
    "wrong_name": ("ca", "wrong_name", "20200101000000Z", "20491231000000Z"),
    "unknown_ca": ("stranger", "good", "20200101000000Z", "20491231000000Z"),
    "self_signed": (None, "good", "20200101000000Z", "20491231000000Z"),
}

CONFIG = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid {root}/nginx.pid;
error_log {root}/error.log warn;
{user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {root}/tmp; proxy_temp_path {root}/tmp; fastcgi_temp_path {root}/tmp;
    uwsgi_temp_path {root}/tmp; scgi_temp_path {root}/tmp;
    types {{ text/plain txt; application/octet-stream bin; }}
    sendfile on;
    keepalive_requests 1000000;
    keepalive_timeout 60s;
    client_max_body_size 0;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:1m;
    {servers}
}}
"""

SERVER = """
    server {{
        {listen}
        {certificate}
        root {root}/files;
        location / {{ }}
        location = /post {{ return 200 "$request_method $content_length\\n"; }}
        location /upload/ {{
            alias {root}/upload/; dav_methods PUT DELETE; create_full_put_path on;
        }}
        location /chunked/ {{ alias {root}/files/; ssi on; ssi_types *; }}
        location /gzip/ {{
            alias {root}/files/; gzip on; gzip_types *; gzip_min_length 0; gzip_comp_level 1;
        }}
        location /close/ {{ alias {root}/files/; keepalive_timeout 0; }}
        location /close/chunked/ {{
            alias {root}/files/; keepalive_timeout 0; ssi on; ssi_types *;
        }}
        location /three/ {{ alias {root}/files/; keepalive_requests 3; }}
        location /hasty/ {{ alias {root}/files/; keepalive_timeout 100ms; }}
        location /slow/ {{ alias {root}/files/; limit_rate 4m; }}
        location /proxied/ {{
            proxy_pass http://127.0.0.1:{http}/chunked/;
            proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection "";
        }}
        location = /status/204 {{ return 204; }}
        location = /status/304 {{ return 304; }}
        location = /status/500 {{ return 500; }}
        location = /tls {{ return 200 "$ssl_protocol $ssl_cipher\\n"; }}
        location = /close/session {{
            keepalive_timeout 0; return 200 "$ssl_protocol $ssl_session_reused\\n";
        }}
        location = /close/tls {{ keepalive_timeout 0; return 200 "$ssl_protocol $ssl_cipher\\n"; }}
        location /moved/ {{ return 302 /small.txt; }}
        location = /to-http {{ return 302 http://localhost:{http}/small.txt; }}
        location = /to-https {{ return 302 https://localhost:{https}/small.txt; }}
        location = /round {{ return 301 /round; }}
        location = /cookies {{
            add_header Set-Cookie "plain=1";
            add_header Set-Cookie "secret=2; Secure; HttpOnly";
            return 200 "$http_cookie\\n";
        }}
    }}
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stderr}")


def make_authority(root, name, section):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{root}/{name}.key", "-out", f"{root}/{name}.crt", "-days", "3650",
            "-subj", f"/CN=libwinhttp test {name}", "-config", f"{root}/ca.cnf",
            "-extensions", section)


def make_certificate(root, name, authority, section, start, end, subject="/CN=localhost",
                     key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
    openssl("req", "-new", "-newkey", *key, "-nodes", "-keyout", f"{root}/{name}.key",
            "-out", f"{root}/{name}.csr", "-utf8", "-subj", subject, "-config", f"{root}/ca.cnf")
    openssl("ca", "-batch", "-notext", "-utf8", "-preserveDN", "-config", f"{root}/ca.cnf",
            "-extensions", section, "-in", f"{root}/{name}.csr", "-out", f"{root}/{name}.crt",
            "-cert", f"{root}/{authority}.crt", "-keyfile", f"{root}/{authority}.key",
            "-startdate", start, "-enddate", end)


def prepare_authorities(root):
    with open(f"{root}/ca.cnf", "w") as file:
        file.write(CA_CONFIG.format(root=root))
    open(f"{root}/index.txt", "w").close()
    make_authority(root, "ca", "authority")


def make_certificates(root):
    prepare_authorities(root)
    make_authority(root, "stranger", "authority")
    for name, (authority, section, start, end) in CERTIFICATES.items():
        if authority:
            make_certificate(root, name, authority, section, start, end)
        else:
            make_authority(root, name, section)


def server_block(root, sockets, certificate, ports):
    options = " ssl http2" if certificate == "good" else " ssl" if certificate else ""
    listen = ""
    for listener in sockets:
        suffix = " ipv6only=on" if listener.family == socket.AF_INET6 else ""
        listen += f"listen {real_server.address_of(listener)}{options}{suffix}; "
    pair = ""
    if certificate:
        pair = (f"ssl_certificate {root}/{certificate}.crt; "
                f"ssl_certificate_key {root}/{certificate}.key;")
    return SERVER.format(root=root, listen=listen, certificate=pair, **ports)


def launch(root, blocks, listeners, **environment):
    """With these server blocks. nginx takes over sockets whose numbers stand in the variable NGINX."""
    with open(f"{root}/nginx.conf", "w") as file:
        file.write(CONFIG.format(root=root, user="user root;" if os.geteuid() == 0 else "",
                                 servers="".join(blocks)))
    numbers = [listener.fileno() for sockets in listeners.values() for listener in sockets]
    return real_server.start(root, ["nginx", "-p", root, "-e", f"{root}/error.log",
                                    "-c", f"{root}/nginx.conf"],
                             {"NGINX": "".join(f"{number};" for number in numbers), **environment}, numbers)


def start(root, listeners):
    names = {"http": None, "https": "good"}
    ports = {name: real_server.port_of(listeners[name]) for name in names}
    blocks = [server_block(root, sockets, names.get(name, name), ports)
              for name, sockets in listeners.items()]
    return launch(root, blocks, listeners)


def run(root):
    make_certificates(root)
    real_server.make_files(root, "Hello from nginx.", int(sys.argv[1]) if sys.argv[1:] else 0)
    wants_ipv6 = real_server.has_ipv6()
    listeners = {name: real_server.bind_both(wants_ipv6, True) for name in ("http", "https")}
    for name in ("expired", "wrong_name", "unknown_ca", "self_signed"):
        listeners[name] = real_server.bind_both(False, True)
    real_server.serve(root, start(root, listeners), listeners, [("ca_file", f"{root}/ca.crt")])


if __name__ == "__main__":
    real_server.main("nginx", run)
