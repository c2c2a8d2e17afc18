"""An invalid setting stops the start with a message that names it."""

from __future__ import annotations

import pytest

from chalicelib.settings import InvalidSettings, Settings
from tests.world import TABLES

NEEDED = {**TABLES, "SITES": "example.com"}


def test_only_tables_and_sites_are_needed():
    settings = Settings.from_environment(NEEDED)

    assert settings.sites == ("example.com",)
    assert (settings.event_retention_days, settings.session_timeout_ms) == (30, 1_800_000)
    assert settings.read_token_hashes == frozenset()


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_setting_is_named(name: str, value: str | None):
    environment = {**NEEDED, name: value} if value is not None else {**NEEDED}
    if value is None:
        del environment[name]
    with pytest.raises(InvalidSettings, match=name):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EVENTS_TABLE", "a b"),
        ("SITES", "https://example.com"),
        ("SITES", "example.com/path"),
        ("SITES", ","),
        ("SITES", "example.com:8080"),
        ("SITES", "[2001:db8::7]:8080"),
        ("SITES", "2001:db8::7::8"),
        ("READ_TOKEN_HASHES", "abc"),
        ("REPORT_TIMEZONE", "Mars/Olympus"),
        ("REPORT_TIMEZONE", "../etc/passwd"),
        ("EVENT_RETENTION_DAYS", "0"),
        ("EVENT_RETENTION_DAYS", "many"),
        ("EVENT_RETENTION_DAYS", "1.5"),
        ("SESSION_RETENTION_DAYS", "-1"),
        ("SESSION_TIMEOUT_SECONDS", "1801"),
        ("TRUSTED_PROXIES", "x"),
        ("EXCLUDED_ADDRESSES", "192.0.2.0/99"),
        ("EXCLUDED_PATHS", "admin"),
        ("CORS_ORIGIN", "example.com"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("EXPORT_BUCKET", "No_Bucket"),
        ("LOG_LEVEL", "LOUD"),
        ("VISITOR_KEY_PARAMETER", "8pVJ-the-key-itself"),
    ],
)
def test_invalid_setting_is_named(name: str, value: str):
    with pytest.raises(InvalidSettings, match=name):
        Settings.from_environment({**NEEDED, name: value})


def test_secret_in_place_of_a_parameter_name_is_not_printed():
    with pytest.raises(InvalidSettings) as raised:
        Settings.from_environment({**NEEDED, "VISITOR_KEY_PARAMETER": "8pVJ-the-key"})

    assert "8pVJ" not in str(raised.value)
    assert "/liveinsight/prod/visitor-key" in str(raised.value)


def test_valid_settings_are_read():
    settings = Settings.from_environment(
        {
            **NEEDED,
            "SITES": "www.Example.com, *.example.org,*, bücher.example, [2001:DB8::07]",
            "READ_TOKEN_HASHES": "A" * 64,
            "REPORT_TIMEZONE": "Asia/Seoul",
            "EXCLUDED_ADDRESSES": "192.0.2.7, 2001:db8::/32",
            "SESSION_TIMEOUT_SECONDS": "6",
        }
    )

    assert settings.sites == (
        "example.com", "*.example.org", "*", "xn--bcher-kva.example", "2001:db8::7",
    )  # fmt: skip
    assert settings.read_token_hashes == {"a" * 64}
    assert settings.report_timezone.key == "Asia/Seoul"
    assert len(settings.excluded_addresses) == 2
    assert (settings.session_timeout_ms, settings.close_after_ms) == (6_000, 400)


def test_rows_close_after_two_more_minutes():
    assert Settings.from_environment(NEEDED).close_after_ms == 120_000


@pytest.mark.parametrize(
    ("events_table", "stage"),
    [("LiveInsight-Events", "prod"), ("LiveInsight-Events-dev", "dev"), ("mine", "mine")],
)
def test_stage_is_read_from_the_table_names(events_table: str, stage: str):
    settings = Settings.from_environment({**NEEDED, "EVENTS_TABLE": events_table})

    assert settings.stage == stage
