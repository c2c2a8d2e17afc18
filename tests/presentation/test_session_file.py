"""The export contains each session once, in files that spreadsheets and programs read
correctly."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from chalicelib.presentation import session_file
from chalicelib.presentation.serializers import SESSION_FIELDS
from chalicelib.presentation.session_file import SessionFile
from chalicelib.web.reading import reports
from chalicelib.web.reading.reports import export, session_list
from tests.vocabulary import VOCABULARY
from tests.world import World, minutes, page_view, visitor

NOW = minutes(120)


def page(world: World, **parameters: str) -> SessionFile:
    return export({"site": "example.com", **parameters}, world.context(NOW))


def all_pages(world: World, **parameters: str) -> tuple[str, int]:
    """Return the joined text of all pages, and their number."""
    text, cursor, pages = "", "", 0
    while True:
        result = page(world, cursor=cursor, **parameters)
        text, pages = text + result.text, pages + 1
        if result.cursor is None:
            return text, pages
        cursor = result.cursor


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def visited(world: World) -> World:
    """Send six closed sessions and an active one."""
    for number in range(6):
        world.send(
            page_view(f"/{number}", user_id=f"user{number}"),
            at=minutes(number),
            sender=visitor(number),
        )
    world.close(at=minutes(90))
    world.send(page_view("/open"), at=minutes(119))
    return world


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("most", [1, 3, 100])
def test_joined_pages_equal_the_full_list(visited: World, monkeypatch, form: str, most: int):
    monkeypatch.setattr(reports, "MAX_SESSIONS_PER_FILE", most)
    text, pages = all_pages(visited, format=form)
    result: list[Any] = (
        [json.loads(line) for line in text.splitlines()] if form == "ndjson" else rows(text)
    )

    assert [one["entry_page"] for one in result] == [
        "/open",
        *(f"/{n}" for n in range(5, -1, -1)),
    ]
    assert [one["user_id"] or None for one in result] == [
        None,
        *(f"user{n}" for n in range(5, -1, -1)),
    ]
    assert pages == {1: 7, 3: 3, 100: 1}[most]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_page_stays_below_its_size_limit(visited: World, monkeypatch, form: str):
    usual, _ = all_pages(visited, format=form)
    monkeypatch.setattr(session_file, "MAX_RESPONSE_BYTES", 900)
    text, pages = all_pages(visited, format=form)

    assert text == usual
    assert pages > 1


def test_session_larger_than_a_page_is_exported(visited, monkeypatch):
    usual, _ = all_pages(visited)
    monkeypatch.setattr(session_file, "MAX_RESPONSE_BYTES", 1)

    assert all_pages(visited) == (usual, 7)


def test_json_lines_match_the_session_list(visited: World):
    listed = session_list({"site": "example.com"}, visited.context(NOW))

    text = page(visited, format="ndjson").text
    assert [json.loads(line) for line in text.splitlines()] == listed["sessions"]


def test_csv_has_a_column_per_field_and_empty_cells_for_missing_values(visited: World):
    result = page(visited)
    first, *_, last = rows(result.text)

    assert result.text.startswith(",".join(SESSION_FIELDS) + "\r\n")
    assert result.text.count("\r\n") == result.text.count("\n") == 8
    assert (first["is_active"], last["is_active"]) == ("true", "false")
    assert (first["ended_by"], last["ended_by"]) == ("", "timeout")
    assert (last["page_count"], last["utm_term"]) == ("1", "")
    assert result.content_type == "text/csv; charset=utf-8"
    assert result.filename == "example.com-2026-09-05-2026-09-05-sessions.csv"


@pytest.mark.parametrize("case", VOCABULARY["csv_cells"], ids=lambda case: case["id"])
def test_cell_is_read_back_as_the_same_text_as_in_the_dashboard(case: dict[str, str]):
    line = session_file._csv_line({"a": case["text"], "b": 1, "c": -1, "d": None})

    assert next(csv.reader(io.StringIO(line, newline=""))) == [case["cell"], "1", "-1", ""]


def test_campaign_cannot_inject_a_formula_into_a_spreadsheet(world: World):
    world.send(page_view("/?utm_source=%3DHYPERLINK(%22x%22)"))

    assert rows(page(world).text)[0]["utm_source"] == '\'=HYPERLINK("x")'
    assert json.loads(page(world, format="ndjson").text)["utm_source"] == '=HYPERLINK("x")'


def test_empty_export_has_only_a_header(world: World):
    assert page(world).text == ",".join(SESSION_FIELDS) + "\r\n"
    assert page(world, format="ndjson").text == ""


def test_filters_and_period_select_sessions(visited: World):
    assert [row["entry_page"] for row in rows(page(visited, filters="page==/3").text)] == ["/3"]
    assert rows(page(visited, period="yesterday").text) == []
