"""What MaxUsdPerDay of infra/resources.yaml is in units a second of each table.

    python -m devkit.infrastructure.throughput     the mapping MaxUnits for infra/resources.yaml

CloudFormation cannot calculate, so the template has a mapping with a row for each amount that
the parameter takes. A test compares it with what this module calculates from the price list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devkit.infrastructure.price_list import MILLION, PRICES

SECONDS_A_DAY = 86_400
# USD a day. At the last one a table reads 23,000 units a second; AWS lets a table have 40,000.
AMOUNTS = (5, 10, 15, 20, 30, 50, 100, 200, 500, 1000, 2000)

# For 1,000 requests a minute all day; tests replay them.
USD_A_THOUSAND_REQUESTS = 15

# The part of the amount that each table may cost, by what it needs while collecting runs at its
# rate limit and every session is one page view of a new visitor. Reading of ActiveSessions has
# room for dashboards, which scan it, and Rollups for figures and for merging of whole days.
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
    """Units a second that together cost `usd` a day or less."""
    return {part: max(1, int(usd * share / _price(part))) for part, share in SHARES.items()}


def requests_a_minute(usd: float) -> int:
    """The collecting that fits into this amount, all of it new visitors of one page view."""
    return int(usd / USD_A_THOUSAND_REQUESTS * 1000)


def notes(parameters: Mapping[str, str], rate_limit: int) -> Iterator[str]:
    """What the owner should know of the parameters of the stack."""
    usd = parameters.get("MaxUsdPerDay")
    if usd is None or parameters.get("BillingMode") == "PROVISIONED":
        return
    carried = requests_a_minute(int(usd))
    if carried < rate_limit:
        wanted = (amount for amount in AMOUNTS if requests_a_minute(amount) >= rate_limit)
        yield (
            f"MaxUsdPerDay is {usd} USD, which carries about {carried:,} collect requests a "
            f"minute, and RATE_LIMIT_PER_MINUTE is {rate_limit:,}. Beyond the former, DynamoDB "
            f"throttles. make deploy MAX_USD={next(wanted, AMOUNTS[-1])} carries them."
        )


def usd_a_day(units: dict[str, int]) -> float:
    """What it costs to use these units in every second of a day."""
    return sum(number * _price(part) for part, number in units.items())


def mapping() -> dict[str, dict[str, int]]:
    """MaxUnits, as the template should have it."""
    return {str(usd): max_units(usd) for usd in AMOUNTS}


def _price(part: str) -> float:
    """Of one unit a second for a day."""
    kind = "read" if part.endswith("Read") else "write"
    return PRICES[f"dynamodb_{kind}_units_per_million"] / MILLION * SECONDS_A_DAY


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
