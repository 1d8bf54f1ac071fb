# SPDX-License-Identifier: MIT
"""The corpus as the curl command sees it: a few processes, two transfers per case."""
import concurrent.futures
import os
import shutil
import subprocess
import tempfile

import corpus
import server

PATIENCE_SECONDS = 600
TRANSFER_SECONDS = 60
WAIT_SECONDS = 1  # of a transfer that waits for what never comes
PROCESSES = 4

TRANSFER = """
url = "http://127.0.0.1:{port}/{kind}/{name}"
{method}
output = "{folder}/{name}.{kind}.body"
dump-header = "{folder}/{name}.{kind}.head"
write-out = "{name} {kind} %{{exitcode}} %{{http_code}}\\n"
http1.1
silent
noproxy = "*"
max-time = {seconds}
"""
METHODS = {"GET": "", "HEAD": "head"}


def find():
    """(path, version) of the command; None where there is none."""
    path = shutil.which("curl")
    if not path:
        return None
    first = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    return path, ".".join(first.split()[1].split(".")[:2])


def _transfer(case, kind, port, folder):
    method, seconds = "", TRANSFER_SECONDS
    if kind == "case":
        method = METHODS.get(case.method, f'request = "{case.method}"')
        if case.is_endless_for_curl or case.error == corpus.ERRORS["TIMEOUT"]:
            seconds = WAIT_SECONDS
    return TRANSFER.format(port=port, kind=kind, name=case.name, folder=folder, method=method,
                           seconds=seconds)


def _config(transfers, port, folder):
    return "next\n".join(_transfer(case, kind, port, folder) for case, kind in transfers)


def _run(transfers, path, port, folder):
    """{(name, kind): (exit status, status)}. What curl takes for fatal ends it; then it goes on."""
    results = {}
    while transfers:
        done = subprocess.run([path, "-q", "--config", "-"], capture_output=True, text=True,
                              input=_config(transfers, port, folder), timeout=PATIENCE_SECONDS)
        lines = done.stdout.splitlines()
        if not lines:
            raise RuntimeError(f"curl ends with {done.returncode}: {done.stderr}")
        for line in lines:
            name, kind, exit_status, status = line.split()
            results[name, kind] = int(exit_status), int(status)
        transfers = transfers[len(lines):]
    return results


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _decode(text):
    """As the library does it."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _fields(head):
    """Of the last head in the dump; 1xx come before it, trailers behind it."""
    lines = []
    is_head = False
    for line in _decode(head).split("\n"):
        line = line.rstrip("\r")
        if line.startswith("HTTP/"):
            lines, is_head = [], True
        elif is_head and line and not line[0].isspace():
            lines.append(line)
        elif is_head and line.strip() and lines:
            lines[-1] += " " + line.strip()  # a continued line, as older versions show it
        else:
            is_head = False
    pairs = (line.partition(":") for line in lines)
    return [(name.strip(), value.strip(" \t")) for name, _, value in pairs]


def _outcome(case, folder, results, played):
    outcome = corpus.Outcome()
    start = f"{folder}/{case.name}."
    head = _read(start + "case.head")
    exit_status, status = results[case.name, "case"]
    outcome.error = exit_status or None
    outcome.status = status or None
    outcome.fields = _fields(head)
    outcome.body = b"" if case.method == "HEAD" else _read(start + "case.body")
    outcome.reused = played.connections[-1:] == played.next_connections[-1:]
    right = [server.next_body(case.name, number) for number in played.next_connections[-1:]]
    if right != [_read(start + "next.body")]:
        outcome.problem = "the next request has not got its own answer"
    return outcome


def play(cases, path):
    """{name: Outcome}; error is curl's exit status."""
    cases = [case for case in cases if not case.later]
    played_by = server.Server(cases)
    for played in played_by.played.values():
        played.is_received.set()
    shares = [[(case, kind) for case in cases[i::PROCESSES] for kind in ("case", "next")]
              for i in range(PROCESSES)]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
                for share in pool.map(lambda share: _run(share, path, played_by.port, folder),
                                      shares):
                    results.update(share)
        finally:
            played_by.close()
        return {case.name: _outcome(case, folder, results, played_by.played[case.name])
                for case in cases}
