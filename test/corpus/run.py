#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py PLAYER PLAYER-16 [PATTERN]: plays the corpus of HTTP/1.1 responses, see corpus.py.

Every case is played to the library through its public API: in a synchronous and an asynchronous
session, in both widths of wchar_t, as a whole and a byte at a time. Behind each case the session
asks for something else at the same server and must get that and nothing that the case has left.
Where there is a curl command, it gets the same bytes; a table shows where it differs from what the
cases expect, and docs/http.md must explain just those.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

import corpus
import curl
import server

ROOT = os.path.dirname(os.path.dirname(corpus.FOLDER))
DOCUMENT = os.path.join(ROOT, "docs", "http.md")
PLAYS = [("sync", "whole", 0), ("async", "whole", 1), ("sync", "drip", 1), ("async", "drip", 0)]
PATIENCE_MS = 60000
MOST_ASKED = 500
SHORT_MS = 250  # for cases that expect the limit to be over
NAMES = {number: name for name, number in corpus.ERRORS.items()}


class Player:
    """A client process; one request after another."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, encoding="ascii")

    def close(self):
        self.process.stdin.close()
        return self.process.wait(server.PATIENCE_SECONDS)

    def request(self, method, port, path, options):
        words = [method, str(port), path] + [f"{name}={value}" for name, value in options.items()]
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        outcome = corpus.Outcome()
        while (line := self.process.stdout.readline().rstrip("\n")) != "end":
            if not line:
                raise RuntimeError("the player has died")
            name, _, rest = line.partition(" ")
            FACTS[name](outcome, rest)
        return outcome


def _take_head(outcome, text):
    lines = corpus.unescape_text(text).split("\r\n")
    parts = lines[0].split(" ", 2)
    outcome.reason = parts[2] if len(parts) > 2 else ""
    pairs = (line.partition(": ") for line in lines[1:] if line)
    outcome.fields = [(name, value) for name, _, value in pairs]


# What a player writes.
FACTS = {
    "status": lambda outcome, text: setattr(outcome, "status", int(text)),
    "head": _take_head,
    "no-head": lambda outcome, text: setattr(outcome, "problem", f"no head: error {text}"),
    "body": lambda outcome, text: setattr(outcome, "body",
                                          corpus.unescape_text(text).encode("latin-1")),
    "interim": lambda outcome, text: outcome.interim.append(int(text)),
    "error": lambda outcome, text: setattr(outcome, "error", int(text.split()[0])),
}


def check_next(case, answer, played, asked):
    """What is wrong with the latest request behind a case; None if nothing is."""
    right = [server.next_body(case.name, number) for number in played.next_connections]
    if len(played.connections) != 1 or len(right) != asked:
        return f"{len(played.connections)} and {len(right)} requests reached the server"
    if answer.error or answer.status != 200 or answer.body != right[-1]:
        return f"the next request: status {answer.status}, error {answer.error}, {answer.body}"
    return None


def is_reused(played):
    return played.connections == played.next_connections[-1:]


def ask_next(player, case, played_by):
    """Asks behind a case, and answers what is wrong with that. In an asynchronous session the program
    may know of the end before the connection is back in the pool: then it asks again, until the
    connection has either carried a request or been closed."""
    played = played_by.played[case.name]
    for asked in range(1, MOST_ASKED + 1):
        answer = player.request("GET", played_by.port, f"/next/{case.name}",
                                {"receive": PATIENCE_MS})
        problem = check_next(case, answer, played, asked)
        if problem or is_reused(played) or played.is_over.is_set():
            return problem
    return "the connection is neither used nor closed"


def play_case(player, case, played_by):
    options = {"receive": PATIENCE_MS, **case.options}
    if case.error == corpus.ERRORS["TIMEOUT"]:
        options["receive"] = SHORT_MS
    played = played_by.played[case.name]
    outcome = player.request(case.method, played_by.port, f"/case/{case.name}", options)
    played.is_received.set()
    if played.connections and not played.is_sent.wait(server.PATIENCE_SECONDS):
        outcome.problem = "the server is stuck"
    problem = ask_next(player, case, played_by)
    outcome.problem = outcome.problem or problem
    outcome.reused = is_reused(played)
    return outcome


def play(cases, programs, how):
    """{name: Outcome} of one play; cases behind a crash are missing."""
    mode, pace, width = how
    played_by = server.Server(cases)
    player = Player([programs[width], mode, pace])
    outcomes = {}
    try:
        for case in cases:
            outcomes[case.name] = play_case(player, case, played_by)
    except (RuntimeError, OSError) as error:
        print(f"{' '.join(map(str, how))}: {error} in {case.place}: {case.name}")
    finally:
        if player.close():
            print(f"{' '.join(map(str, how))}: exit status {player.process.returncode}")
            outcomes.clear()
        played_by.close()
    return outcomes


def judge(case, plays):
    """Prints what is wrong with a case in any of the plays; whether nothing is."""
    found = {}
    for how, outcomes in plays.items():
        outcome = outcomes.get(case.name)
        problems = corpus.compare(case, outcome) if outcome else ["was not played"]
        if problems:
            found.setdefault("; ".join(problems), []).append(" ".join(how[:2]))
    for problem, where in found.items():
        print(f"{case.place}: {case.name} ({', '.join(where)}): {problem}")
    return not found


# ---- curl ----


def describe(status, error, body, is_reused):
    if error and not status:
        return f"error {error}"
    text = body.decode("latin-1").encode("unicode_escape").decode("ascii")
    text = text if len(text) <= 24 else f"{len(body)} bytes"
    end = f"error {error}" if error else "kept" if is_reused else "closed"
    return f"{status} [{text}] {end}"


def is_different(case, outcome):
    """Errors are compared as such: each library has its own numbers."""
    if outcome.problem or bool(outcome.error) != bool(case.error):
        return True
    outcome.interim, outcome.reason = case.interim, case.reason  # what curl does not show
    return not case.error and bool(corpus.compare(case, outcome))


def print_table(cases, outcomes):
    """Names of the cases where curl differs."""
    names = set()
    for case in cases:
        outcome = outcomes.get(case.name)
        if not outcome or not is_different(case, outcome):
            continue
        names.add(case.name)
        ours = describe(case.status, NAMES.get(case.error), case.body, case.reused)
        other = describe(outcome.status, outcome.error, outcome.body, outcome.reused)
        print(f"  {case.name:40} {ours:44} {other} {outcome.problem or ''}".rstrip())
    return names


def read_document():
    """(versions, {name: versions that differ, or None for all})"""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    versions = re.findall(r"\bcurl (\d+\.\d+)", re.search(r"^Compared with.*", text, re.M)[0])
    named = {}
    for group in re.findall(r"^Cases: (.*?)(?:\n\n|\Z)", text, re.M | re.S):
        for name, version in re.findall(r"`([\w.-]+)`(?:\s\((\d+\.\d+)\))?", group):
            named.setdefault(name, []).append(version or None)
    return versions, named


def check_document(cases, found, version):
    """The cases that docs/http.md explains are there, and are those that differ."""
    versions, named = read_document()
    absent = named.keys() - {case.name for case in cases}
    for name in sorted(absent):
        print(f"docs/http.md:1: there is no case {name}")
    if version not in versions:
        print(f"docs/http.md knows curl {' and '.join(versions)}; this is {version}")
        return not absent
    expected = {name for name, only in named.items() if None in only or version in only}
    for name in sorted(expected - found):
        print(f"docs/http.md:1: {name} does not differ with curl {version}")
    for name in sorted(found - expected):
        print(f"docs/http.md:1: {name} differs with curl {version} and is not explained")
    return found == expected and not absent


def compare_with_curl(cases, is_complete, pool):
    """How many checks passed and failed; starts at once, answers when called."""
    command = curl.find()
    if not command:
        return lambda: (0, 0)
    playing = pool.submit(curl.play, cases, command[0])

    def finish():
        print(f"where curl {command[1]} differs:")
        found = print_table(cases, playing.result())
        if not is_complete:
            return 0, 0
        return (1, 0) if check_document(cases, found, command[1]) else (0, 1)

    return finish


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    programs, pattern = sys.argv[1:3], sys.argv[3] if len(sys.argv) > 3 else ""
    every = corpus.read_all()
    cases = [case for case in every if re.search(pattern, case.name)]
    with concurrent.futures.ThreadPoolExecutor(len(PLAYS) + 1) as pool:
        finish = compare_with_curl(cases, len(cases) == len(every), pool)
        plays = dict(zip(PLAYS, pool.map(lambda how: play(cases, programs, how), PLAYS)))
        passed = sum(judge(case, plays) for case in cases)
        failed = len(cases) - passed
        more = finish()
    print(f"corpus: {passed + more[0]} passed, {failed + more[1]} failed")
    sys.exit(1 if failed + more[1] else 0)


if __name__ == "__main__":
    main()
