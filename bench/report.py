# SPDX-License-Identifier: MIT
"""What has been measured, as tables and as a drawing."""
import statistics

import loads

DASH = "–"


def spread(values):
    """Half the distance from the lowest to the highest, in percent of the median."""
    middle = statistics.median(values)
    return 100 * (max(values) - min(values)) / 2 / middle if middle else 0


def number(value):
    """Three digits that count."""
    if value is None:
        return DASH
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def with_spread(values):
    return f"{number(statistics.median(values))} ±{spread(values):.0f}%" if values else DASH


class Results:
    """Rounds of (load, placement, contestant), and what was counted of (load, contestant)."""

    def __init__(self):
        self.rounds = {}
        self.counted = {}
        self.memory = {}
        self.notes = []

    def values(self, load, placement, contestant, metric):
        rounds = self.rounds.get((load.name, placement, contestant), [])
        return [self.value(load, one, metric) for one in rounds]

    @staticmethod
    def value(load, one, metric):
        units = one["count"] * (load.size / loads.MIB if load.size else 1)
        if metric == "rate":
            return one["count"] * (load.size / 1e6 if load.size else 1) / one["seconds"]
        if metric == "cpu":
            return one["cpu_us"] / units
        return (one["peak_kb"] - (one["idle_kb"] if metric == "peak" else 0)) * 1024

    def median(self, load, placement, contestant, metric):
        values = self.values(load, placement, contestant, metric)
        return statistics.median(values) if values else None

    def ratio(self, load, placement, metric, base, contestant="winhttp"):
        """The median of the ratios of each round, in which both ran one behind the other."""
        pairs = list(zip(self.values(load, placement, contestant, metric),
                         self.values(load, placement, base, metric)))
        return statistics.median(a / b for a, b in pairs) if pairs and base != contestant else None

    def count_of(self, load, contestant, name):
        counted = self.counted.get((load.name, contestant), {})
        return counted.get(name)


# ---- the table ----

HEADINGS = ["load", "CPU", "contestant", "rate", "CPU µs", "peak MB", "system calls", "instructions",
            "rate : libcurl", "CPU : libcurl", "CPU : raw"]


def lines_of(results, load):
    """A line for each placement and contestant that has been measured."""
    shown = ""
    for placement in (loads.SAME, loads.OTHER, loads.ALL):
        for contestant in load.contestants:
            rates = results.values(load, placement, contestant, "rate")
            if not rates:
                continue
            calls = results.count_of(load, contestant, "syscalls")
            yield [
                load.title if shown != load.title else "", placement, contestant,
                with_spread(rates) + (" MB/s" if load.size else " /s"),
                with_spread(results.values(load, placement, contestant, "cpu")),
                number(results.median(load, placement, contestant, "resident") / 1e6),
                number(calls and calls.get("all")),
                number(results.count_of(load, contestant, "instructions")),
                number(results.ratio(load, placement, "rate", "libcurl", contestant)),
                number(results.ratio(load, placement, "cpu", "libcurl", contestant)),
                number(results.ratio(load, placement, "cpu", "raw", contestant)),
            ]
            shown = load.title


def table(results):
    return [line for load in loads.LOADS for line in lines_of(results, load)]


def memory_table(results):
    return [[memory.title, *(number(results.memory.get((memory.name, name)))
                             for name in loads.THREE)]
            for memory in loads.MEMORY
            if any((memory.name, name) in results.memory for name in loads.THREE)]


# ---- targets ----

def load_named(name):
    return next((load for load in [*loads.LOADS, *loads.MEMORY] if load.name == name), None)


def measured(results, target):
    """{placement or "": value}, the value being a ratio if the target has a base."""
    load = load_named(target.load)
    if target.metric == "heap":
        own = results.memory.get((load.name, "winhttp"))
        base = results.memory.get((load.name, target.base)) if target.base else 1
        return {"": own / base} if own is not None and base else {}
    if target.metric in ("rate", "cpu", "peak"):
        found = {placement: of_rounds(results, target, load, placement)
                 for placement in (loads.SAME, loads.OTHER)}
        return {placement: value for placement, value in found.items() if value is not None}
    own = calls_of(results, load, "winhttp", target.metric)
    base = calls_of(results, load, target.base, target.metric) if target.base else 1
    return {"": own / base} if own is not None and base else {}


def calls_of(results, load, contestant, name):
    counted = results.count_of(load, contestant, "syscalls")
    return counted and sum(count for call, count in counted.items() if call.startswith(name))


def of_rounds(results, target, load, placement):
    if not target.base:
        return results.median(load, placement, "winhttp", target.metric)
    if target.base in loads.THREE:
        return results.ratio(load, placement, target.metric, target.base)
    own = results.median(load, placement, "winhttp", target.metric)
    base = results.median(load_named(target.base), placement, "winhttp", target.metric)
    return own / base if own and base else None


RELATIONS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
             ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
WORDS = {"rate": "rate", "cpu": "CPU", "peak": "peak above idle", "heap": "memory"}


def wanted(target):
    """The target in words."""
    limit = f"{target.limit:,.0f} {target.unit}" if target.unit else f"{target.limit:g}"
    if target.base:
        base = load_named(target.base)
        limit += " × " + (base.title if base else target.base)
    return f"{load_named(target.load).title}: {WORDS.get(target.metric, target.metric)} " \
           f"{target.relation.replace('<=', '≤').replace('>=', '≥')} {limit}"


def targets(results):
    """(words, values, "met", "not met" or "not measured")"""
    for target in loads.TARGETS:
        values = measured(results, target)
        is_met = all(RELATIONS[target.relation](value, target.limit) for value in values.values())
        shown = ", ".join(f"{number(value)} {place}".strip() for place, value in values.items())
        yield [wanted(target), shown or DASH,
               "not measured" if not values else "met" if is_met else "**not met**"]


TARGET_HEADINGS = ["target", "measured", ""]
MEMORY_HEADINGS = ["bytes of the heap", *loads.THREE]


# ---- how they are written ----

def as_text(headings, rows):
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                     for row in [headings, *rows]).replace("**", "")


def as_markdown(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# ---- the drawing ----

COLORS = {"winhttp": "#1f6feb", "libcurl": "#c9510c", "raw": "#8c959f"}
ROW, BAR, LEFT, WIDTH, TOP = 46, 11, 330, 330, 66


def bar(x, y, length, contestant, text):
    return (f'<rect x="{x}" y="{y}" width="{max(length, 1):.1f}" height="{BAR - 2}" '
            f'fill="{COLORS[contestant]}"/>'
            f'<text x="{x + length + 4:.1f}" y="{y + BAR - 3}" font-size="9">{text}</text>')


def panel(results, shown, metric, x):
    """Bars relative to libcurl; a bar of libcurl is a third of the panel."""
    for i, (load, placement) in enumerate(shown):
        base = results.median(load, placement, "libcurl", metric)
        for j, contestant in enumerate(COLORS):
            value = results.median(load, placement, contestant, metric)
            if value is not None and base:
                yield bar(x, TOP + i * ROW + j * BAR, min(value / base, 2.7) * WIDTH / 3, contestant,
                          f"{number(value / base)}")


def drawing(results):
    shown = [(load, placement) for load in loads.LOADS for placement in (loads.OTHER,)
             if results.values(load, placement, "libcurl", "rate")]
    height = TOP + len(shown) * ROW + 10
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + 2 * WIDTH + 40}" '
             f'height="{height}" font-family="sans-serif" font-size="12" fill="#57606a">',
             '<rect width="100%" height="100%" fill="#ffffff"/>',
             f'<text x="{LEFT}" y="50" font-weight="bold">rate, libcurl = 1 (more is better)</text>',
             f'<text x="{LEFT + WIDTH + 20}" y="50" font-weight="bold">'
             'CPU each, libcurl = 1 (less is better)</text>']
    for i, contestant in enumerate(COLORS):
        parts.append(f'<rect x="{10 + i * 90}" y="14" width="11" height="11" '
                     f'fill="{COLORS[contestant]}"/>'
                     f'<text x="{26 + i * 90}" y="24">{contestant}</text>')
    for i, (load, _) in enumerate(shown):
        parts.append(f'<text x="{LEFT - 10}" y="{TOP + i * ROW + 20}" text-anchor="end">'
                     f'{load.title}</text>')
    parts += panel(results, shown, "rate", LEFT)
    parts += panel(results, shown, "cpu", LEFT + WIDTH + 20)
    return "\n".join([*parts, "</svg>"]) + "\n"
