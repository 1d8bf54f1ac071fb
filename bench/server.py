#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""server.py MEGABYTES: the benchmark's nginx, for as long as standard input stays open.

One worker, no log, on loopback ports that the kernel chose; a certificate made on the spot; TLS 1.2 with
one cipher, so that every contestant has the same work. Tells what test/support/real_server.py says, and:

    ca_file     the certificate authority to trust
    http https  ports on 127.0.0.1
    full        the same as https, but no session is ever resumed
    master      nginx; its one child is the worker

It serves /1k (1 KiB), the same with "Connection: close" at /close/1k, two milliseconds after the one before
at /later, and without an end at /held; two bytes at /close/session if a TLS session was resumed, else one;
/big.bin of so many MiB and /part.bin of an eighth of that; PUT /upload/NAME stores a body.
"""
import os
import resource
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "test", "support"))
import nginx  # noqa: E402
import real_server  # noqa: E402

CONFIG = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {descriptors};
pid {root}/nginx.pid;
error_log {root}/error.log error;
{user}
events {{ worker_connections 25000; multi_accept on; }}
http {{
    access_log off;
    client_body_temp_path {root}/upload/tmp; proxy_temp_path {root}/tmp;
    fastcgi_temp_path {root}/tmp; uwsgi_temp_path {root}/tmp; scgi_temp_path {root}/tmp;
    default_type application/octet-stream;
    sendfile on;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_max_body_size 0;
    client_body_buffer_size 256k;
    open_file_cache max=10;
    limit_req_zone $server_port zone=later:1m rate=500r/s;
    ssl_protocols TLSv1.2;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256;
    ssl_ecdh_curve prime256v1;
    ssl_certificate {root}/good.crt;
    ssl_certificate_key {root}/good.key;
    map $ssl_session_reused $session {{ r "xx"; default "x"; }}
    {servers}
}}
"""

SERVER = """
    server {{
        listen {address}{options};
        root {root}/files;
        location / {{ }}
        location = /1k {{ return 200 "{body}"; }}
        location = /close/1k {{ keepalive_timeout 0; return 200 "{body}"; }}
        location = /close/session {{ keepalive_timeout 0; return 200 "$session"; }}
        location = /later {{ limit_req zone=later burst=10000; sendfile off; }}
        location = /held {{ limit_rate 1; limit_rate_after 512; return 200 "{body}"; }}
        location /upload/ {{ alias {root}/upload/; dav_methods PUT; }}
    }}
"""

BODY_BYTES = 1024
MOST_DESCRIPTORS = 30000

OPTIONS = {
    "http": "",
    "https": " ssl; ssl_session_cache shared:tls:1m; ssl_session_tickets on",
    "full": " ssl; ssl_session_cache off; ssl_session_tickets off",
}


def write_config(root, listeners):
    descriptors = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], MOST_DESCRIPTORS)
    servers = "".join(SERVER.format(root=root, body="x" * BODY_BYTES, options=OPTIONS[name],
                                    address=real_server.address_of(sockets[0]))
                      for name, sockets in listeners.items())
    with open(f"{root}/nginx.conf", "w") as file:
        file.write(CONFIG.format(root=root, servers=servers, descriptors=descriptors,
                                 user="user root;" if os.geteuid() == 0 else ""))


def make_files(root, megabytes):
    for folder in ("files", "tmp", "upload"):
        os.mkdir(f"{root}/{folder}")
    for name, size in (("small.txt", 10), ("later", BODY_BYTES)):
        with open(f"{root}/files/{name}", "w") as file:
            file.write("x" * size)
    for name, size in (("big", megabytes << 20), ("part", megabytes << 17)):
        with open(f"{root}/files/{name}.bin", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def run(root):
    nginx.prepare_authorities(root)
    nginx.make_certificate(root, "good", *nginx.CERTIFICATES["good"])
    make_files(root, int(sys.argv[1]))
    listeners = {name: real_server.bind_both(False, True) for name in OPTIONS}
    for sockets in listeners.values():
        sockets[0].setblocking(False)  # for multi_accept
    write_config(root, listeners)
    numbers = [sockets[0].fileno() for sockets in listeners.values()]
    process = real_server.start(root, ["nginx", "-p", root, "-e", f"{root}/error.log",
                                       "-c", f"{root}/nginx.conf"],
                                {"NGINX": "".join(f"{number};" for number in numbers)}, numbers)
    real_server.serve(root, process, listeners,
                      [("ca_file", f"{root}/ca.crt"), ("master", process.pid)])


if __name__ == "__main__":
    real_server.main("bench", run)
