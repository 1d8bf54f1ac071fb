#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples.py BUILD_DIR/examples: runs the examples, in both widths of wchar_t, against nginx."""
import hashlib
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAUNCHER = os.path.join(ROOT, "test", "support", "nginx.py")
WIDTHS = ("", "-16")


class Nginx:
    """The launcher's report, and the server until close."""

    def __init__(self):
        self.process = subprocess.Popen([LAUNCHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
            name, value = line.split()
            setattr(self, name, value)
        raise RuntimeError("nginx did not start")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Suite:
    """One example program of one width, and what a case needs."""

    def __init__(self, programs, width, nginx):
        self.programs = programs
        self.width = width
        self.nginx = nginx
        self.http = f"http://localhost:{nginx.http}"
        self.https = f"https://localhost:{nginx.https}"

    def run(self, name, *arguments, status=0, data=None):
        """The finished program; its exit status has been checked."""
        environment = {**os.environ, "SSL_CERT_FILE": self.nginx.ca_file}
        done = subprocess.run([os.path.join(self.programs, name + self.width), *arguments],
                              input=data or b"", capture_output=True, timeout=60,
                              env=environment)
        done.errors = done.stderr.decode(errors="replace")
        assert done.returncode == status, f"exit status {done.returncode}: {done.errors}"
        return done

    def served(self, name):
        with open(os.path.join(self.nginx.files, name), "rb") as file:
            return file.read()


def unused_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get_writes_to_standard_output(suite):
    for program in ("get", "get-async"):
        for base in (suite.http, suite.https):
            assert suite.run(program, base + "/small.txt").stdout == b"Hello from nginx.\n"


def get_writes_to_a_file(suite):
    for program in ("get", "get-async"):
        with tempfile.NamedTemporaryFile() as file:
            assert suite.run(program, suite.https + "/10m.bin", file.name).stdout == b""
            assert hashlib.sha256(file.read()).digest() == hashlib.sha256(
                suite.served("10m.bin")).digest()


def get_shows_progress(suite):
    lines = suite.run("get", "-p", suite.http + "/10m.bin", os.devnull).errors.splitlines()
    assert len(lines) == 11 and lines[-1] == "[" + "#" * 50 + "] 100%", lines


def get_is_silent_without_a_terminal(suite):
    assert suite.run("get", suite.http + "/1m.bin", os.devnull).errors == ""


def a_body_without_length_is_complete(suite):
    for program in ("get", "get-async"):
        assert suite.run(program, suite.http + "/chunked/1m.bin").stdout == suite.served("1m.bin")


def query_and_fragment_are_understood(suite):
    assert suite.run("get", suite.http + "/small.txt?a=b#c").stdout == b"Hello from nginx.\n"


def other_statuses_are_failures(suite):
    for program in ("get", "get-async"):
        done = suite.run(program, suite.http + "/absent", status=1)
        assert "the server answers 404" in done.errors and done.stdout == b"", done


def refused_connections_tell_12029(suite):
    for program in ("get", "get-async"):
        done = suite.run(program, f"http://127.0.0.1:{unused_port()}/", status=1)
        assert "error 12029" in done.errors, done.errors


def unacceptable_certificates_tell_12175(suite):
    for program in ("get", "get-async"):
        for name in ("expired", "wrong_name", "unknown_ca", "self_signed"):
            url = f"https://localhost:{getattr(suite.nginx, name)}/small.txt"
            done = suite.run(program, url, status=1)
            assert "error 12175" in done.errors and done.stdout == b"", f"{name}: {done.errors}"


def usage_is_told(suite):
    for program in ("get", "get-async", "post", "timeline"):
        for arguments in ([], ["--help"], ["no-url"], ["http://a/" + "b" * 4000]):
            assert "usage: " + program in suite.run(program, *arguments, status=2).errors


def files_that_cannot_be_opened_are_named(suite):
    for program in ("get", "get-async", "post"):
        done = suite.run(program, suite.http + "/small.txt", "/absent/file", status=1)
        assert "No such file" in done.errors, done.errors


def post_sends_a_file(suite):
    path = os.path.join(suite.nginx.files, "1m.bin")
    done = suite.run("post", suite.https + "/post", path)
    assert done.stdout == b"POST 1048576\n" and "answers 200" in done.errors, done


def post_sends_standard_input(suite):
    for size in (0, 1, 300000):
        done = suite.run("post", suite.http + "/post", data=b"x" * size)
        assert done.stdout == f"POST {size}\n".encode(), done


def post_reports_an_error_status(suite):
    assert "answers 405" in suite.run("post", suite.http + "/small.txt", data=b"x", status=1).errors


def timeline_shows_every_step_in_order(suite):
    out = suite.run("timeline", suite.https + "/small.txt").stdout.decode()
    rows = [re.fullmatch(r" *[\d.]+ ms  thread (\d+)  \S+  (\w+) *(.*)", line)
            for line in out.splitlines()[1:]]
    assert all(rows), out
    names = [row[2] for row in rows if row[2] not in ("RECEIVING_RESPONSE", "RESPONSE_RECEIVED")]
    assert names == [
        "HANDLE_CREATED", "HANDLE_CREATED", "RESOLVING_NAME", "NAME_RESOLVED",
        "CONNECTING_TO_SERVER", "CONNECTED_TO_SERVER", "SENDING_REQUEST", "REQUEST_SENT",
        "SENDREQUEST_COMPLETE", "HEADERS_AVAILABLE", "READ_COMPLETE", "READ_COMPLETE",
        "HANDLE_CLOSING", "HANDLE_CLOSING", "HANDLE_CLOSING"], out
    payloads = {row[2]: row[3] for row in reversed(rows)}
    assert payloads["RESOLVING_NAME"] == "localhost", out
    assert payloads["CONNECTING_TO_SERVER"] in ("127.0.0.1", "::1"), out
    assert payloads["REQUEST_SENT"].endswith(" bytes"), out
    assert payloads["READ_COMPLETE"] == "18 bytes", out


def timeline_ends_with_an_error(suite):
    out = suite.run("timeline", f"http://127.0.0.1:{unused_port()}/").stdout.decode()
    assert re.search(r"REQUEST_ERROR +call 5, error 12029", out), out


CASES = [
    get_writes_to_standard_output, get_writes_to_a_file, get_shows_progress,
    get_is_silent_without_a_terminal, a_body_without_length_is_complete,
    query_and_fragment_are_understood, other_statuses_are_failures, refused_connections_tell_12029,
    unacceptable_certificates_tell_12175, usage_is_told, files_that_cannot_be_opened_are_named,
    post_sends_a_file, post_sends_standard_input, post_reports_an_error_status,
    timeline_shows_every_step_in_order, timeline_ends_with_an_error,
]


def run_cases(title, cases, make_suite, widths=WIDTHS):
    """Every case in each width, against one nginx. Ends the program."""
    passed = failed = 0
    nginx = Nginx()
    try:
        for width in widths:
            for case in cases:
                try:
                    case(make_suite(width, nginx))
                    passed += 1
                except (AssertionError, LookupError, OSError, ValueError, queue.Empty,
                        subprocess.TimeoutExpired) as error:
                    failed += 1
                    code = case.__code__
                    print(f"{code.co_filename}:{code.co_firstlineno}: "
                          f"{case.__name__}{width}: {type(error).__name__}: {error}")
    finally:
        nginx.close()
    print(f"{title}: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    run_cases("examples", CASES, lambda width, nginx: Suite(sys.argv[1], width, nginx))
