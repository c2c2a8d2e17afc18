"""Values that options accept, beyond those that click has types for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Parsed(click.ParamType[Any]):
    """A value that `parse` reads. Its ValueError tells the user what is accepted."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        try:
            return self._parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def parse_day(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a day such as 2026-11-01.")


def parse_time(text: str) -> datetime:
    """Parse a time. Without an offset, it is in UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 2026-11-20T09:00:00Z.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def parse_duration(text: str) -> int:
    """Return `15m` in seconds."""
    match = re.fullmatch(r"(\d{1,5})([smhd])", text)
    if not match:
        raise ValueError(f"{text!r} is not a number with s, m, h or d, such as 15m or 2d.")
    return int(match[1]) * _SECONDS[match[2]]


def parse_assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is not NAME=VALUE, such as Watching=off.")
    return name, value


DAY = Parsed("day", parse_day)
TIME = Parsed("time", parse_time)
DURATION = Parsed("duration", parse_duration)
ASSIGNMENT = Parsed("name=value", parse_assignment)
