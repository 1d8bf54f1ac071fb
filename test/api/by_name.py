#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""by_name.py: WinHTTP as other languages call it, bound by name out of libwinhttp16.so: the example
examples/get.py, and what it leaves out. LD_LIBRARY_PATH tells where the library is."""
import contextlib
import ctypes
import io
import os
import queue
import subprocess
import sys

from examples import ROOT, run_cases, unused_port

EXAMPLE = os.path.join(ROOT, "examples", "get.py")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(EXAMPLE))
import get as winhttp  # noqa: E402

FLAG_ASYNC = 0x10000000
FLAG_ALL_NOTIFICATIONS = 0xffffffff
CONNECTED_TO_SERVER, HANDLE_CLOSING = 0x8, 0x800
SENDREQUEST_COMPLETE, HEADERS_AVAILABLE, READ_COMPLETE = 0x400000, 0x20000, 0x80000
REQUEST_ERROR = 0x200000
QUERY_CONTENT_TYPE = 1
OPTION_URL = 34
WAIT_SECONDS = 30

QueryOption = winhttp.bind("WinHttpQueryOption", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32,
                           ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint32))


class Suite:
    """What a case needs."""

    def __init__(self, nginx):
        self.nginx = nginx
        self.http = f"http://localhost:{nginx.http}"
        self.https = f"https://localhost:{nginx.https}"

    def run(self, *arguments, status=0):
        environment = {**os.environ, "SSL_CERT_FILE": self.nginx.ca_file}
        done = subprocess.run([sys.executable, EXAMPLE, *arguments], capture_output=True,
                              timeout=60, env=environment)
        done.errors = done.stderr.decode()
        assert done.returncode == status, f"exit status {done.returncode}: {done.errors}"
        return done


class Asynchronous:
    """One request of an asynchronous session; its completions arrive in a queue. No other case of
    this process connects to that address, so that it is not spared."""

    def __init__(self, port):
        self.completions = queue.Queue()
        self.address = None
        self.closed = queue.Queue()
        self.callback = winhttp.STATUS_CALLBACK(self.on_status)
        self.session = winhttp.Open(winhttp.wide("by-name/1.0"), 1, None, None, FLAG_ASYNC)
        winhttp.SetStatusCallback(self.session, self.callback, FLAG_ALL_NOTIFICATIONS, 0)
        self.connect = winhttp.Connect(self.session, winhttp.wide("127.0.0.1"), port, 0)
        self.request = winhttp.OpenRequest(self.connect, None, winhttp.wide("/small.txt"), None,
                                           None, None, 0)

    def on_status(self, handle, _context, status, information, length):
        if status == CONNECTED_TO_SERVER:
            self.address = winhttp.from_wide(information)
        elif status == HANDLE_CLOSING:
            self.closed.put(handle)
        elif status in (SENDREQUEST_COMPLETE, HEADERS_AVAILABLE, READ_COMPLETE, REQUEST_ERROR):
            self.completions.put((status, length))

    def complete(self, accepted, expected):
        """The length that the completion of a call tells."""
        winhttp.check(accepted)
        status, length = self.completions.get(timeout=WAIT_SECONDS)
        assert status == expected, hex(status)
        return length

    def close(self):
        """The callback belongs to this object: it must not be called when that is gone."""
        for handle in (self.request, self.connect, self.session):
            winhttp.CloseHandle(handle)
            assert self.closed.get(timeout=WAIT_SECONDS) == handle


def text_of(call, *arguments):
    """What a call writes that takes a buffer of so many bytes."""
    buffer, size = ctypes.create_string_buffer(1024), ctypes.c_uint32(1024)
    winhttp.check(call(*arguments, buffer, ctypes.byref(size)))
    return buffer.raw[:size.value].decode("utf-16-le")


def the_example_downloads(suite):
    for base in (suite.http, suite.https):
        done = suite.run(base + "/small.txt?a=b")
        assert done.stdout == b"Hello from nginx.\n", done.stdout
        assert done.errors in ("connected to 127.0.0.1\n", "connected to ::1\n"), done.errors


def the_example_tells_errors(suite):
    assert "answers 404" in suite.run(suite.http + "/absent", status=1).errors
    done = suite.run(f"http://127.0.0.1:{unused_port()}/", status=1)
    assert "WinHTTP error 12029" in done.errors, done.errors
    assert "usage: get.py URL" in suite.run(status=1).errors


def the_example_is_a_module(suite):
    out = io.BytesIO()
    with contextlib.redirect_stderr(io.StringIO()) as errors:
        assert winhttp.get(suite.http + "/1m.bin", out) == 200
    assert errors.getvalue().startswith("connected to "), errors.getvalue()
    with open(os.path.join(suite.nginx.files, "1m.bin"), "rb") as file:
        assert out.getvalue() == file.read()


def a_request_is_asynchronous(suite):
    a = Asynchronous(int(suite.nginx.http))
    a.complete(winhttp.SendRequest(a.request, winhttp.wide("X-A: \u00fc"), 6, None, 0, 0, 0),
               SENDREQUEST_COMPLETE)
    assert a.address == "127.0.0.1", a.address
    a.complete(winhttp.ReceiveResponse(a.request, None), HEADERS_AVAILABLE)
    assert text_of(lambda buffer, size: winhttp.QueryHeaders(
        a.request, QUERY_CONTENT_TYPE, None, buffer, size, None)) == "text/plain"
    assert text_of(QueryOption, a.request, OPTION_URL) == f"http://127.0.0.1:{suite.nginx.http}/small.txt"
    buffer = ctypes.create_string_buffer(100)
    count = a.complete(winhttp.ReadData(a.request, buffer, 100, None), READ_COMPLETE)
    assert buffer.raw[:count] == b"Hello from nginx.\n", buffer.raw
    a.close()


def an_asynchronous_error_is_told(_suite):
    a = Asynchronous(unused_port())
    a.complete(winhttp.SendRequest(a.request, None, 0, None, 0, 0, 0), REQUEST_ERROR)
    a.close()


CASES = [the_example_downloads, the_example_tells_errors, the_example_is_a_module,
         a_request_is_asynchronous, an_asynchronous_error_is_told]

if __name__ == "__main__":
    run_cases("by_name", CASES, lambda _width, nginx: Suite(nginx), widths=[""])
