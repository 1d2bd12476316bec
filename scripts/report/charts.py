"""Which drawings there are, and of which rows."""

import re

from .bars import Bar, svg
from .figures import by_number, short, time


def ratios(bench, *tables):
    """The rows of tables by their ratio to the first, a group for each table."""

    def groups(figures):
        for pattern in tables:
            for table, rows in figures.tables(bench, pattern).items():
                yield table, [
                    Bar(row, each["ratio"], f"{short(each['ratio'])}× ({time(each['median_ns'])})", ours(row))
                    for row, each in rows.items()
                    if "ratio" in each and "median_ns" in each
                ]

    return groups


def times(bench, *tables):
    """The rows of tables by their time, a group for each table; beside each, how often its cryptography
    if that has a row, too."""

    def groups(figures):
        for pattern in tables:
            for table, rows in figures.tables(bench, pattern).items():
                bars = []
                for row, each in sorted(rows.items(), key=lambda item: by_number(item[0])):
                    floor = rows.get(f"{row}, cryptography", {}).get("median_ns")
                    if "median_ns" in each and not row.endswith("cryptography"):
                        nanos = each["median_ns"]
                        beside = f", {short(nanos / floor)}× cryptography" if floor else ""
                        bars.append(Bar(thousands(row), nanos, time(nanos) + beside, True))
                yield table, bars

    return groups


def members(bench, member, unit, *tables):
    """The rows of tables by one of their figures."""

    def groups(figures):
        for pattern in tables:
            for table, rows in figures.tables(bench, pattern).items():
                yield thousands(table), [
                    Bar(row, each[member], f"{short(each[member])} {unit}", ours(row))
                    for row, each in rows.items()
                    if member in each
                ]

    return groups


def ours(row):
    return row.startswith(("countersign", "store", "behind the layer", "the store"))


def thousands(name):
    return re.sub(r"\d{4,}", lambda number: f"{int(number[0]):,}", name)


BESIDE_CRYPTOGRAPHY = "Processor time beside the cryptography alone (times); shorter is better"
TIME = "Processor time of a request; shorter is better"
CHARTS = {
    "accepted": ("Accepted requests", BESIDE_CRYPTOGRAPHY, ratios("verify", "a *")),
    "openapi": ("Accepted requests of OpenAPI clients", BESIDE_CRYPTOGRAPHY, ratios("verify", "OpenAPI, *")),
    "refused": ("Refused requests", "Processor time beside an accepted GET; shorter is better", ratios("verify", "refused*")),
    "peers": ("Verifying a request, by crate", BESIDE_CRYPTOGRAPHY, ratios("requests", "*")),
    "tokens": ("Verifying a token", "Processor time beside the signature's check alone; shorter is better", ratios("jwt", "*")),
    "token-peers": ("Verifying a token, by crate", "Processor time; shorter is better", ratios("tokens", "*")),
    "layer": ("The layer, without a server", "Processor time beside the service alone; shorter is better", ratios("layer", "*")),
    "cold": ("Accepted requests, a thousand apps and a million live nonces", BESIDE_CRYPTOGRAPHY, ratios("verify", "cold, *")),
    "growth-body": ("By the size of the body", TIME, times("verify", "growth, the body *")),
    "growth-parameters": ("By the number of parameters", TIME, times("verify", "growth, the parameters *")),
    "growth-keys": ("By the number of keys", TIME, times("verify", "growth, the keys*")),
    "growth-nonces": ("By the number of live nonces", TIME, times("verify", "growth, the live nonces*")),
    "threads": ("Two threads beside one", "How much they scale beside how much cryptography does; longer is better, one is all", members("verify", "of_cryptography", "of cryptography", "threads, *")),
    "stores": ("A claim, by store", "Processor time beside a bare set; shorter is better", ratios("stores", "a fresh claim*", "a replay*")),
    "store-memory": ("Memory of a nonce, by store", "Bytes for each live nonce; shorter is better", members("stores", "bytes", "B", "bytes per key*")),
    "store-claims": ("A claim of the memory store", "Processor time beside a bare set; shorter is better", ratios("replay_store", "a fresh claim, *", "a replay, *")),
    "redis": ("Claims in Redis", "Claims a second; longer is better", members("redis", "per_second", "a second", "claims, *")),
    "servers": ("Processor time of a server", "Beside the same server without a layer; shorter is better", ratios("servers", "*")),
    "gateways": ("Servers that verify", "Requests a second of one core; longer is better", members("gateways", "requests_per_s", "a second", "*")),
}


def draw(figures):
    """The drawings for which there are rows: name and content. Of the others, the name and None."""
    for name, (title, unit, select) in CHARTS.items():
        groups = [(heading, bars) for heading, bars in select(figures) if bars]
        yield name, svg(title, unit, groups) if groups else None
