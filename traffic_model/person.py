"""A person of the modelled traffic."""

from __future__ import annotations

from dataclasses import dataclass

from traffic_model.distributions import Country


@dataclass(frozen=True, slots=True)
class Person:
    """One browser of one person."""

    number: int
    address: str
    user_agent: str
    device: str
    screen: str
    country: Country
    user_id: str | None
