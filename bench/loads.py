# SPDX-License-Identifier: MIT
"""What is measured, and what is wanted of it: two tables."""
import dataclasses

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

THREE = {"winhttp": ("winhttp", {}), "libcurl": ("curl", {}), "raw": ("raw", {})}
TWO = {name: THREE[name] for name in ("winhttp", "libcurl")}
FILTERS = {"winhttp": ("winhttp", {}), "all notices": ("winhttp", {"all": 1})}

# Where the client runs: on the server's CPU, on another one, or on all of them.
SAME, OTHER, ALL = "same", "other", "all"
BOTH = (SAME, OTHER)


@dataclasses.dataclass
class Load:
    """One row of the table. The program is CONTESTANT_`program`, see bench/."""
    name: str
    title: str
    program: str
    arguments: dict
    port: str = "http"
    contestants: dict = dataclasses.field(default_factory=lambda: THREE)
    placements: tuple = BOTH
    count: int = 1  # to begin with; then as many as fill a run, if it is scaled
    is_scaled: bool = True
    size: int = 0  # bytes of one; then rates are in MB/s and the rest is per MiB
    counts: tuple = ("syscalls",)  # what else is counted, apart
    few: dict = dataclasses.field(default_factory=dict)  # arguments that differ then
    step: int = 500  # so many requests then, and as many again


@dataclasses.dataclass
class Memory:
    """Bytes of the heap that one more takes, from the difference between two widths."""
    name: str
    title: str
    program: str
    arguments: dict
    more: int
    port: str = "http"
    contestants: dict = dataclasses.field(default_factory=lambda: THREE)


BOTH_COUNTS = ("syscalls", "instructions")
LATER = {"path": "/later"}  # the answer is always waited for
GET = {"path": "/1k", "warm": 100, "buffer": 8 * KIB}
CLOSE = {"path": "/close/1k", "warm": 10, "buffer": 8 * KIB}


def asynchronous(width, **more):
    arguments = {"path": "/1k", "width": width, "warm": max(100, width), "buffer": 4 * KIB}
    title = f"asynchronous GET of 1 KiB, {width:,} in flight"
    return Load(f"async-{width}", title, "async", arguments, count=max(2000, width),
                step=max(500, 2 * width), **{"counts": BOTH_COUNTS, **more})


def download(scheme, name, buffer, path, **more):
    size = {"/big.bin": GIB, "/part.bin": GIB // 8}[path]
    title = f"download of {'1 GiB' if size == GIB else '128 MiB'}, {scheme.upper()}, reads of {name}"
    return Load(f"download-{scheme}-{name.split()[0]}{name.split()[1][0]}".lower(), title, "sync",
                {"path": path, "buffer": buffer}, port=scheme, is_scaled=False, size=size,
                few={"path": "/part.bin"}, **more)


LOADS = [
    Load("sync-get", "synchronous GET of 1 KiB", "sync", GET, count=2000, counts=BOTH_COUNTS,
         few=LATER),
    Load("sync-get-tls", "the same over TLS", "sync", GET, port="https", count=2000, few=LATER),
    Load("sync-new", "the same, a new connection each time", "sync", CLOSE, count=300,
         counts=BOTH_COUNTS),
    Load("sync-8", "the same as the first in 8 threads", "sync", {**GET, "width": 8}, count=2000,
         placements=(SAME, OTHER, ALL)),
    asynchronous(1, few=LATER),
    asynchronous(64),
    asynchronous(1000, placements=(SAME, OTHER, ALL)),
    asynchronous(10000, placements=(OTHER,), counts=()),
    Load("notices", "64 in flight, completions alone or all notifications", "async",
         {"path": "/1k", "width": 64, "warm": 100, "buffer": 4 * KIB}, contestants=FILTERS,
         count=2000, counts=BOTH_COUNTS),
    Load("upload", "upload of 1 GiB, writes of 64 KiB", "upload",
         {"path": "/upload/body", "body": GIB, "buffer": 64 * KIB}, is_scaled=False, size=GIB,
         few={"body": GIB // 8}),
    download("http", "8 KiB", 8 * KIB, "/big.bin", counts=BOTH_COUNTS),
    download("http", "64 KiB", 64 * KIB, "/big.bin", counts=BOTH_COUNTS),
    download("http", "1 MiB", MIB, "/big.bin", counts=BOTH_COUNTS),
    download("https", "8 KiB", 8 * KIB, "/part.bin"),
    download("https", "64 KiB", 64 * KIB, "/big.bin", placements=(OTHER,)),
    download("https", "1 MiB", MIB, "/part.bin"),
    Load("handshake-full", "TLS handshake and a GET, in full", "sync", CLOSE, port="full", count=30,
         counts=()),
    Load("handshake-resumed", "TLS handshake and a GET, resumed", "sync", CLOSE, port="https",
         count=300),
    Load("idle", "opening 100,000 request handles that stay idle", "idle",
         {"path": "/1k", "width": 100000}, contestants=TWO, placements=(OTHER,), count=100000,
         is_scaled=False, counts=()),
]

MEMORY = [
    Memory("memory-idle", "an idle request handle", "idle", {"path": "/1k"}, 100000,
           contestants=TWO),
    Memory("memory-flight", "a request in flight over HTTP, with its connection", "async",
           {"path": "/held", "buffer": 4 * KIB, "held": 1}, 1000),
    Memory("memory-parked", "a parked TLS connection", "park", {"path": "/1k"}, 100, port="https"),
]


@dataclasses.dataclass
class Target:
    """`metric` of this library is to be at most or at least `limit`, or that many times `base`'s."""
    load: str
    metric: str  # rate, cpu, peak (bytes above idle), heap, or how a system call's name begins
    relation: str
    limit: float
    base: str = ""  # a contestant of the same load, or the name of another load
    unit: str = ""


NONE = 0.05  # what happens now and then is none of a request

TARGETS = [
    Target("sync-get", "cpu", "<=", 1.35, "raw"),
    Target("sync-get", "cpu", "<", 0.8, "libcurl"),
    Target("sync-get", "rate", ">", 1.15, "libcurl"),
    Target("sync-get", "sendto", "<=", 1 + NONE),
    Target("sync-get", "recvfrom", "<=", 1 + NONE, "raw"),
    Target("sync-get", "poll", "<=", 1 + NONE),
    Target("sync-get", "futex", "<=", NONE),
    Target("sync-get", "eventfd", "<=", NONE),
    Target("async-1", "rate", ">=", 1.0, "libcurl"),
    Target("async-64", "rate", ">", 1.4, "libcurl"),
    Target("async-64", "cpu", "<", 0.65, "libcurl"),
    Target("async-1000", "rate", ">", 1.8, "libcurl"),
    Target("async-1000", "cpu", "<", 0.5, "libcurl"),
    Target("async-10000", "cpu", "<=", 1.3, "async-64"),
    Target("download-http-64k", "rate", ">=", 1.0, "libcurl"),
    Target("download-http-64k", "cpu", "<=", 1.05, "raw"),
    Target("download-https-64k", "rate", ">=", 0.95, "raw"),
    Target("handshake-full", "rate", ">=", 0.95, "raw"),
    Target("handshake-resumed", "rate", ">=", 0.95, "raw"),
    Target("download-http-64k", "peak", "<", 4e6, unit="bytes"),
    Target("memory-idle", "heap", "<=", 2 * KIB, unit="bytes"),
    Target("memory-flight", "heap", "<=", 10 * KIB, unit="bytes"),
    Target("memory-parked", "heap", "<=", 1.0, "raw"),
]
