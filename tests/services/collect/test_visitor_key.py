"""The visitor key is read from Parameter Store once, when a user_id is hashed. Without it, no
user_id is hashed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.domain.collection.visitor import effective_visitor
from chalicelib.domain.packs.pack import read_pack
from chalicelib.storage import visitor_key
from chalicelib.storage.aws.retries import MAX_ATTEMPTS, Unavailable
from chalicelib.storage.visitor_key import VisitorKey
from chalicelib.web.reading.reports import (
    realtime,
    session_list,
    stats,
    timeline,
    user_events,
    user_sessions,
)
from tests.clock import stop_clock
from tests.world import World, custom, minutes, new_world, page_view, settings, visitor

PARAMETER = "/liveinsight/dev/visitor-key"
KEY = "the-key-of-this-stage"
DUE = minutes(40)
DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetParameter")
TIMEOUT = ConnectTimeoutError(endpoint_url="https://ssm")


@dataclass
class ParameterStore:
    """Responds with the key, or with the failure that it was given."""

    failure: Exception | None = None
    clients: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)

    def client(self) -> ParameterStore:
        self.clients += 1
        return self

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        if self.failure:
            raise self.failure
        return {"Parameter": {"Value": KEY}}


@pytest.fixture
def store() -> ParameterStore:
    return ParameterStore()


@pytest.fixture
def world(store: ParameterStore) -> World:
    made = new_world(VISITOR_KEY_PARAMETER=PARAMETER)
    key = VisitorKey(made.settings, store.client)
    return replace(made, tables=replace(made.tables, make_visitor_key=lambda: key))


def ann(world: World, number: int = 1, at: int = minutes(0)) -> str:
    """Send a page view of the user ann from a new device; return the id of its session."""
    sender = visitor(number)
    (outcome,) = world.send(page_view("/in", user_id="ann"), at=at, sender=sender)
    assert outcome.session_id
    return outcome.session_id


def packed_visitors(world: World) -> dict[str, str]:
    """Return the visitor of each packed session by its id."""
    packed = [read_pack(bytes(i["packed"])) for i in world.items("rollups") if "packed" in i]
    return {one.session_id: one.visitor for part in packed for one in part.sessions()}


def test_user_id_is_hashed_with_the_key_of_parameter_store(world: World, store: ParameterStore):
    sessions = {ann(world, number) for number in range(1, 4)}
    world.close(at=DUE)

    expected = effective_visitor("", "ann", site="example.com", key=KEY.encode())
    assert packed_visitors(world) == dict.fromkeys(sessions, expected)
    assert store.requests == [{"Name": PARAMETER, "WithDecryption": True}]


def test_collecting_never_reads_the_key(world: World, store: ParameterStore):
    ann(world)
    world.send(custom("signup", "/in", user_id="ann"), page_view("/b", user_id="ann"))
    world.send({"event_type": "engagement", "event_id": "e", "page_url": "https://example.com"})

    assert store.clients == 0


def test_key_is_not_read_without_a_user_id(world: World, store: ParameterStore):
    world.send(page_view("/"))
    stats({"site": "example.com"}, world.context(minutes(1)))
    world.close(at=DUE)

    assert len(packed_visitors(world)) == 1
    assert store.clients == 0


@pytest.mark.parametrize("failure", [DENIED, TIMEOUT], ids=["denied", "no answer"])
def test_user_sessions_stay_open_while_the_key_is_unreadable(
    world: World, store: ParameterStore, failure: Exception, monkeypatch: pytest.MonkeyPatch
):
    of_ann = ann(world)
    (other,) = world.send(page_view("/"), sender=visitor(2))
    store.failure = failure

    reports = [world.close(at=DUE + run) for run in range(5)]

    assert set(packed_visitors(world)) == {other.session_id}
    assert [row.session_id for row in world.rows()] == [of_ann]
    assert [report.rows_failed for report in reports] == [[of_ann]] * 5
    assert [report.rows_quarantined for report in reports] == [0] * 5
    assert PARAMETER in reports[-1].unavailable

    store.failure = None
    stop_clock(monkeypatch, visitor_key).now = 1e9
    assert world.close(at=DUE + 60_000).sessions_closed == 1
    expected = effective_visitor("", "ann", site="example.com", key=KEY.encode())
    assert packed_visitors(world)[of_ann] == expected


def test_unfinished_close_waits_for_the_key(
    world: World, store: ParameterStore, monkeypatch: pytest.MonkeyPatch
):
    of_ann = ann(world)

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(world.tables.sessions), "put_many", dies)
        with pytest.raises(KeyboardInterrupt):
            world.close(at=DUE)
    store.failure = DENIED
    key = VisitorKey(world.settings, store.client)
    restarted = replace(world, tables=replace(world.tables, make_visitor_key=lambda: key))
    (other,) = world.send(page_view("/"), at=DUE, sender=visitor(2))

    assert restarted.close(at=minutes(80)).sessions_closed == 1
    assert [item["session_id"] for item in world.items("sessions")] == [other.session_id]

    store.failure = None
    stop_clock(monkeypatch, visitor_key).now = 1e9
    restarted.close(at=minutes(81))
    outlines = world.tables.sessions.get_many([of_ann])
    assert outlines[of_ann].visitor == packed_visitors(world)[of_ann]


def test_returning_user_is_one_visitor(world: World):
    ann(world)
    world.close(at=DUE)
    ann(world, 2, at=minutes(60))

    result = stats({"site": "example.com"}, world.context(minutes(61)))

    assert (result["totals"]["sessions"], result["totals"]["visitors"]) == (2, 1)


def test_only_stats_fail_without_the_key(world: World, store: ParameterStore):
    """No other route adds up visitors of open and of closed sessions."""
    session_id = ann(world)
    store.failure = DENIED
    site = {"site": "example.com"}
    context = world.context(minutes(1))

    with pytest.raises(Unavailable):
        stats(site, context)

    assert realtime({"site": "example.com"}, context)["current_visitors"] == 1
    assert timeline(session_id, {}, context) is not None
    assert len(user_sessions("ann", {}, context)["sessions"]) == 1
    assert len(user_events("ann", {}, context)["events"]) == 1
    assert len(session_list(site, context)["sessions"]) == 1


def test_failed_read_of_the_key_is_cached_for_less_than_a_run(
    store: ParameterStore, monkeypatch: pytest.MonkeyPatch
):
    """The job tries hundreds of sessions, each of which would wait for a response."""
    clock = stop_clock(monkeypatch, visitor_key)
    key = VisitorKey(settings(VISITOR_KEY_PARAMETER=PARAMETER), store.client)
    store.failure = TIMEOUT
    for _ in range(3):
        with pytest.raises(Unavailable, match=PARAMETER):
            key.read()
    assert len(store.requests) == MAX_ATTEMPTS

    store.failure = None
    clock.sleep(60)
    assert key.read() == KEY.encode()


def test_key_in_the_environment_of_an_older_release_still_works(store: ParameterStore):
    """Chalice updates the code first, so for seconds it runs with the previous environment."""
    both = settings(VISITOR_KEY=KEY, VISITOR_KEY_PARAMETER=PARAMETER)

    assert VisitorKey(settings(VISITOR_KEY=KEY), store.client).read() == KEY.encode()
    assert VisitorKey(both, store.client).read() == KEY.encode()
    assert VisitorKey(settings(), store.client).read() == b""
    assert store.clients == 0
