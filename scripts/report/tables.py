"""Tables in a text, between `<!-- table: BENCH/TABLE -->` and `<!-- end -->`, filled from the rows.

`*` in a table's name is anything: the tables of all such names are one, each row with its table's name.
`<!-- capacity -->` is the table of what a deployment needs.
"""

import re

from .capacity import capacity
from .charts import thousands
from .figures import short

PLACE = re.compile(r"(<!-- (table|capacity)(?:: ([^/\n]+)/([^\n]+))? -->\n).*?(?=<!-- end -->)", re.DOTALL)
UNITS = {
    "accepted": "accepted",
    "allocations": "allocations",
    "added_us": "client adds µs",
    "bytes": "bytes",
    "client_us": "client µs",
    "load_cpu": "load's core",
    "longest_us": "longest µs",
    "median_ns": "median ns",
    "min_ns": "min ns",
    "of_cryptography": "of cryptography's",
    "one_per_second": "one, per second",
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "per_second": "per second",
    "ratio": "ratio",
    "redis_us": "Redis µs",
    "requests_per_s": "requests/s",
    "scaling": "scaling",
    "server_cpu": "server's core",
    "two_per_second": "two, per second",
}


def fill(text, figures):
    """The text with its tables filled, and the places for which there are no rows: these stay."""
    missing = []

    def table(place):
        begin, kind, bench, pattern = place.groups()
        rows = capacity(figures) if kind == "capacity" else measured(figures, bench, pattern)
        if not rows:
            missing.append(f"{bench}/{pattern}" if bench else kind)
            return place[0]
        return f"{begin}\n{markdown(rows)}\n"

    return PLACE.sub(table, text), missing


def measured(figures, bench, pattern):
    tables = figures.tables(bench, pattern)
    # In the order of the rows: Python's sets have none.
    columns = dict.fromkeys(name for rows in tables.values() for row in rows.values() for name in row)
    lines = [
        ([thousands(table)] if "*" in pattern else [])
        + [row]
        + [short(members[name]) if name in members else "" for name in columns]
        for table, rows in tables.items()
        for row, members in rows.items()
    ]
    names = ([""] if "*" in pattern else []) + [""]
    return [names + [UNITS.get(name, name) for name in columns], *lines] if lines else []


def markdown(rows):
    """Names to the left, figures to the right."""
    head, *lines = rows
    texts = 1 + (len(head) > 1 and not head[1])
    bars = ["---" if at < texts else "--:" for at in range(len(head))]
    return "".join("| " + " | ".join(line) + " |\n" for line in [head, bars, *lines])
