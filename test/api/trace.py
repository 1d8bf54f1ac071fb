#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""trace.py BUILD_DIR: runs examples and tests with WINHTTP_TRACE and reads what they leave.

Every trace is checked against the Trace Event Format (the document that ui.perfetto.dev refers to)
and what the viewers need besides: see Trace.
"""
import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

from examples import ROOT, run_cases

sys.path.append(os.path.join(ROOT, "test", "check"))
import checklib
import compatibility

TRACE_SVG = os.path.join(ROOT, "tools", "trace-svg")
THREADS, HANDLES = 1, 2
# The fields of each type of event: which it must have, all of them, and no other.
FIELDS = {
    "M": {"ph", "pid", "name", "args"},
    "B": {"ph", "pid", "tid", "ts", "cat", "name", "args"},
    "E": {"ph", "pid", "tid", "ts", "args"},
    "i": {"ph", "pid", "tid", "ts", "cat", "name", "args", "s"},
}
SUCCESS = {0, 997}  # ERROR_IO_PENDING
# Programs of test/api that nest calls, callbacks and operations in every way there is.
INTRICATE = ["redirect", "close", "callback", "scenarios", "failure", "reuse", "upload"]


class Span:
    """A B event with its E: cat, name, args of both, the spans inside."""

    def __init__(self, event):
        self.cat, self.name, self.args = event["cat"], event["name"], dict(event["args"])
        self.start, self.end = event["ts"], None
        self.inside = []


class Track:
    def __init__(self, pid, name):
        self.pid, self.name = pid, name
        self.now = 0
        self.open = []
        self.spans = []  # the outermost ones
        self.instants = []

    def add(self, event):
        assert event["ts"] >= self.now, f"time goes back: {event}"
        self.now = event["ts"]
        if event["ph"] == "B":
            span = Span(event)
            (self.open[-1].inside if self.open else self.spans).append(span)
            self.open.append(span)
        elif event["ph"] == "E":
            assert self.open, f"an end without a begin: {event}"
            self.open[-1].end = event["ts"]
            self.open.pop().args.update(event["args"])
        else:
            self.instants.append(event)

    def walk(self, spans=None):
        for span in self.spans if spans is None else spans:
            yield span
            yield from self.walk(span.inside)

    def outline(self):
        """SendRequest(resolve connect send) ..."""
        return " ".join(s.name + (f"({' '.join(i.name for i in s.inside)})" if s.inside else "")
                        for s in self.spans)


def no_doubles(pairs):
    assert len(pairs) == len({key for key, _ in pairs}), f"a key twice: {pairs}"
    return dict(pairs)


def refuse(text):
    raise AssertionError(f"{text} is no JSON")


class Trace:
    """A file, checked: valid JSON, the fields of every event, tracks that are named before anything
    happens on them and have numbers of their own, time that never goes back, spans that nest."""

    def __init__(self, text, is_over=True):
        self.text = text
        self.groups = {}
        self.tracks = {}
        events = json.loads(text, object_pairs_hook=no_doubles, parse_constant=refuse)
        assert isinstance(events, list) and text.isascii()
        for event in events:
            self.add(event)
        assert self.groups == {THREADS: "threads", HANDLES: "handles"}, self.groups
        assert len({track.name for track in self.tracks.values()}) == len(self.tracks)
        if is_over:
            left = [(t.name, [s.name for s in t.open]) for t in self.tracks.values() if t.open
                    and not self.is_on_its_way_back(t)]
            assert not left, f"without an end: {left}"

    @staticmethod
    def is_on_its_way_back(track):
        """A library thread that still returns from the last callback when the program ends."""
        return track.name.startswith("library") and [s.name for s in track.open] == [
            "HANDLE_CLOSING"]

    def add(self, event):
        kind = event["ph"]
        is_track = kind == "M" and event["name"] == "thread_name"
        assert set(event) == FIELDS[kind] | ({"tid"} if is_track else set()), event
        assert event["pid"] in (THREADS, HANDLES), event
        assert isinstance(event["args"], dict), event
        assert all(type(value) in (int, str) for value in event["args"].values()), event
        if kind == "M":
            self.add_name(event, is_track)
            return
        assert type(event["tid"]) is int and type(event["ts"]) is float and event["ts"] > 0, event
        assert event.get("s", "t") == "t" and event.get("name", "n") and event.get("cat", "c"), event
        assert event["tid"] in self.tracks, f"a track without a name: {event}"
        track = self.tracks[event["tid"]]
        assert track.pid == event["pid"], f"one number for two tracks: {event}"
        track.add(event)

    def add_name(self, event, is_track):
        name = event["args"]["name"]
        assert name and isinstance(name, str) and set(event["args"]) == {"name"}, event
        if not is_track:
            assert event["name"] == "process_name" and event["pid"] not in self.groups, event
            self.groups[event["pid"]] = name
            return
        # Perfetto takes a thread whose number is that of a process for its main thread.
        assert 2 < event["tid"] < 2**32 and event["tid"] not in self.tracks, event
        self.tracks[event["tid"]] = Track(event["pid"], name)

    def find(self, pattern):
        """The tracks with such a name."""
        return [track for track in self.tracks.values() if re.search(pattern, track.name)]

    def request(self):
        (track,) = self.find("^request ")
        return track

    def spans(self, cat):
        return [s for track in self.tracks.values() for s in track.walk() if s.cat == cat]


def tooltips(svg):
    titles = xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")
    return [title.text for title in titles]


class Suite:
    """Runs programs of one width."""

    def __init__(self, build, width, nginx):
        self.build, self.width, self.nginx = build, width, nginx
        self.http = f"http://localhost:{nginx.http}"
        self.https = f"https://localhost:{nginx.https}"

    def environment(self, path, ca_file=None):
        return {**os.environ, "SSL_CERT_FILE": ca_file or self.nginx.ca_file, "SSL_CERT_DIR": "",
                "WINHTTP_TRACE": path}

    def command(self, folder, name, *arguments):
        return [os.path.join(self.build, folder, name + self.width), *arguments]

    def run(self, path, *command, status=0, ca_file=None):
        done = subprocess.run(self.command(*command), capture_output=True, timeout=240,
                              env=self.environment(path, ca_file))
        assert done.returncode == status, f"{command}: {done.stderr}{done.stdout[-2000:]}"
        return done

    def trace(self, *command, status=0, is_over=True, ca_file=None):
        with tempfile.TemporaryDirectory() as folder:
            self.run(folder + "/trace.json", *command, status=status, ca_file=ca_file)
            with open(folder + "/trace.json", encoding="ascii") as file:
                return Trace(file.read(), is_over)


def names(events):
    return [event["name"] for event in events]


def a_redirected_https_download_asynchronously(suite):
    trace = suite.trace("examples", "timeline", suite.http + "/to-https?who=me")
    track = trace.request()
    assert re.fullmatch(r"request 0x[0-9a-f]+ GET http://localhost:\d+/to-https\?…", track.name)
    assert re.fullmatch(
        r"SendRequest\(resolve connect send wait\) "
        r"ReceiveResponse\((wait )?redirect resolve connect TLS send wait\) "
        r"ReadData\(receive\)( ReadData)+", track.outline()), track.outline()
    notices = {event["name"]: event["args"] for event in track.instants}
    assert names(track.instants)[:3] == ["HANDLE_CREATED", "RESOLVING_NAME", "NAME_RESOLVED"]
    assert names(track.instants)[-1] == "HANDLE_CLOSING"
    assert notices["REDIRECT"] == {"url": suite.https + "/small.txt"}, notices
    assert notices["RESOLVING_NAME"] == {"text": "localhost"}, notices
    assert notices["REQUEST_SENT"]["number"] > 50, notices
    assert [s.args for s in track.spans if s.name == "ReadData"][0] == {"error": 0, "bytes": 18}
    # A loop that a slow callback holds up goes on on another thread.
    callbacks = sorted(trace.spans("callback"), key=lambda span: span.start)
    assert names(track.instants)[1:-1] == [
        s.name for s in callbacks if s.name not in ("HANDLE_CREATED", "HANDLE_CLOSING")]
    assert all(s.args["handle"] in track.name or "HANDLE_" in s.name for s in callbacks)
    assert trace.find("^application thread 1$") and trace.find("^library thread 2$")


def a_redirected_https_download_synchronously(suite):
    trace = suite.trace("examples", "get", suite.https + "/moved/a?who=me")
    track = trace.request()
    assert re.fullmatch(r"SendRequest\(resolve connect TLS send\) "
                        r"ReceiveResponse\(wait redirect send wait\) "
                        r"ReadData\(receive\)( ReadData)+", track.outline()), track.outline()
    assert "parked connection" in names(track.instants)
    (thread,) = trace.find("thread")
    calls = [s.name for s in thread.spans]
    assert calls[:6] == ["WinHttpCrackUrl", "WinHttpOpen", "WinHttpConnect", "WinHttpOpenRequest",
                         "WinHttpSendRequest", "WinHttpReceiveResponse"], calls
    assert calls[-3:] == ["WinHttpCloseHandle"] * 3, calls
    assert all(s.args["error"] == 0 for s in thread.spans)
    created = [s.args["new"] for s in thread.spans if "new" in s.args]
    assert [t.name.split()[:2] for t in trace.tracks.values() if t.pid == HANDLES] == [
        [kind, handle] for kind, handle in zip(("session", "connect", "request"), created)]


def the_body_of_a_request(suite):
    trace = suite.trace("examples", "post", suite.http + "/post",
                        os.path.join(suite.nginx.files, "1m.bin"))
    sent = sum(s.args["bytes"] for s in trace.request().spans if s.name == "WriteData")
    assert sent == 1 << 20, trace.request().outline()


def an_error_ends_the_operation(suite):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    trace = suite.trace("examples", "timeline", url)
    (span,) = trace.request().spans
    assert span.args["error"] == 12029 and [s.name for s in span.inside] == ["resolve", "connect"]
    (notice,) = [e for e in trace.request().instants if e["name"] == "REQUEST_ERROR"]
    assert notice["args"] == {"call": "SendRequest", "error": 12029}, notice


def an_unknown_authority_is_explained(suite):
    """How many are trusted; and if that is nobody, what to do."""
    url = f"https://localhost:{suite.nginx.unknown_ca}/small.txt"
    for ca_file, trusted in ((None, 1), ("/absent/ca.pem", 0)):
        trace = suite.trace("examples", "get", url, status=1, ca_file=ca_file)
        (said,) = [e["args"] for e in trace.request().instants if e["name"] == "unknown authority"]
        advice = said.pop("advice", "")
        assert said == {"trusted": trusted} and ("SSL_CERT_FILE" in advice) == (not trusted), said
    (span,) = trace.request().spans
    assert span.args["error"] == 12175, span.args


def public_functions():
    """What the headers declare."""
    functions = set()
    for path in pathlib.Path(ROOT, "include").rglob("*.h"):
        text = path.read_text(encoding="utf-8")
        functions |= set(re.findall(r"^WINHTTPAPI[^;(]*\b(\w+)\(", text, re.M))
    return functions


def every_function_is_traced(suite):
    functions = {name for name in public_functions() if name.startswith("WinHttp")} | {"SetEvent"}
    assert len(functions) > 50 and "WinHttpOpen" in functions, functions
    seen = {s.name for s in suite.trace("test", "api-trace").spans("api")}
    assert seen == functions, seen ^ functions


def functions_do_what_is_said_of_them(suite):
    """docs/compatibility.md: what works succeeds here, what is not available does not."""
    known = compatibility.claims(checklib.Tree(ROOT))
    errors = collections.defaultdict(set)
    for span in suite.trace("test", "api-trace").spans("api"):
        errors[span.name].add(span.args["error"])
    wrong = {name: seen for name, seen in errors.items()
             if name in known  # WinHTTP's, and no extension
             and bool(seen & SUCCESS) == (known[name].state == compatibility.NOT_AVAILABLE)}
    assert errors and not wrong, f"their last errors: {wrong}"


def secrets_stay_out(suite):
    """Header fields, bodies, user information, queries: all of them are called SECRET there."""
    trace = suite.trace("test", "api-trace")
    assert "SECRET" not in trace.text.upper(), re.findall(r".*SECRET.*", trace.text, re.I)[:3]
    assert trace.find(r"POST http://127\.0\.0\.1:\d+/path\?…$")
    reads = [s.args["bytes"] for t in trace.find("POST") for s in t.spans if s.name == "ReadData"]
    assert 6 in reads, reads


def intricate_programs_nest(suite):
    for program in INTRICATE:
        trace = suite.trace("test", "api-" + program, is_over=False)
        assert trace.find("^request "), program


def without_a_file_nothing_changes(suite):
    for path in ("", "/absent/trace.json"):
        done = suite.run(path, "examples", "get", suite.http + "/small.txt")
        assert done.stdout == b"Hello from nginx.\n" and done.stderr == b"", done


def a_program_that_is_killed_has_told(suite):
    """The array has no end then; the format allows that."""
    with socket.create_server(("127.0.0.1", 0)) as silent, \
            tempfile.TemporaryDirectory() as folder:
        path = folder + "/trace.json"
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        program = subprocess.Popen(suite.command("examples", "get", url),
                                   env=suite.environment(path), stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        text = ""
        while '"name":"wait"' not in text and time.monotonic() < end:
            time.sleep(0.01)
            if os.path.exists(path):
                with open(path, encoding="ascii") as file:
                    text = file.read()
        program.kill()
        program.wait()
    trace = Trace(text + "]", is_over=False)
    assert [s.name for s in trace.request().open] == ["ReceiveResponse", "wait"], text


def trace_svg_draws_every_event(suite):
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/trace.json"
        suite.run(path, "examples", "timeline", suite.http + "/moved/a")
        done = subprocess.run([TRACE_SVG, path], check=True, capture_output=True, text=True)
        with open(path, encoding="ascii") as file:
            drawn = [event for event in json.load(file) if event["ph"] in "Bi"]
    seen = [re.match(r"\w+", title)[0] for title in tooltips(done.stdout)]
    assert sorted(seen) == sorted(re.match(r"\w+", event["name"])[0] for event in drawn), seen


CASES = [
    a_redirected_https_download_asynchronously, a_redirected_https_download_synchronously,
    the_body_of_a_request, an_error_ends_the_operation, an_unknown_authority_is_explained,
    every_function_is_traced,
    functions_do_what_is_said_of_them, secrets_stay_out, intricate_programs_nest,
    without_a_file_nothing_changes, a_program_that_is_killed_has_told,
    trace_svg_draws_every_event,
]


if __name__ == "__main__":
    run_cases("trace", CASES, lambda width, nginx: Suite(sys.argv[1], width, nginx))
