#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nginx.py [MEGABYTES]: nginx on free loopback ports for as long as standard input stays open.

Makes a folder with certificates, files and a configuration, starts nginx on sockets that it has
bound itself (so the kernel chooses the ports and nobody can take them away), waits until it
answers, and prints one `name value` per line, the last one `ready`:

    root        folder with everything, removed at the end
    files       folder that is served: small.txt 1m.bin 10m.bin [big.bin of MEGABYTES]
    ca_file     the certificate authority to trust
    http https  ports, on 127.0.0.1 and, where there is IPv6, on ::1
    expired wrong_name unknown_ca self_signed    ports with such a certificate, on 127.0.0.1

Used by test/support/nginx.c, test/api/examples.py and tools/demo. Ends when standard input ends,
however its parent dies, or on a signal; nginx ends with it, however it dies.
"""
import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

PR_SET_PDEATHSIG = 1

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
        location = /status/204 {{ return 204; }}
        location = /status/304 {{ return 304; }}
        location = /status/500 {{ return 500; }}
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


def make_certificate(root, name, authority, section, start, end):
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{root}/{name}.key", "-out", f"{root}/{name}.csr", "-subj", "/CN=localhost",
            "-config", f"{root}/ca.cnf")
    openssl("ca", "-batch", "-notext", "-config", f"{root}/ca.cnf", "-extensions", section,
            "-in", f"{root}/{name}.csr", "-out", f"{root}/{name}.crt",
            "-cert", f"{root}/{authority}.crt", "-keyfile", f"{root}/{authority}.key",
            "-startdate", start, "-enddate", end)


def make_certificates(root):
    with open(f"{root}/ca.cnf", "w") as file:
        file.write(CA_CONFIG.format(root=root))
    open(f"{root}/index.txt", "w").close()
    make_authority(root, "ca", "authority")
    make_authority(root, "stranger", "authority")
    for name, (authority, section, start, end) in CERTIFICATES.items():
        if authority:
            make_certificate(root, name, authority, section, start, end)
        else:
            make_authority(root, name, section)


def pattern(block):
    """64 KiB of the pattern: byte i of the file is i ^ i>>8 ^ i>>16, see pattern.h."""
    base = bytes((i ^ i >> 8) & 0xFF for i in range(1 << 16)) if not pattern.base else pattern.base
    pattern.base = base
    return base.translate(bytes(i ^ block & 0xFF for i in range(256)))


pattern.base = None


def make_file(path, size):
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for block in range((size + 0xFFFF) >> 16):
            data = pattern(block)[:size - (block << 16)]
            file.write(data)
            digest.update(data)
    with open(path + ".sha256", "w") as file:
        file.write(f"{digest.hexdigest()}  {os.path.basename(path)}\n")


def make_files(root, megabytes):
    for folder in ("files", "upload", "tmp"):
        os.mkdir(f"{root}/{folder}")
    with open(f"{root}/files/small.txt", "w") as file:
        file.write("Hello from nginx.\n")
    make_file(f"{root}/files/1m.bin", 1 << 20)
    make_file(f"{root}/files/10m.bin", 10 << 20)
    if megabytes:
        make_file(f"{root}/files/big.bin", megabytes * 1000 * 1000)


def bind(family, address, port):
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(4096)
    except OSError:
        listener.close()
        raise
    os.set_inheritable(listener.fileno(), True)
    return listener


def has_ipv6():
    try:
        bind(socket.AF_INET6, "::1", 0).close()
        return True
    except OSError:
        return False


def bind_both(wants_ipv6):
    """One port on 127.0.0.1 and, if wanted, the same on ::1."""
    while True:
        first = bind(socket.AF_INET, "127.0.0.1", 0)
        if not wants_ipv6:
            return [first]
        try:
            return [first, bind(socket.AF_INET6, "::1", first.getsockname()[1])]
        except OSError:
            first.close()


def port_of(sockets):
    return sockets[0].getsockname()[1]


def server_block(root, sockets, certificate, ports):
    options = " ssl http2" if certificate == "good" else " ssl" if certificate else ""
    listen = ""
    for listener in sockets:
        address = "[::1]" if listener.family == socket.AF_INET6 else "127.0.0.1"
        suffix = " ipv6only=on" if listener.family == socket.AF_INET6 else ""
        listen += f"listen {address}:{port_of(sockets)}{options}{suffix}; "
    pair = ""
    if certificate:
        pair = (f"ssl_certificate {root}/{certificate}.crt; "
                f"ssl_certificate_key {root}/{certificate}.key;")
    return SERVER.format(root=root, listen=listen, certificate=pair, **ports)


def start(root, listeners):
    """nginx takes over sockets whose numbers stand in the variable NGINX."""
    names = {"http": None, "https": "good"}
    ports = {name: port_of(listeners[name]) for name in names}
    blocks = [server_block(root, sockets, names.get(name, name), ports)
              for name, sockets in listeners.items()]
    with open(f"{root}/nginx.conf", "w") as file:
        file.write(CONFIG.format(root=root, user="user root;" if os.geteuid() == 0 else "",
                                 servers="".join(blocks)))
    numbers = [listener.fileno() for sockets in listeners.values() for listener in sockets]
    environment = {**os.environ, "NGINX": "".join(f"{number};" for number in numbers)}
    environment["PATH"] = environment.get("PATH", "") + ":/usr/sbin"
    with open(f"{root}/stderr.log", "wb") as log:
        return subprocess.Popen(["nginx", "-p", root, "-e", f"{root}/error.log",
                                 "-c", f"{root}/nginx.conf"],
                                env=environment, pass_fds=numbers, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=log,
                                start_new_session=True, preexec_fn=end_with_parent)


def end_with_parent():
    """In the child that becomes nginx: the kernel ends it when nobody else can."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(process):
    """Ends nginx, and the worker that it would leave behind if it were killed."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    process.wait()


def await_answer(root, process, port):
    """The sockets accept from the start; nginx is up when it answers a request."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"HEAD /small.txt HTTP/1.0\r\n\r\n")
        while not select_readable(connection, 0.05):
            if process.poll() is not None:
                with open(f"{root}/stderr.log", errors="replace") as file:
                    raise RuntimeError(f"nginx ended with status {process.returncode}\n"
                                       + file.read().rstrip())
        if not connection.recv(100).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("nginx gives a strange answer")


def select_readable(connection, seconds):
    connection.settimeout(seconds)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except socket.timeout:
        return False


def serve(root, megabytes):
    make_certificates(root)
    make_files(root, megabytes)
    wants_ipv6 = has_ipv6()
    listeners = {"http": bind_both(wants_ipv6), "https": bind_both(wants_ipv6)}
    for name in ("expired", "wrong_name", "unknown_ca", "self_signed"):
        listeners[name] = bind_both(False)
    process = start(root, listeners)
    try:
        await_answer(root, process, port_of(listeners["http"]))
        print(f"root {root}\nfiles {root}/files\nca_file {root}/ca.crt")
        for name, sockets in listeners.items():
            print(f"{name} {port_of(sockets)}")
        print("ready", flush=True)
        for sockets in listeners.values():
            for listener in sockets:
                listener.close()
        sys.stdin.buffer.read()
    finally:
        set_signals(signal.SIG_IGN)
        stop(process)


def set_signals(handler):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def on_signal(number, _frame):
    set_signals(signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    set_signals(on_signal)
    root = tempfile.mkdtemp(prefix="winhttp-nginx-")
    try:
        serve(root, int(sys.argv[1]) if sys.argv[1:] else 0)
    except (RuntimeError, OSError) as error:
        sys.exit(f"nginx.py: {error}")
    finally:
        set_signals(signal.SIG_IGN)
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
