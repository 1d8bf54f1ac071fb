#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/test [--quick] [PATTERN]: build and run every check of this repository.

    --quick   one build with gcc and its tests, and the checks that only read the sources
    PATTERN   a regular expression: only the checks in whose name it is found

A name is CONFIGURATION/TEST or check/SCRIPT. The last line is `N passed, N failed`; it counts test
cases where a program says how many it has, else the program as one. What the machine does not allow
to be tested is skipped, which is said before. Builds stay in build-test/.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILDS = os.path.join(ROOT, "build-test")
CHECKS = os.path.join(ROOT, "test", "check")
WORKERS = 2
SHOWN_LINES = 80
GRACE_SECONDS = 60
BUILD_SECONDS = 900
CHECK_SECONDS = 1500

ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:atexit_sleep_ms=50",
}


class Configuration:
    """A way to build, and which tests run in that build."""

    def __init__(self, name, compiler, options, tests="", patience=1):
        self.name = name
        self.compiler = compiler
        self.options = options
        self.tests = re.compile(tests)
        self.patience = patience
        self.folder = os.path.join(BUILDS, name)

    def setup_command(self):
        if os.path.exists(os.path.join(self.folder, "build.ninja")):
            return ["ninja", "-C", self.folder, "build.ninja"]
        shutil.rmtree(self.folder, ignore_errors=True)  # what an interrupted setup has left
        tests = [] if "-Dtests=disabled" in self.options else ["-Dtests=enabled"]
        return ["env", f"CC={self.compiler}", "meson", "setup", self.folder, "-Dwerror=true", *tests,
                *self.options]

    def list_tests(self):
        out = subprocess.run(["meson", "introspect", "--tests", self.folder], check=True,
                             capture_output=True)
        return [test for test in json.loads(out.stdout) if self.tests.match(test["name"])]


# Each test program would be optimised with the whole library. Those of the benchmark are run.
RELEASE = Configuration("release", "gcc", ["--buildtype=release", "-Db_lto=true", "-Doptimization=2",
                                           "-Db_ndebug=true", "-Dtests=disabled",
                                           "-Dbench=enabled"], "bench")
CONFIGURATIONS = [
    Configuration("gcc", "gcc", []),
    # The rest of them clang builds, and runs below tsan.
    Configuration("clang", "clang", ["-Dkeylog=enabled"], "unit|wire|api-tls"),
    Configuration("asan", "gcc", ["-Db_sanitize=address,undefined", "-Db_lundef=false"], "", 4),
    Configuration("tsan", "clang", ["-Db_sanitize=thread", "-Db_lundef=false"], "api|stress", 8),
    Configuration("fuzz", "clang", ["-Db_sanitize=address,undefined", "-Db_lundef=false",
                                    "-Dc_args=-fsanitize=fuzzer-no-link"], "fuzz", 4),
    RELEASE,
]
# Checks that build something of their own, or look at what RELEASE has built.
BUILDING_CHECKS = ["symbols.py", "install.sh", "mbedtls36.sh"]


class Processes:
    """Every process leads a group of its own, so that it can be ended with all it started."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = set()
        self.is_stopping = False

    def start(self, command, env, cwd):
        with self.lock:
            if self.is_stopping:
                return None
            process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **ENVIRONMENT, **env},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            self.running.add(process)
            return process

    def run(self, command, seconds, env=None, cwd=None):
        """(exit status, output)"""
        process = self.start(command, env or {}, cwd or ROOT)
        if not process:
            return 130, ""
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.end(process)
            output, _ = process.communicate()
            output += f"\nended after {seconds} s\n".encode()
        with self.lock:
            self.running.discard(process)
        return process.returncode, output.decode(errors="replace")

    @staticmethod
    def end(process):
        """Asks the group to end; what cleans up behind itself gets the time to do so."""
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(GRACE_SECONDS)
            os.killpg(process.pid, signal.SIGKILL)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self):
        with self.lock:
            self.is_stopping = True
            running = list(self.running)
        for process in running:
            self.end(process)


SUMMARY = re.compile(r"^\w[\w. -]*: (\d+) passed, (\d+) failed\s*\Z", re.M)
CMOCKA_PASSED = re.compile(r"\[  PASSED  \] (\d+) test\(s\)")
CMOCKA_FAILED = re.compile(r"\[  FAILED  \] .*?(\d+) test\(s\), listed below")
# What cmocka says, or this script where a check runs it.
SKIPPED = re.compile(r"^(?:\[  SKIPPED \] )?(\d+) (?:test\(s\), listed below|skipped)", re.M)


def count_cases(status, output):
    """(passed, failed, skipped) as the program counts them itself, else one for the program."""
    summary = SUMMARY.search(output)
    groups = CMOCKA_PASSED.findall(output)
    skipped = sum(map(int, SKIPPED.findall(output)))
    passed, failed = 0, 0
    if summary:
        passed, failed = int(summary[1]), int(summary[2])
    elif groups:
        passed = sum(map(int, groups))
        failed = sum(map(int, CMOCKA_FAILED.findall(output)))
    elif not status:
        passed = 1
    if (status and not failed) or passed + failed + skipped == 0:
        failed += 1
    return passed, failed, skipped


class Runner:
    """Runs checks and keeps the score."""

    def __init__(self, pattern):
        self.pattern = re.compile(pattern)
        self.processes = Processes()
        self.lock = threading.Lock()
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.failures = []
        self.gaps = []

    def wants(self, name):
        return bool(self.pattern.search(name))

    def run(self, name, command, seconds, env=None, cwd=None):
        """One check: runs it, prints its line, says whether it passed."""
        start = time.monotonic()
        status, output = self.processes.run(command, seconds, env, cwd)
        return self.report(name, status, output, time.monotonic() - start)

    def report(self, name, status, output, seconds):
        passed, failed, skipped = count_cases(status, output)
        with self.lock:
            if self.processes.is_stopping:
                return False
            self.passed += passed
            self.failed += failed
            self.skipped += skipped
            counts = f"{passed} passed" + (f", {failed} failed" if failed else "")
            counts += f", {skipped} skipped" if skipped else ""
            print(f"{'FAIL' if failed else 'ok':4}  {name:42}  {counts:22}  {seconds:6.1f} s",
                  flush=True)
            if failed:
                self.failures.append(name)
                print_end(status, output)
            if skipped:
                self.gaps.append(name)
        return not failed

    def run_many(self, jobs):
        """jobs are argument lists of run(); those that must be alone come after the others."""
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(self.run, *job) for is_alone, *job in jobs if not is_alone]
            for future in futures:
                future.result()
        for is_alone, *job in jobs:
            if is_alone:
                self.run(*job)

    def build(self, configuration):
        return self.run(configuration.name + "/build", ["ninja", "-C", configuration.folder],
                        BUILD_SECONDS)

    def run_configuration(self, configuration):
        start = time.monotonic()
        status, output = self.processes.run(configuration.setup_command(), BUILD_SECONDS)
        if status:
            self.report(configuration.name + "/setup", status, output, time.monotonic() - start)
            return
        jobs = []
        for test in configuration.list_tests():
            name = f"{configuration.name}/{test['name']}"
            if self.wants(name):
                seconds = test["timeout"] * configuration.patience
                jobs.append((not test["is_parallel"], name, test["cmd"], seconds, test["env"],
                             test["workdir"]))
        if (jobs or self.wants(configuration.name + "/build")) and self.build(configuration):
            self.run_many(jobs)

    def run_checks(self, scripts):
        jobs = []
        for script in scripts:
            path = os.path.join(CHECKS, script)
            for arguments in [[], ["--self-test"]] if has_self_test(path) else [[]]:
                name = " ".join(["check/" + script, *arguments])
                if self.wants(name):
                    jobs.append((script in BUILDING_CHECKS, name, [path, *arguments],
                                 CHECK_SECONDS))
        self.run_many(jobs)


CMOCKA_OK = re.compile(r"\[ RUN      \] (.*)\n\[       OK \] \1\n")


def print_end(status, output):
    """The end of what a failed check printed, without the cases that passed."""
    lines = CMOCKA_OK.sub("", output).rstrip().split("\n")
    if len(lines) > SHOWN_LINES:
        print(f"      ({len(lines) - SHOWN_LINES} lines before)")
    for line in lines[-SHOWN_LINES:]:
        print("      " + line)
    print(f"      exit status {status}", flush=True)


def has_self_test(path):
    with open(path, encoding="utf-8") as file:
        return re.search(r"--self-test|checklib\.main\(", file.read())


def reading_checks():
    """The executables of test/check that need no build."""
    return [script for script in sorted(os.listdir(CHECKS)) if script not in BUILDING_CHECKS
            and os.path.isfile(os.path.join(CHECKS, script))
            and os.access(os.path.join(CHECKS, script), os.X_OK)]


def run_all(runner, is_quick):
    runner.run_checks(reading_checks())
    for configuration in CONFIGURATIONS[:1] if is_quick else CONFIGURATIONS:
        runner.run_configuration(configuration)
    if not is_quick:
        runner.run_checks(BUILDING_CHECKS)


def on_signal(_number, _frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="tools/test", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("pattern", nargs="?", default="")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, on_signal)
    start = time.monotonic()
    runner = Runner(arguments.pattern)
    try:
        run_all(runner, arguments.quick)
    except KeyboardInterrupt:
        print("\ninterrupted; ending what still runs", flush=True)
        runner.processes.stop()
        sys.exit(130)
    if runner.failures:
        print("failed: " + ", ".join(runner.failures))
    if runner.skipped:
        print(f"{runner.skipped} skipped: " + ", ".join(runner.gaps))
    print(f"{time.monotonic() - start:.0f} s")
    print(f"{runner.passed} passed, {runner.failed} failed")
    sys.exit(1 if runner.failed or not runner.passed else 0)


if __name__ == "__main__":
    main()
