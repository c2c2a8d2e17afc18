"""An update harms nobody while it is being made: every mixture of the previous release and the
code here counts what the previous release would have counted alone.

`chalice deploy` changes the code of a function, then its environment, then the next function,
then the routes. `make rollback` runs earlier code on the items of later code.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chalicelib.version import __version__
from devkit.project_paths import ROOT
from operate.versions.migrations import CURRENT_VERSIONS, FIRST_VERSION
from tests.forked import forked_python
from tests.releases.release import Code, Items, Release, releases, todays_code
from tests.releases.visits import DAY, MINUTE, UPDATE, after, before, closing, night, reads

pytestmark = pytest.mark.slow

ALL = releases()
LIVE, LATER = UPDATE + 4 * MINUTE, UPDATE + DAY - 60 * MINUTE
EVENT = ("event_id", "event_type", "timestamp", "page_url", "user_id", "props", "engaged_ms")
SESSION = ("start_time", "last_activity", "user_id", "page_count", "entry_page", "ended_by")
TOTALS = ("visitors", "sessions", "pageviews", "events", "bounce_rate", "session_duration")
LIVE_NOW = ("current_visitors", "pageviews", "open_sessions")


def answers(steps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the results of `reads()` that every release can return; each must have status
    200."""
    result = list(steps)
    assert [step["status"] for step in result] == [200] * len(result), result
    _, sites, live, stats, sessions, export, events, user_sessions, user_events = (
        step["body"] for step in result
    )
    rows = list(csv.DictReader(io.StringIO(export)))
    return {
        "sites": json.loads(sites)["data"]["sites"],
        "live": _picked([json.loads(live)["data"]], LIVE_NOW),
        "totals": _picked([json.loads(stats)["data"]["totals"]], TOTALS),
        "sessions": _picked(json.loads(sessions)["data"]["sessions"], SESSION),
        "export": _picked(rows, SESSION),
        "events": _picked(json.loads(events)["data"]["events"], EVENT),
        "sessions of ann": _picked(json.loads(user_sessions)["data"]["sessions"], SESSION),
        "events of ann": _picked(json.loads(user_events)["data"]["events"], EVENT),
    }


def collected(steps: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return status and event of each request."""
    return [(step["status"], json.loads(step["body"]).get("event_id", "")) for step in steps]


def _picked(found: list[Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: one[name] for name in names} for one in found]


def visit(
    items: Items, collecting: Code, job: Code, reading: Code
) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    """Send the visits after the update; return the responses, and what is read live and a day
    later. The API and the job can have different code."""
    live = reads(LIVE)
    first = collecting.run([*after(), *live], items)
    closed = job.run([*closing(), *night(UPDATE)], first.items)
    later = reading.run(reads(LATER), closed.items)
    count = len(after())
    return (
        collected(first.steps[:count]),
        answers(first.steps[count:]),
        answers(later.steps),
    )


@pytest.fixture(scope="module", params=ALL, ids=[one.version for one in ALL])
def release(request: pytest.FixtureRequest) -> Release:
    chosen: Release = request.param
    return chosen


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    packages = (
        "boto3",
        "chalice",
        "moto",
        "moto.dynamodb.models",
        "moto.ssm.models",
        "responses",
        "user_agents",
    )
    folder = tmp_path_factory.mktemp("python")
    with forked_python(folder, *packages, services=("dynamodb", "ssm")) as made:
        yield made


@pytest.fixture(scope="module")
def old(release: Release, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Code:
    """Return the release's code with its own environment."""
    return release.code(tmp_path_factory.mktemp("release"), python)


NewCode = Callable[..., Code]


@pytest.fixture(scope="module")
def new(python: Path) -> NewCode:
    """Return today's code, with today's environment or another one."""
    return partial(todays_code, python)


@pytest.fixture(scope="module")
def by_itself(release: Release, old: Code) -> Any:
    """Return what the release would have counted without an update."""
    return visit(release.items, old, old, old)


def reads_todays_items(release: Release) -> bool:
    reads = release.notes["reads"]
    return all(
        version <= reads.get(table, FIRST_VERSION)
        for table, version in CURRENT_VERSIONS.items()
    )


def test_recorded_sessions_have_content(by_itself: Any):
    requests, live, later = by_itself

    assert requests == [(200, event) for event in ("g4", "b1", "b1", "b2", "n1")]
    totals = live["totals"][0]
    assert (totals["sessions"], totals["pageviews"], totals["events"]) == (7, 9, 2)
    assert totals["visitors"] == 6
    assert live["live"][0]["open_sessions"] == 3
    assert later["live"][0]["open_sessions"] == 0
    assert len(later["sessions"]) == 7
    assert {one["engaged_ms"] for one in later["events"]} == {0, 9_000, 30_000}


def test_new_code_with_the_old_environment(release: Release, by_itself: Any, new: NewCode):
    """The seconds between UpdateFunctionCode and UpdateFunctionConfiguration."""
    code = new(release.notes["environment"])

    assert visit(release.items, code, code, code) == by_itself


def test_new_code_accepts_every_old_setting(release: Release, old: Code, new: NewCode):
    requests = [{"do": "read settings"}]
    (was,) = old.run(requests).steps
    (is_now,) = new(release.notes["environment"]).run(requests).steps

    assert {name: is_now.get(name, value) for name, value in was.items()} == was


def test_new_code_reads_old_items(release: Release, by_itself: Any, new: NewCode):
    code = new()

    assert visit(release.items, code, code, code) == by_itself


def test_new_api_with_the_old_job(release: Release, old: Code, by_itself: Any, new: NewCode):
    if not reads_todays_items(release):
        pytest.skip("the job fails for the seconds until it is updated, and works again then")

    assert visit(release.items, new(), old, new()) == by_itself


def test_old_api_with_the_new_job(release: Release, old: Code, by_itself: Any, new: NewCode):
    reading = old if reads_todays_items(release) else new()

    assert visit(release.items, old, new(), reading) == by_itself


def test_old_code_starts_with_the_new_environment(
    release: Release, tmp_path: Path, python: Path, new: NewCode
):
    """A rollback restores the code of a function, but not its environment."""
    environment = dict(new().environment)
    code = release.code(tmp_path, python, environment)

    (settings,) = code.run([{"do": "read settings"}]).steps

    assert settings["sites"] == "('shop.example',)"


def test_old_code_reads_new_items_after_a_rollback(
    release: Release, old: Code, by_itself: Any, new: NewCode
):
    if not reads_todays_items(release):
        pytest.skip("make rollback rejects it: tests/operate/versions/test_compatibility.py")
    items = new().run(before()).items

    assert visit(items, old, old, old) == by_itself


def test_new_code_serves_the_old_routes(release: Release, old: Code, new: NewCode):
    """Until the routes are changed, and for browsers in which the dashboard is open."""
    requests = [{"do": "list routes"}]
    (was,) = old.run(requests).steps
    (is_now,) = new().run(requests).steps

    lost = [
        f"{method} {path} {content_type}"
        for path, methods in was.items()
        for method, types in methods.items()
        for content_type in types
        if content_type not in is_now.get(path, {}).get(method, [])
    ]
    assert lost == []


def test_new_policies_grant_what_the_old_code_uses(release: Release):
    """Chalice changes a role before the code of its function."""
    for function, policy in release.notes["policies"].items():
        path = ROOT / ".chalice" / f"policy-dev-{function}.json"
        assert grants(policy) - grants(json.loads(path.read_text("utf-8"))) == set()


def grants(policy: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the actions on tables."""
    return {
        (action, statement["Resource"])
        for statement in policy["Statement"]
        for action in statement["Action"]
        if action.startswith("dynamodb:")
    }


def test_every_version_of_items_but_the_newest_has_a_release():
    """A change of SCHEMA_VERSION needs items of the previous version: run `python -m
    tests.releases.record` on the previous commit."""
    for table, newest in CURRENT_VERSIONS.items():
        recorded = {one.notes["writes"].get(table) for one in ALL}
        assert set(range(FIRST_VERSION, newest)) <= recorded, table
    assert ALL


def test_every_released_version_is_recorded():
    """CONTRIBUTING.md, "Release", describes how."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)

    assert set(released) <= {one.version for one in ALL} | {__version__}
