# SPDX-License-Identifier: MIT
"""Running the programs of the benchmark: on which CPUs, against which server, counted by which tool."""
import json
import os
import re
import shutil
import subprocess
import tempfile

import loads

HERE = os.path.dirname(os.path.abspath(__file__))
NOT_POSSIBLE = 77
RUN_SECONDS = 180
MEMORY_FOLDER = "/dev/shm"


class Skip(Exception):
    """Why something cannot be measured here."""


class Server:
    """bench/server.py, and how to reach it."""

    def __init__(self, megabytes):
        # Uploads and files are in memory where there is enough of it, so that no disk is measured.
        room = shutil.disk_usage(MEMORY_FOLDER).free if os.path.isdir(MEMORY_FOLDER) else 0
        environment = {**os.environ}
        if room > 3 * megabytes << 20:
            environment["TMPDIR"] = MEMORY_FOLDER
        self.process = subprocess.Popen([os.path.join(HERE, "server.py"), str(megabytes)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment)
        self.facts = {}
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
            name, value = line.split()
            self.facts[name] = value
        raise RuntimeError("the server did not start")

    def pin(self, cpu):
        master = self.facts["master"]
        with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as file:
            for pid in file.read().split():
                subprocess.run(["taskset", "-a", "-p", "-c", str(cpu), pid], check=True,
                               stdout=subprocess.DEVNULL)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Bench:
    """The programs in one folder and the server they talk to."""

    def __init__(self, programs, server):
        self.programs = programs
        self.server = server
        cpus = sorted(os.sched_getaffinity(0))
        self.server_cpu, self.client_cpu, self.cpus = cpus[0], cpus[-1], cpus
        server.pin(self.server_cpu)

    def placements(self, load):
        """One CPU has no other."""
        return load.placements if len(self.cpus) > 1 else (loads.SAME,)

    def cpus_of(self, placement):
        """Those of the client; the server stays where it is."""
        return {loads.SAME: str(self.server_cpu), loads.OTHER: str(self.client_cpu),
                loads.ALL: ",".join(map(str, self.cpus))}[placement]

    def command(self, load, contestant, **more):
        prefix, own = load.contestants[contestant]
        program = os.path.join(self.programs, f"{prefix}_{load.program}")
        if not os.path.exists(program):
            raise Skip(f"{contestant} is not built")
        facts = self.server.facts
        values = {"port": facts[load.port], **load.arguments, **own, **more}
        if load.port != "http":
            values["ca"] = facts["ca_file"]
        return [program, *(f"{name}={value}" for name, value in values.items())]

    def environment(self):
        return {**os.environ, "SSL_CERT_FILE": self.server.facts["ca_file"]}

    def run(self, load, contestant, cpus=None, **more):
        """The line that the program has printed."""
        command = self.command(load, contestant, **more)
        done = self.execute((["taskset", "-c", cpus] if cpus else []) + command)
        return json.loads(done.stdout)

    def execute(self, command):
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment(),
                              timeout=RUN_SECONDS)
        if done.returncode == NOT_POSSIBLE:
            raise Skip(done.stderr.strip())
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: status {done.returncode}: {done.stderr}")
        return done

    # What is counted does not depend on the time. It is the difference of two runs of different
    # length, so that what happens once is not in it; for each request, or for each MiB.

    def count(self, load, contestant, tool):
        if load.size:
            size = load.few.get("body", loads.GIB // 8)
            runs, units = [{"count": 0}, {"count": 2}], 2 * size / loads.MIB
        else:
            runs, units = [{"count": load.step}, {"count": 2 * load.step}], load.step
        first, second = (tool(self.command(load, contestant, **{**load.few, **run}))
                         for run in runs)
        return {name: (second[name] - first.get(name, 0)) / units for name in second}

    def count_syscalls(self, load, contestant):
        """By name, and "all"."""
        if not shutil.which("strace"):
            raise Skip("strace is not installed")
        return self.count(load, contestant, self.trace)

    def trace(self, command):
        with tempfile.NamedTemporaryFile("r") as file:
            self.execute(["strace", "-f", "-c", "-S", "name", "-U", "name,calls", "-o", file.name,
                          *command])
            found = re.findall(r"^(\w+) +(\d+)$", file.read(), re.M)
        return {name if name != "total" else "all": int(calls) for name, calls in found}

    def count_instructions(self, load, contestant):
        if not shutil.which("valgrind"):
            raise Skip("valgrind is not installed")
        return self.count(load, contestant, self.callgrind)["all"]

    def callgrind(self, command):
        done = self.execute(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                             *command])
        return {"all": int(re.search(r"Collected : (\d+)", done.stderr)[1])}
