"""What an operator types, and what the commands print."""

from __future__ import annotations

import click
import pytest

from operate import clock
from operate.aws.stage import ConnectedStage
from operate.commands.shared_options import Target
from tests.operate.command_line import run_command
from tests.operate.data.conftest import LATER, SITE
from tests.world import World


@pytest.fixture(autouse=True)
def stage(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = ConnectedStage(world.settings, world.tables)
    monkeypatch.setattr(Target, "connect", lambda _: connected)
    monkeypatch.setattr(clock, "now_ms", lambda: LATER)


def lose_a_session(world: World) -> None:
    recent = next(world.tables.rollups.recents(SITE, "2026-09-06", "2026-09-06"))
    key = {"site": SITE, "sort_key": f"recent#{recent.day}#{recent.recent_id}"}
    world.tables.database.delete(world.settings.rollups_table, key)


def test_recount_prints_the_number_of_counted_sessions(capsys: pytest.CaptureFixture[str]):
    run_command("recount")

    assert capsys.readouterr().out == (
        "example.com: 7 sessions from 2026-09-05 to 2026-09-08, 0 differences.\n"
    )


def test_recount_exits_with_1_on_a_difference(world: World, capsys: pytest.CaptureFixture[str]):
    lose_a_session(world)

    with pytest.raises(SystemExit) as ended:
        run_command("recount", "--site", SITE, "--from", "2026-09-06", "--to", "2026-09-06")

    assert ended.value.code == 1
    assert "example.com 2026-09-06: sess_" in capsys.readouterr().out


def test_recount_after_rebuild_finds_no_difference(
    world: World, capsys: pytest.CaptureFixture[str]
):
    lose_a_session(world)

    run_command("rebuild", "--site", SITE)
    run_command("recount", "--site", SITE)

    output = capsys.readouterr().out
    assert "2026-09-06: 2 sessions" in output
    assert "example.com: 1 day of 2026-09-05 to 2026-09-08 changed." in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "yesterday"], "'yesterday' is not a day such as 2026-11-01"),
        (
            ["--from", "2026-09-07", "--to", "2026-09-06"],
            "--to must be 2026-09-07 or a later day",
        ),
        (["--from", "2026-07-01"], r"Events are kept for 30 days \(EVENT_RETENTION_DAYS\)"),
    ],
)
def test_days_that_cannot_be_recounted_are_rejected(arguments: list[str], sentence: str):
    with pytest.raises(click.ClickException, match=sentence):
        run_command("recount", "--site", SITE, *arguments)


def test_erase_prints_what_it_deleted(capsys: pytest.CaptureFixture[str]):
    run_command("erase", "--user", "ann")

    assert capsys.readouterr().out == (
        "example.com: 3 events, 2 sessions, 0 open sessions deleted.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Specify --user, or --site"),
        (["--site", SITE], "add YES=example.com"),
        (["--site", SITE, "--yes", "other.org"], "add YES=example.com"),
    ],
)
def test_site_is_erased_by_its_name(world: World, arguments: list[str], sentence: str):
    before = world.items("events")

    with pytest.raises(click.ClickException, match=sentence):
        run_command("erase", *arguments)

    assert world.items("events") == before


def test_site_is_erased(world: World):
    run_command("erase", "--site", SITE, "--yes", SITE)

    assert not [item for item in world.items("events") if "site" in item]
