#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""own_network.py LISTENER PORT COMMAND...: a server that insists on listening on every address, in a
network namespace of its own, where there is no other than loopback.

LISTENER is the number of an inherited socket. It stays in the network in which it was made, and whoever
connects to it there reaches PORT in the namespace: bytes pass as they are, in both directions. Says
`ready` when the server accepts connections, or else `forbidden` where namespaces are not permitted. Ends
with its parent, and the server with it; what the server says is in stderr.log of the working folder.

Used by tls_peers.py, by way of start().
"""
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading

import real_server

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def start(root, port, command):
    """Of command, which serves in root: the process, and the port on 127.0.0.1 that is its `port`."""
    listener = real_server.bind_both(False, True)[0]
    with listener:
        number = listener.fileno()
        process = subprocess.Popen([__file__, str(number), str(port), *command],
                                   cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   pass_fds=[number], preexec_fn=real_server.end_with_parent)
        with process.stdout:
            said = process.stdout.readline()
        if said == b"ready\n":
            return process, real_server.port_of([listener])
    process.wait()
    if said == b"forbidden\n":
        raise PermissionError(f"{command[0]} is left out: no network namespace is permitted here")
    raise RuntimeError(f"{command[0]} did not start")


def leave_network():
    """Superusers may; others may where they may have a namespace for users, too."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise PermissionError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))


def cut(*ends):
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # by its peer, before


def pump(source, target):
    """Until the source has no more to say, which the target is told."""
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        cut(source, target)


def relay(client, port):
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=pump, args=(server, client))
        back.start()
        pump(client, server)
        back.join()


def serve(listener, port):
    while True:
        threading.Thread(target=relay, args=(listener.accept()[0], port), daemon=True).start()


def main(number, port, *command):
    real_server.set_signals(real_server.on_signal)
    try:
        leave_network()
    except PermissionError as error:
        print("forbidden", flush=True)
        sys.exit(f"own_network.py: {error}")
    with open("stderr.log", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   preexec_fn=real_server.end_with_parent)
    try:
        real_server.connect(".", process, int(port)).close()
        print("ready", flush=True)
        serve(socket.socket(fileno=int(number)), int(port))
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (RuntimeError, OSError) as error:
        sys.exit(f"own_network.py: {error}")
