"""The units per second of each table that MaxUsdPerDay of infra/resources.yaml buys.

    python -m devkit.infrastructure.throughput     the mapping MaxUnits for infra/resources.yaml

CloudFormation cannot calculate, so the template has a mapping with a row for each accepted
amount. A test compares it with the values that this module calculates from the price list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devkit.infrastructure.price_list import MILLION, PRICES

SECONDS_PER_DAY = 86_400
# USD per day. The last one lets a table read 23,000 units a second; AWS allows 40,000.
AMOUNTS = (5, 10, 15, 20, 30, 50, 100, 200, 500, 1000, 2000)

# The cost of 1,000 requests a minute for a day; tests replay them.
USD_PER_THOUSAND_REQUESTS = 15

# The share of the amount that each table may cost: what it needs while collecting runs at the
# rate limit and every session is one page view of a new visitor. ActiveSessions includes the
# dashboards that scan it; Rollups includes stats and the compaction of whole days.
SHARES = {
    "EventsRead": 0.05,
    "EventsWrite": 0.21,
    "ActiveSessionsRead": 0.125,
    "ActiveSessionsWrite": 0.225,
    "SessionsRead": 0.01,
    "SessionsWrite": 0.075,
    "UserIndexRead": 0.01,
    "UserIndexWrite": 0.075,
    "RollupsRead": 0.12,
    "RollupsWrite": 0.10,
}


def max_units(usd: float) -> dict[str, int]:
    """Return units per second that together cost at most `usd` per day."""
    return {part: max(1, int(usd * share / _price(part))) for part, share in SHARES.items()}


def max_requests_per_minute(usd: float) -> int:
    """Return the requests that the amount pays for, each a new visitor's page view."""
    return int(usd / USD_PER_THOUSAND_REQUESTS * 1000)


def advisories(parameters: Mapping[str, str], rate_limit: int) -> Iterator[str]:
    """Yield what the owner should know about the parameters of the stack."""
    usd = parameters.get("MaxUsdPerDay")
    if usd is None or parameters.get("BillingMode") == "PROVISIONED":
        return
    carried = max_requests_per_minute(int(usd))
    if carried < rate_limit:
        sufficient = (
            amount for amount in AMOUNTS if max_requests_per_minute(amount) >= rate_limit
        )
        yield (
            f"MaxUsdPerDay is {usd} USD, which pays for about {carried:,} collect requests a "
            f"minute, but RATE_LIMIT_PER_MINUTE is {rate_limit:,}. DynamoDB throttles the "
            f"rest. make deploy MAX_USD={next(sufficient, AMOUNTS[-1])} carries all of them."
        )


def usd_per_day(units: dict[str, int]) -> float:
    """Return the cost of using these units in every second of a day."""
    return sum(number * _price(part) for part, number in units.items())


def mapping() -> dict[str, dict[str, int]]:
    """Return the mapping MaxUnits of the template."""
    return {str(usd): max_units(usd) for usd in AMOUNTS}


def _price(part: str) -> float:
    """Return the price of one unit per second for a day."""
    kind = "read" if part.endswith("Read") else "write"
    return PRICES[f"dynamodb_{kind}_units_per_million"] / MILLION * SECONDS_PER_DAY


def _lines() -> Iterator[str]:
    yield "  MaxUnits:"
    for amount, units in mapping().items():
        yield f'    "{amount}":'
        for kind in ("Read", "Write"):
            named = [f"{part}: {n}" for part, n in units.items() if part.endswith(kind)]
            start, end = ("{", ",") if kind == "Read" else (" ", "}")
            yield f"      {start}{', '.join(named)}{end}"


if __name__ == "__main__":
    print("\n".join(_lines()))
