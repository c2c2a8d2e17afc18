"""The environment, read once, validated and frozen. An invalid value stops the start with a
message that names the variable and what it accepts."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from chalicelib.domain.urls.hostname import clean_hostname
from chalicelib.domain.urls.page_url import site_for_hostname

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Value = TypeVar("Value")

# Lambda's system may have no time zones, so the package brings them. Through the tzdata package
# instead of its files, the first one would take a cold start 7 ms longer.
_PACKAGED_ZONES = Path(__file__).parents[1] / "tzdata" / "zoneinfo"
if _PACKAGED_ZONES.is_dir():
    zoneinfo.reset_tzpath([str(_PACKAGED_ZONES), *zoneinfo.TZPATH])
UTC = ZoneInfo("UTC")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_SITE = re.compile(r"\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InvalidSettings(ValueError):
    """The message names the variable, its value and what it accepts."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the environment variable of the same name in capitals, except for units."""

    events_table: str
    sessions_table: str
    active_sessions_table: str
    rollups_table: str
    sites: tuple[str, ...]  # host names, without www.; "*.example.com"; "*"
    read_token_hashes: frozenset[str] = frozenset()
    report_timezone: ZoneInfo = UTC
    event_retention_days: int = 30
    session_retention_days: int = 0  # 0 is for ever
    personal_retention_days: int = 400  # of outlines; 0 is as long as sessions
    session_timeout_ms: int = 1_800_000
    trusted_proxies: int = 0  # for requests that come with the edge's secret
    edge_secret_hashes: frozenset[str] = frozenset()
    excluded_addresses: tuple[Network, ...] = ()
    excluded_paths: tuple[str, ...] = ()
    removed_query_parameters: frozenset[str] | None = None  # None: the built-in list
    cors_origin: str = "*"
    visitor_key: bytes = b""  # local use only: deployed functions have the name of a parameter
    visitor_key_parameter: str | None = None
    rate_limit_per_minute: int = 1000
    export_bucket: str | None = None
    log_level: str = "INFO"

    @property
    def stage(self) -> str:
        """The stage, for logs. It is read from the name of a table, so that a stage needs no
        variable of its own: LiveInsight-Events in prod, LiveInsight-Events-STAGE elsewhere."""
        name = self.events_table.removeprefix("LiveInsight-Events")
        return name.removeprefix("-") or "prod"

    @property
    def outline_retention_days(self) -> int:
        """How long session summaries are kept; 0 is forever. The shorter retention applies."""
        both = (self.personal_retention_days, self.session_retention_days)
        return min((days for days in both if days), default=0)

    @property
    def close_after_ms(self) -> int:
        """How long a row must be unchanged before it is closed: longer than any collector runs
        (28 s), so that no event is added to a closed row. Short if tests shorten the
        session."""
        return min(120_000, self.session_timeout_ms // 15)

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> Settings:
        """Raise InvalidSettings for the first variable that is missing or invalid."""
        read = _Reader(environment)
        return Settings(
            events_table=read.required("EVENTS_TABLE", _table),
            sessions_table=read.required("SESSIONS_TABLE", _table),
            active_sessions_table=read.required("ACTIVE_SESSIONS_TABLE", _table),
            rollups_table=read.required("ROLLUPS_TABLE", _table),
            sites=read.required("SITES", _sites),
            read_token_hashes=read.optional("READ_TOKEN_HASHES", _hashes, frozenset()),
            report_timezone=read.optional("REPORT_TIMEZONE", _timezone, UTC),
            event_retention_days=read.optional("EVENT_RETENTION_DAYS", _whole(1, 3650), 30),
            session_retention_days=read.optional("SESSION_RETENTION_DAYS", _whole(0, 36500), 0),
            personal_retention_days=read.optional(
                "PERSONAL_RETENTION_DAYS", _whole(0, 36500), 400
            ),
            session_timeout_ms=1000
            * read.optional("SESSION_TIMEOUT_SECONDS", _whole(1, 1800), 1800),
            trusted_proxies=read.optional("TRUSTED_PROXIES", _whole(0, 10), 0),
            edge_secret_hashes=read.optional("EDGE_SECRET_HASHES", _hashes, frozenset()),
            excluded_addresses=read.optional("EXCLUDED_ADDRESSES", _networks, ()),
            excluded_paths=read.optional("EXCLUDED_PATHS", _paths, ()),
            removed_query_parameters=read.optional("REMOVED_QUERY_PARAMETERS", _names, None),
            cors_origin=read.optional("CORS_ORIGIN", _origin, "*"),
            visitor_key=read.optional("VISITOR_KEY", lambda text: text.encode(), b""),
            visitor_key_parameter=read.optional("VISITOR_KEY_PARAMETER", _parameter, None),
            rate_limit_per_minute=read.optional(
                "RATE_LIMIT_PER_MINUTE", _whole(1, 600_000), 1000
            ),
            export_bucket=read.optional("EXPORT_BUCKET", _bucket, None),
            log_level=read.optional("LOG_LEVEL", _log_level, "INFO"),
        )


class _Reader:
    """Reads one variable at a time; an empty one counts as missing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def required(self, name: str, parse: Callable[[str], Value]) -> Value:
        text = self._environment.get(name, "").strip()
        if not text:
            raise InvalidSettings(f"{name} is not set. See docs/reference/settings.md.")
        return self._parsed(name, text, parse)

    def optional(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        text = self._environment.get(name, "").strip()
        return self._parsed(name, text, parse) if text else default

    @staticmethod
    def _parsed(name: str, text: str, parse: Callable[[str], Value]) -> Value:
        try:
            return parse(text)
        except ValueError as error:
            # A key could have been set in place of its name, so its value is not printed.
            shown = "its value" if name.startswith("VISITOR_KEY") else repr(text[:100])
            raise InvalidSettings(f"{name} must be {error}; {shown} is not.") from None


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _table(text: str) -> str:
    if not _TABLE.fullmatch(text):
        raise ValueError("the name of a DynamoDB table")
    return text


def _sites(text: str) -> tuple[str, ...]:
    invalid = ValueError("comma-separated hostnames (*.example.com, or * for any)")
    try:
        sites = tuple(map(_site, _listed(text)))
    except ValueError:
        raise invalid from None
    if not sites or not all(_SITE.fullmatch(site) for site in sites):
        raise invalid
    return sites


def _site(text: str) -> str:
    if text == "*":
        return text
    below = "*." if text.startswith("*.") else ""
    return below + site_for_hostname(clean_hostname(text.removeprefix("*.")))


def _hashes(text: str) -> frozenset[str]:
    hashes = [part.lower() for part in _listed(text)]
    if not all(_SHA256.fullmatch(part) for part in hashes):
        raise ValueError("comma-separated SHA-256 hashes of 64 hex digits")
    return frozenset(hashes)


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("the name of a time zone such as Europe/Berlin") from None


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(map(_network, _listed(text)))
    except ValueError:
        raise ValueError("comma-separated addresses or networks such as 192.0.2.0/24") from None


def _network(text: str) -> Network:
    """Return a network; one of IPv4 addresses written as IPv6 (::ffff:192.0.2.0/120) is
    IPv4."""
    network = ipaddress.ip_network(text, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - 96))


def _paths(text: str) -> tuple[str, ...]:
    paths = tuple(_listed(text))
    if not all(path.startswith(("/", "*")) for path in paths):
        raise ValueError("comma-separated paths that begin with / or *")
    return paths


def _names(text: str) -> frozenset[str] | None:
    return frozenset(name.lower() for name in _listed(text))


def _origin(text: str) -> str:
    if text != "*" and not re.fullmatch(r"https?://[^/\s,]+", text):
        raise ValueError("* or one origin such as https://example.com")
    return text


def _bucket(text: str) -> str | None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text):
        raise ValueError("the name of an S3 bucket")
    return text


def _parameter(text: str) -> str | None:
    if not re.fullmatch(r"/[A-Za-z0-9_./-]{1,1010}", text):
        raise ValueError("the name of a parameter, such as /liveinsight/prod/visitor-key")
    return text


def _log_level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return text.upper()
