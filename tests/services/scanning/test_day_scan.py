"""The scans of single days, sent as JSON, add up to the answer for all days."""

from __future__ import annotations

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.summary import sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query.calendar import days_between
from chalicelib.domain.query.dimensions import DIMENSIONS, parse_dimensions
from chalicelib.domain.query.filters import Filters, parse_filters
from chalicelib.domain.query.scan_request import ScanRequest
from chalicelib.domain.sessions.session import Session
from chalicelib.services.scanning import day_scan
from chalicelib.services.scanning.day_scan import encode_day
from tests.builders import MIDNIGHT, session
from tests.domain.strategies import FIRST, SPAN_MS, lists_of_closed

DIMENSION_NAMES = ",".join([*DIMENSIONS, "prop:plan"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia"]).map(ZoneInfo)
FILTERS = st.sampled_from(
    ["", "page==/", "page!=/blog/", "country==DE|", "event=~SIGN", r"page==a\;b\|c\\d==e"]
).map(parse_filters)


@given(lists_of_closed(), ZONES, FILTERS)
@settings(deadline=None, max_examples=50)
def test_days_add_up_to_the_answer_for_all(
    sessions: Sequence[Session], zone: ZoneInfo, filters: Filters
):
    packs = [read_pack(write_pack(sessions))]
    days = days_between(FIRST, FIRST + SPAN_MS, zone)
    asked = ScanRequest(
        "example.com", zone, parse_dimensions(DIMENSION_NAMES), filters, tuple(days)
    )
    sent = ScanRequest.from_json(json.loads(json.dumps(asked.to_json())))

    parts = [
        encode_day(
            aggregate(packs, [day], sent.zone, dimensions=sent.dimensions, filters=sent.filters)
        )
        for day in sent.days
    ]

    whole = aggregate(packs, days, zone, dimensions=asked.dimensions, filters=filters)
    assert sum_summaries(map(decode_summary, parts)) == whole


def test_requests_of_one_query_have_one_key():
    days = days_between(MIDNIGHT, MIDNIGHT + 2 * 86_400_000, ZoneInfo("UTC"))
    dimensions = parse_dimensions("page")
    request = ScanRequest(
        "example.com", ZoneInfo("UTC"), dimensions, parse_filters(""), tuple(days)
    )

    assert request.of_days(days[:1]).query_key == request.query_key
    assert (
        request.query_key
        != ScanRequest(
            "example.com", ZoneInfo("UTC"), dimensions, parse_filters("page==/"), tuple(days)
        ).query_key
    )


def test_day_that_is_too_large_for_an_answer_names_what_it_truncates(monkeypatch):
    sessions = [session(f"/{number}", visitor=f"{number:012}") for number in range(300)]
    days = days_between(MIDNIGHT, MIDNIGHT + 86_400_000, ZoneInfo("UTC"))
    whole = aggregate(
        [read_pack(write_pack(sessions))],
        days,
        ZoneInfo("UTC"),
        dimensions=parse_dimensions("page"),
    )
    monkeypatch.setattr(day_scan, "MAX_ANSWER_BYTES", 500)
    monkeypatch.setattr(day_scan, "MAX_DAY_VALUES", 300)

    encoded = encode_day(whole)

    assert len(encoded) <= 500
    assert decode_summary(encoded).truncated_dimensions == {"page"}
    assert decode_summary(encoded).total == whole.total
