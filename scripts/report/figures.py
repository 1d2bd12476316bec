"""The rows that the benchmarks have written: a line of JSON each, `COUNTERSIGN_BENCH_OUT`."""

import fnmatch
import json
import re


class Figures:
    """By benchmark, table and row: what was measured. What was measured again is what it is now."""

    def __init__(self, lines):
        self._rows = {}
        for line in lines:
            if line.strip():
                members = json.loads(line)
                key = tuple(members.pop(name) for name in ("bench", "table", "row"))
                self._rows.setdefault(key, {}).update(members)

    def tables(self, bench, pattern):
        """The tables of a benchmark with such a name (`*` is anything), each with its rows. Numbers in
        names are in the order of numbers."""
        found = {}
        for (of, table, row), members in self._rows.items():
            if of == bench and fnmatch.fnmatchcase(table, pattern):
                found.setdefault(table, {})[row] = members
        return dict(sorted(found.items(), key=lambda item: by_number(item[0])))

    def value(self, bench, table, row, member):
        """One figure, or None."""
        return self._rows.get((bench, table, row), {}).get(member)


def by_number(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def short(number):
    """With three digits that count, or all before the point."""
    if number >= 100:
        return f"{number:,.0f}"
    digits = 2 if number < 10 else 1
    return f"{number:.{digits}f}"


def time(nanos):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanos >= size:
            return f"{short(nanos / size)} {unit}"
    return f"{nanos:.0f} ns"
