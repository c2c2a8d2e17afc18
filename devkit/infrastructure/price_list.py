"""AWS's list prices, infra/prices.json, for commands and benchmarks alike."""

from __future__ import annotations

import json
from collections.abc import Mapping

from devkit.project_paths import PRICES as PRICE_LIST

MILLION = 1_000_000
GB = 1e9
ITEM_OVERHEAD = 100  # bytes that DynamoDB adds to each item when it bills storage

_LIST = json.loads(PRICE_LIST.read_text(encoding="utf-8"))
PRICES: Mapping[str, float] = {
    name: price for name, price in _LIST.items() if isinstance(price, (int, float))
}
# What a million requests cost, and of a month's requests the first that costs it.
GATEWAY_TIERS: list[tuple[float, float]] = [
    (0.0, PRICES["gateway_requests_per_million"]),
    *(
        (float(millions) * MILLION, price)
        for millions, price in _LIST["gateway_requests_per_million_beyond"].items()
    ),
]


def gateway_usd(requests: float) -> float:
    """What API Gateway charges for so many requests in one month."""
    ends = [first for first, _ in GATEWAY_TIERS[1:]] + [float("inf")]
    return sum(
        max(min(requests, end) - first, 0) / MILLION * price
        for (first, price), end in zip(GATEWAY_TIERS, ends, strict=True)
    )
