# SPDX-License-Identifier: MIT
"""The server of the corpus: answers /case/NAME with the bytes of that case, and /next/NAME well.

It runs on a loopback port that the kernel chose, a thread per connection, and notes which requests
came on which connection. No time is waited for but the next request: whoever plays a case says when
the client has had its response, and is told when the last byte has gone out.
"""
import socket
import struct
import threading

PATIENCE_SECONDS = 60


class Played:
    """What has happened to one case."""

    def __init__(self):
        self.connections = []  # one number per request
        self.next_connections = []
        self.is_received = threading.Event()  # set by the player of the case
        self.is_sent = threading.Event()  # set by the server
        self.is_over = threading.Event()  # its connection has been closed, by either side


def read_head(connection):
    """The method and the path of the next request; None at the end."""
    head = b""
    while b"\r\n\r\n" not in head:
        try:
            piece = connection.recv(65536)
        except OSError:
            return None
        if not piece:
            return None
        head += piece
    return head.split(b" ")[1].decode("ascii")


def next_body(name, number):
    return f"the next of {name} on {number}".encode()


class Server:
    def __init__(self, cases):
        self.cases = {case.name: case for case in cases}
        self.played = {case.name: Played() for case in cases}
        self.lock = threading.Lock()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def close(self):
        """Ends every connection and its thread."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        with self.lock:
            threads = list(self.open)
        for thread, connection in threads:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself
            thread.join()

    def _accept(self):
        number = 0
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            with self.lock:
                self.open.add((thread, connection))
            thread.start()

    def _serve(self, connection, number):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(PATIENCE_SECONDS)
        played = []
        try:
            while path := read_head(connection):
                _, kind, name = path.split("/")
                played += [self.played[name]] if kind == "case" else []
                if not {"case": self._play, "next": self._answer}[kind](connection, number, name):
                    break
        finally:
            for case in played:
                case.is_over.set()
            with self.lock:
                self.open.discard((threading.current_thread(), connection))
            connection.close()

    def _answer(self, connection, number, name):
        body = next_body(name, number)
        self.played[name].next_connections.append(number)
        send(connection, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
             % (len(body), body))
        return False

    def _play(self, connection, number, name):
        """False when the connection is over."""
        case, played = self.cases[name], self.played[name]
        played.connections.append(number)
        is_whole = send(connection, case.answer)
        if is_whole and case.later:
            played.is_received.wait(PATIENCE_SECONDS)
            send(connection, case.later)
        if case.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if case.end != "keep":
            connection.close()
        played.is_sent.set()
        return case.end == "keep"


def send(connection, data):
    """False when the client has had enough."""
    try:
        connection.sendall(data)
        return True
    except OSError:
        return False
