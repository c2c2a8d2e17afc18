"""The AWS list prices of infra/prices.json, in USD."""

from __future__ import annotations

import json
from collections.abc import Mapping

from devkit.project_paths import PRICE_LIST as PRICE_LIST

MILLION = 1_000_000
BYTES_PER_GB = 1e9
ITEM_OVERHEAD_BYTES = 100  # DynamoDB adds them to each item when it bills storage

_LIST = json.loads(PRICE_LIST.read_text(encoding="utf-8"))
PRICES: Mapping[str, float] = {
    name: price for name, price in _LIST.items() if isinstance(price, (int, float))
}
# The first request of a month at each price, and the price of a million requests.
GATEWAY_TIERS: list[tuple[float, float]] = [
    (0.0, PRICES["gateway_requests_per_million"]),
    *(
        (float(millions) * MILLION, price)
        for millions, price in _LIST["gateway_requests_per_million_beyond"].items()
    ),
]


def gateway_usd(requests: float) -> float:
    """Return what API Gateway charges for this number of requests in one month."""
    ends = [first for first, _ in GATEWAY_TIERS[1:]] + [float("inf")]
    return sum(
        max(min(requests, end) - first, 0) / MILLION * price
        for (first, price), end in zip(GATEWAY_TIERS, ends, strict=True)
    )
