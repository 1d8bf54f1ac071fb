#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/bench [--quick] [--rounds N] [--docs] [--again] [PATTERN]: this library, libcurl and bare sockets.

    --quick     about a minute: short runs, small bodies, nothing counted
    --rounds N  of each load, three without it; what takes long has fewer
    --docs      writes the tables and the drawing to docs/performance.md and docs/performance.svg
    --again     the tables and the drawing of what build-bench/bench.json has; nothing is measured
    --check     only whether each program does what it should; no times
    PATTERN     a regular expression: only loads in whose name it is found

Prints a table, and writes bench.json and bench.svg to build-bench/. docs/performance.md says how to read
them.
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time

import loads
import measure
import report

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUILD = os.path.join(ROOT, "build-bench")
RESULTS = os.path.join(BUILD, "bench.json")
DOCUMENT = os.path.join(ROOT, "docs", "performance.md")
BODY_MEGABYTES = 1024
FILLED_SECONDS = 0.3  # one run of a load that is scaled
PATIENCE_SECONDS = 4  # for all runs of one contestant in one place; then it has no more rounds
QUICK_SECONDS = 0.1
QUICK_MEGABYTES = 128
CHECK_COUNT = 20
CHECK_MEGABYTES = 8
PACKAGES = ["libcurl4-openssl-dev", "libmbedtls-dev", "libuv1-dev", "nginx"]


class Runner:
    """Runs what is wanted, and says what it is doing."""

    def __init__(self, bench, options):
        self.bench = bench
        self.options = options
        self.results = report.Results()

    def is_wanted(self, load):
        return re.search(self.options.pattern, load.name)

    def note(self, load, contestant, reason):
        text = f"{load.title}, {contestant}: {reason}"
        if text not in self.results.notes:
            self.results.notes.append(text)
            print(f"skipped: {text}", flush=True)

    def attempt(self, load, contestant, work):
        """What it answers, or None with a note."""
        try:
            return work()
        except measure.Skip as skip:
            self.note(load, contestant, skip)
        except subprocess.TimeoutExpired:
            self.note(load, contestant, "takes too long")
        return None

    # ---- times ----

    def trial_count(self, load, contestant, cpus):
        """As many as fill a run, by a run that is not counted; None if it cannot run."""
        if not load.is_scaled:
            return load.count
        trial = self.attempt(load, contestant,
                             lambda: self.bench.run(load, contestant, cpus, count=load.count))
        if not trial:
            return None
        seconds = QUICK_SECONDS if self.options.quick else FILLED_SECONDS
        return max(10, load.count // 10, int(trial["count"] * seconds / trial["seconds"]))

    def measure(self, load):
        for placement in self.bench.placements(load):
            cpus = self.bench.cpus_of(placement)
            counts = {name: self.trial_count(load, name, cpus) for name in load.contestants}
            left = {name: PATIENCE_SECONDS for name, count in counts.items() if count}
            for turn in range(self.options.rounds):
                self.run_round(load, placement, counts, left, turn)

    def run_round(self, load, placement, counts, left, turn):
        """Each contestant once, while it has time left; another one begins in each round."""
        names = list(left)
        cpus = self.bench.cpus_of(placement)
        for name in names[turn % len(names):] + names[:turn % len(names)] if names else ():
            start = time.monotonic()
            one = left[name] > 0 and self.attempt(
                load, name, lambda: self.bench.run(load, name, cpus, count=counts[name]))
            left[name] -= time.monotonic() - start
            if one:
                self.results.rounds.setdefault((load.name, placement, name), []).append(one)

    # ---- counts ----

    def count(self, load):
        tools = {"syscalls": self.bench.count_syscalls, "instructions": self.bench.count_instructions}
        for contestant in load.contestants:
            for what in load.counts:
                value = self.attempt(load, contestant, lambda: tools[what](load, contestant))
                if value is not None:
                    self.results.counted.setdefault((load.name, contestant), {})[what] = value

    def measure_memory(self, memory):
        for contestant in memory.contestants:
            heaps = [self.attempt(memory, contestant,
                                  lambda: self.bench.run(memory, contestant, width=width,
                                                         count=width))
                     for width in (1, 1 + memory.more)]
            if all(heaps):
                more = heaps[1]["heap"] - heaps[0]["heap"]
                self.results.memory[memory.name, contestant] = more / memory.more

    def run(self):
        chosen = [load for load in loads.LOADS if self.is_wanted(load)]
        for i, load in enumerate(chosen):
            print(f"[{i + 1:2}/{len(chosen)}] {load.title}", flush=True)
            self.measure(load)
            if not self.options.quick:
                self.count(load)
        for memory in filter(self.is_wanted, loads.MEMORY):
            self.measure_memory(memory)


# ---- what is made of the results ----

def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return re.search(r"model name\s*: (.*)|$", file.read())[1] or os.uname().machine


def versions():
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES],
                          capture_output=True, text=True, check=False)
    return dict(line.split() for line in done.stdout.splitlines())


FACTS = ("date", "processor", "processors", "load_average", "kernel", "rounds_wanted", "is_quick",
         "packages")


def circumstances(options, load_average):
    return {"date": datetime.date.today().isoformat(), "processor": processor(),
            "processors": len(os.sched_getaffinity(0)), "load_average": round(load_average, 1),
            "kernel": os.uname().release.split("-")[0],
            "rounds_wanted": options.rounds, "is_quick": options.quick, "packages": versions()}


def as_json(results, facts):
    keys = ("load", "placement", "contestant")
    return {
        **facts,
        "rounds": [{**dict(zip(keys, key)), "runs": runs} for key, runs in results.rounds.items()],
        "counted": [{"load": load, "contestant": contestant, **counted}
                    for (load, contestant), counted in results.counted.items()],
        "memory": [{"load": load, "contestant": contestant, "bytes": value}
                   for (load, contestant), value in results.memory.items()],
        "targets": [dict(zip(("target", "measured", "is_met"), (*row[:2], row[2] == "met")))
                    for row in report.targets(results)],
        "skipped": results.notes,
    }


def from_json(data):
    results = report.Results()
    for one in data["rounds"]:
        results.rounds[one["load"], one["placement"], one["contestant"]] = one["runs"]
    for one in data["counted"]:
        results.counted[one.pop("load"), one.pop("contestant")] = one
    for one in data["memory"]:
        results.memory[one["load"], one["contestant"]] = one["bytes"]
    results.notes = data["skipped"]
    return results


def tables(results, write):
    parts = [write(report.HEADINGS, report.table(results)),
             write(report.MEMORY_HEADINGS, report.memory_table(results)),
             write(report.TARGET_HEADINGS, list(report.targets(results)))]
    return "\n\n".join(parts)


def save(results, facts, options):
    with open(RESULTS, "w", encoding="utf-8") as file:
        json.dump(as_json(results, facts), file, indent=1)
    places = [BUILD + "/bench.svg"] + [DOCUMENT.replace(".md", ".svg")] * options.docs
    for place in places:
        with open(place, "w", encoding="utf-8") as file:
            file.write(report.drawing(results))
    if options.docs:
        save_document(results, facts)


def save_document(results, facts):
    """Between the lines that say so, the document is the tool's."""
    with open(DOCUMENT, encoding="utf-8") as file:
        before, _, after = re.split(r"(?<=<!-- measured -->\n)(.*)(?=<!-- end -->)", file.read(),
                                    flags=re.S)
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    head = (f"\n{facts['date']}, {facts['processors']} × {facts['processor']}, "
            f"load average {facts['load_average']} before, Linux {facts['kernel']}, "
            f"{facts['rounds_wanted']} rounds; {packages}.\n\n")
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(before + head + tables(results, report.as_markdown) + "\n\n" + after)


# ---- the check ----

def check_one(bench, load, contestant):
    """Each program, with little to do, does that much."""
    width = min(load.arguments.get("width", 1), CHECK_COUNT)
    few = {**load.few, "width": width, "count": CHECK_COUNT if not load.size else 1}
    if load.program in ("idle", "park"):
        few["count"] = width
    few["warm"] = 0 if load.size else width
    size = few.get("body") or (os.path.getsize(bench.server.facts["files"] + few["path"])
                               if load.size else 0 if load.program == "idle" else loads.KIB)
    one = bench.run(load, contestant, **few)
    assert few["count"] <= one["done"] <= few["count"] + few["warm"] + 2 * width, one
    assert one["bytes"] == one["done"] * size, one
    if load.name.startswith("handshake"):
        check_handshakes(bench, load, contestant)


def check_handshakes(bench, load, contestant):
    """The first handshake is a full one, the others are what the load is about."""
    one = bench.run(load, contestant, path="/close/session", warm=0, count=CHECK_COUNT)
    assert one["bytes"] == (2 * one["done"] - 1 if load.port == "https" else one["done"]), one


def check_memory(bench, memory, contestant):
    one = bench.run(memory, contestant, width=CHECK_COUNT, count=CHECK_COUNT)
    assert one["heap"] > 0, one


def check(bench, pattern):
    passed = failed = skipped = 0
    for load in [*loads.LOADS, *loads.MEMORY]:
        for contestant in load.contestants if re.search(pattern, load.name) else ():
            try:
                (check_one if isinstance(load, loads.Load) else check_memory)(bench, load, contestant)
                passed += 1
            except measure.Skip as skip:
                skipped += 1
                print(f"{load.name}, {contestant}: {skip}")
            except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"{load.name}, {contestant}: {error}")
    if skipped:
        print(f"{skipped} skipped")
    print(f"bench: {passed} passed, {failed} failed")
    return failed


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--programs", default=os.path.join(BUILD, "bench"), help=argparse.SUPPRESS)
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def shrink(megabytes):
    """--quick and --check have smaller bodies; what is said of them follows."""
    for load in loads.LOADS:
        if load.size:
            load.size = load.size * megabytes // BODY_MEGABYTES
            load.title = load.title.replace("128 MiB", f"{megabytes // 8} MiB")
            load.title = load.title.replace("1 GiB", f"{megabytes} MiB")
            for arguments in (load.arguments, load.few):
                if "body" in arguments:
                    arguments["body"] = arguments["body"] * megabytes // BODY_MEGABYTES


def measure_all(options):
    """What has been measured, and under which circumstances; --check ends here."""
    megabytes = BODY_MEGABYTES
    if options.check or options.quick:
        megabytes = CHECK_MEGABYTES if options.check else QUICK_MEGABYTES
        shrink(megabytes)
    load_average = os.getloadavg()[0]
    server = measure.Server(megabytes)
    try:
        bench = measure.Bench(options.programs, server)
        if options.check:
            sys.exit(1 if check(bench, options.pattern) else 0)
        runner = Runner(bench, options)
        runner.run()
    finally:
        server.close()
    return runner.results, circumstances(options, load_average)


def read_again():
    with open(RESULTS, encoding="utf-8") as file:
        data = json.load(file)
    results = from_json(data)
    if data["is_quick"]:
        shrink(QUICK_MEGABYTES)
    return results, {name: data[name] for name in FACTS}


def main():
    options = parse()
    results, facts = read_again() if options.again else measure_all(options)
    print("\n" + tables(results, report.as_text) + "\n")
    save(results, facts, options)
    print(f"build-bench/bench.json and bench.svg have it all"
          f"{'; docs/performance.md is up to date' if options.docs else ''}")


if __name__ == "__main__":
    main()
