# SPDX-License-Identifier: MIT
"""What nginx.py and apache.py share: a folder of files, loopback ports that the kernel chose, and a server
that lives for as long as standard input stays open.

They print one `name value` per line, the last one `ready`:

    root        folder with everything, removed at the end
    files       folder that is served: small.txt 1m.bin 10m.bin [big.bin of MEGABYTES]

and what they have of their own. They end when standard input ends, however their parent dies, or on a
signal; the server ends with them, however they die.
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
import time

PR_SET_PDEATHSIG = 1


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


def make_files(root, greeting, megabytes=0):
    for folder in ("files", "upload", "tmp"):
        os.mkdir(f"{root}/{folder}")
    with open(f"{root}/files/small.txt", "w") as file:
        file.write(greeting + "\n")
    make_file(f"{root}/files/1m.bin", 1 << 20)
    make_file(f"{root}/files/10m.bin", 10 << 20)
    if megabytes:
        make_file(f"{root}/files/big.bin", megabytes * 1000 * 1000)


def bind(family, address, port, is_listening):
    """A socket that is not listening keeps the port for a server that binds it, too."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, not is_listening)
        listener.bind((address, port))
        if is_listening:
            listener.listen(4096)
    except OSError:
        listener.close()
        raise
    os.set_inheritable(listener.fileno(), True)
    return listener


def has_ipv6():
    try:
        bind(socket.AF_INET6, "::1", 0, True).close()
        return True
    except OSError:
        return False


def bind_both(wants_ipv6, is_listening):
    """One port on 127.0.0.1 and, if wanted, the same on ::1."""
    while True:
        first = bind(socket.AF_INET, "127.0.0.1", 0, is_listening)
        if not wants_ipv6:
            return [first]
        try:
            return [first, bind(socket.AF_INET6, "::1", first.getsockname()[1], is_listening)]
        except OSError:
            first.close()


def port_of(sockets):
    return sockets[0].getsockname()[1]


def address_of(listener):
    host = "[::1]" if listener.family == socket.AF_INET6 else "127.0.0.1"
    return f"{host}:{listener.getsockname()[1]}"


def end_with_parent():
    """In the child that becomes the server: the kernel ends it when nobody else can."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(root, command, variables, numbers):
    """command in a group of its own, with these sockets."""
    environment = {**os.environ, **variables}
    environment["PATH"] = environment.get("PATH", "") + ":/usr/sbin"
    with open(f"{root}/stderr.log", "wb") as log:
        return subprocess.Popen(command, env=environment, pass_fds=numbers,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                                start_new_session=True, preexec_fn=end_with_parent)


def stop(process):
    """Ends the server, and the workers that it would leave behind if it were killed."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    process.wait()


def check_alive(root, process):
    if process.poll() is not None:
        with open(f"{root}/stderr.log", errors="replace") as file:
            raise RuntimeError(f"the server ended with status {process.returncode}\n"
                               + file.read().rstrip())


def connect(root, process, port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            check_alive(root, process)
            time.sleep(0.02)


def await_answer(root, process, port):
    """Sockets may accept before the server is up, which it is when it answers a request."""
    with connect(root, process, port) as connection:
        connection.sendall(b"HEAD /small.txt HTTP/1.0\r\n\r\n")
        while not select_readable(connection, 0.05):
            check_alive(root, process)
        if not connection.recv(100).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("the server gives a strange answer")


def select_readable(connection, seconds):
    connection.settimeout(seconds)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except socket.timeout:
        return False


def serve(root, process, listeners, more=()):
    """Tells how to reach the server, and keeps it until standard input ends."""
    try:
        await_answer(root, process, port_of(listeners["http"]))
        print(f"root {root}\nfiles {root}/files")
        for name, value in [*more, *((name, port_of(sockets))
                                     for name, sockets in listeners.items())]:
            print(f"{name} {value}")
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


def main(name, run):
    """run(root) serves; see serve."""
    set_signals(on_signal)
    root = tempfile.mkdtemp(prefix=f"winhttp-{name}-")
    try:
        run(root)
    except (RuntimeError, OSError) as error:
        sys.exit(f"{name}.py: {error}")
    finally:
        set_signals(signal.SIG_IGN)
        shutil.rmtree(root, ignore_errors=True)
