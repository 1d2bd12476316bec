"""What a deployment needs at some rates, from what one request, one claim and one nonce take."""

from .figures import short

RATES = (10_000, 100_000, 1_000_000)
WINDOW = 900  # seconds: timestamps are good for so long, and so nonces live
MARGIN = 60  # seconds that Redis keeps a nonce longer


def capacity(figures):
    """Rows of the table; none unless everything was measured."""
    of = figures.value
    request = of("verify", "cold, a GET", "countersign", "median_ns")
    nonce = of("replay_store", "memory, 5000000 live", "the store, three windows later", "bytes")
    redis = of("redis", "claims, 64 in flight", "store", "redis_us")
    client = of("redis", "claims, 64 in flight", "store", "client_us")
    stored = of("redis", "memory in Redis", "store", "bytes")
    if None in (request, nonce, redis, client, stored):
        return []
    lines = [
        ("live nonces (rate × 900 s)", lambda rate: f"{rate * WINDOW:,}"),
        ("cores to verify", lambda rate: short(rate * request / 1e9)),
        ("memory store: nonces", lambda rate: gigabytes(rate * WINDOW * nonce)),
        ("Redis: claims a second", lambda rate: f"{rate:,}"),
        ("Redis: cores", lambda rate: short(rate * redis / 1e6)),
        ("Redis: memory (rate × 960 s)", lambda rate: gigabytes(rate * (WINDOW + MARGIN) * stored)),
        ("Redis: cores of its clients", lambda rate: short(rate * client / 1e6)),
    ]
    head = ["requests a second", *(f"{rate:,}" for rate in RATES)]
    return [head, *([name, *map(figure, RATES)] for name, figure in lines)]


def gigabytes(number):
    return f"{short(number / 1e9)} GB"
