"""Collecting: which session an event gets, and that nothing is counted twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.exclusions.drop_reason import DropReason
from chalicelib.services.collect.collect import OutcomeStatus
from chalicelib.storage.active_table.active_sessions import ActiveSessionTable
from tests.world import START, World, custom, minutes, new_world, page_view, visitor


def stored_events(world: World) -> list[str]:
    return sorted(i["event_id"] for i in world.items("events") if i["event_id"] != "pointer")


def test_first_event_opens_a_session(world: World):
    (outcome,) = world.send(page_view("/", event_id="e1"))

    assert outcome.status is OutcomeStatus.STORED
    assert outcome.event_id == "e1"
    assert [row.session_id for row in world.rows()] == [outcome.session_id]


def test_next_event_with_a_session_id_continues_it_in_two_calls(world: World):
    (first,) = world.send(page_view("/"))
    world.calls.clear()
    (second,) = world.send(page_view("/b", session_id=first.session_id), at=minutes(1))

    assert second.session_id == first.session_id
    assert world.calls == ["UpdateItem", "PutItem"]


def test_next_event_without_a_session_id_joins_the_session_of_its_visitor(world: World):
    (first,) = world.send(page_view("/"))
    (second,) = world.send(page_view("/b"), at=minutes(1))

    assert second.session_id == first.session_id


@pytest.mark.parametrize(
    ("gap_ms", "continues"),
    [
        pytest.param(1_799_999, True, id="29:59.999 continues"),
        pytest.param(1_800_000, False, id="30:00.000 does not"),
    ],
)
@pytest.mark.parametrize("names_it", [True, False], ids=["named", "by visitor"])
def test_session_timeout_is_exact(world: World, gap_ms: int, continues: bool, names_it: bool):
    (first,) = world.send(page_view("/"))
    named = {"session_id": first.session_id} if names_it else {}
    (second,) = world.send(page_view("/b", **named), at=START + gap_ms)

    assert (second.session_id == first.session_id) is continues


def test_session_continues_past_midnight(world: World):
    late = minutes(14 * 60 - 5)  # 23:55
    (first,) = world.send(page_view("/"), at=late)
    (second,) = world.send(page_view("/b"), at=late + 10 * 60_000)

    assert second.session_id == first.session_id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(visitor(1), visitor(2), id="address"),
        pytest.param(visitor(1), visitor(1, user_agent="Another/1.0"), id="user agent"),
    ],
)
def test_visitors_differ_by(world: World, one, other):
    (first,) = world.send(page_view("/"), sender=one)
    (second,) = world.send(page_view("/"), sender=other)

    assert first.session_id != second.session_id


def test_two_user_ids_from_one_address_are_two_sessions(world: World):
    (first,) = world.send(page_view("/", user_id="ann"))
    (second,) = world.send(page_view("/", user_id="bob"))

    assert first.session_id != second.session_id


def test_visitor_who_signs_in_within_a_request_is_one_visitor(world: World):
    first, second = world.send(page_view("/"), page_view("/in", user_id="ann"))

    assert first.session_id == second.session_id


def test_each_site_has_its_own_sessions(world: World):
    (first,) = world.send(page_view("https://a.example/"))
    (second,) = world.send(page_view("https://b.example/", session_id=first.session_id))

    assert first.session_id != second.session_id


def test_www_is_the_same_site(world: World):
    (first,) = world.send(page_view("https://www.a.example/"))
    (second,) = world.send(page_view("https://a.example/"))

    assert first.session_id == second.session_id


def test_session_id_in_another_format_identifies_the_visitor(world: World):
    (first,) = world.send(page_view("/", session_id="test-session"))
    (again,) = world.send(page_view("/b", session_id="test-session"), at=minutes(1))
    (other,) = world.send(page_view("/", session_id="another"))

    assert first.session_id.startswith("sess_20260905_")
    assert again.session_id == first.session_id
    assert other.session_id != first.session_id


def test_unknown_session_id_is_never_opened(world: World):
    (outcome,) = world.send(page_view("/", session_id="sess_20260905_00000000"))

    assert outcome.session_id != "sess_20260905_00000000"


def test_older_event_joins_its_session_without_moving_its_end(world: World):
    (first,) = world.send(page_view("/"))
    named = {"session_id": first.session_id}
    world.send(page_view("/newest", **named), at=minutes(10))
    (late,) = world.send(page_view("/late", age=300_000, **named), at=minutes(10))

    (row,) = world.rows()
    assert late.session_id == first.session_id
    assert row.current_page == "/newest"
    assert row.last_activity == minutes(10)
    assert len(row.views) == 3


class TestResentEvent:
    """Resending an event stores nothing new."""

    def test_resent_event_of_an_open_session_is_a_duplicate(self, world: World):
        (first,) = world.send(page_view("/", event_id="e1"))
        before = world.items("events"), world.items("active_sessions")
        for named in ({}, {"session_id": first.session_id}):
            (again,) = world.send(page_view("/", event_id="e1", **named))

            assert again.status is OutcomeStatus.DUPLICATE
            assert (again.event_id, again.session_id) == ("e1", first.session_id)
            assert (world.items("events"), world.items("active_sessions")) == before

    def test_resent_event_of_a_closed_session_is_a_duplicate(self, world: World):
        (first,) = world.send(page_view("/", event_id="e1"))
        world.close(at=minutes(40))
        (again,) = world.send(page_view("/", event_id="e1", age=3_600_000), at=minutes(60))
        (named,) = world.send(
            page_view("/", event_id="e1", session_id=first.session_id), at=minutes(60)
        )

        assert again.status is named.status is OutcomeStatus.DUPLICATE
        assert again.session_id == named.session_id == first.session_id
        assert world.rows() == []

    def test_event_resent_with_a_newer_session_id_is_a_duplicate(self, world: World):
        (first,) = world.send(page_view("/", event_id="e1"))
        (second,) = world.send(page_view("/", event_id="e2"), at=minutes(60))
        (again,) = world.send(
            page_view("/", event_id="e1", age=3_660_000, session_id=second.session_id),
            at=minutes(61),
        )

        assert again.status is OutcomeStatus.DUPLICATE
        assert again.session_id == first.session_id

    def test_resent_event_of_a_session_opened_by_a_late_event_is_a_duplicate(
        self, world: World
    ):
        (first,) = world.send(page_view("/", event_id="e1"))
        world.close(at=minutes(40))
        (late,) = world.send(page_view("/", event_id="e2", age=3_600_000), at=minutes(60))
        (again,) = world.send(
            page_view("/", event_id="e1", age=3_600_000, session_id=late.session_id),
            at=minutes(60),
        )

        assert late.session_id != first.session_id
        assert (again.status, again.session_id) == (OutcomeStatus.DUPLICATE, first.session_id)

    def test_event_resent_the_next_day_is_a_duplicate(self, world: World):
        world.send(page_view("/", event_id="e1"))
        world.send(page_view("/", event_id="e2"), at=minutes(8 * 60))
        later = minutes(23 * 60)
        (again,) = world.send(page_view("/", event_id="e1", age=later - START), at=later)

        assert again.status is OutcomeStatus.DUPLICATE

    def test_event_twice_in_one_request_is_stored_once(self, world: World):
        outcomes = world.send(page_view("/", event_id="e1"), page_view("/", event_id="e1"))

        assert [o.status for o in outcomes] == [OutcomeStatus.STORED, OutcomeStatus.DUPLICATE]
        assert stored_events(world) == ["e1"]

    def test_resent_batch_is_all_duplicates(self, world: World):
        bodies = [page_view(f"/{n}", event_id=f"e{n}", age=n * 1000) for n in range(30)]
        first = world.send(*bodies)
        again = world.send(*bodies, at=minutes(1))

        assert {o.status for o in again} == {OutcomeStatus.DUPLICATE}
        assert {o.session_id for o in first + again} == {first[0].session_id}
        assert len(stored_events(world)) == 30


@pytest.mark.parametrize("events", [1, 3], ids=["single events", "arrays"])
def test_parallel_first_events_of_one_visitor_are_one_session(world: World, events: int):
    requests = [[page_view(f"/{n}/{i}") for i in range(events)] for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = [o for some in pool.map(lambda r: world.send(*r), requests) for o in some]

    assert {o.status for o in outcomes} == {OutcomeStatus.STORED}
    assert len({o.session_id for o in outcomes}) == 1
    assert len(world.rows()) == 1
    assert len(stored_events(world)) == 8 * events


def test_abandoned_claim_is_taken_over(world: World, monkeypatch: pytest.MonkeyPatch):
    def die(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(ActiveSessionTable, "open", die)
        with pytest.raises(ConnectionError):
            world.send(page_view("/", event_id="e1"))
    (claimed,) = (i["points_to"] for i in world.items("events") if i["event_id"] == "pointer")
    (outcome,) = world.send(page_view("/", event_id="e1"), at=START + 2000)

    assert outcome.status is OutcomeStatus.STORED
    assert outcome.session_id == claimed


def test_colliding_ids_never_merge_two_visitors(world: World, monkeypatch: pytest.MonkeyPatch):
    drawn = iter([b"\0\0\0\1"] * 3 + [bytes([0, 0, 1, n]) for n in range(20)])
    monkeypatch.setattr(
        "chalicelib.services.collect.session_assignment.urandom", lambda _: next(drawn)
    )
    (first,) = world.send(page_view("/", event_id="e1"), sender=visitor(1))
    (second,) = world.send(page_view("/", event_id="e2"), sender=visitor(2))

    assert first.session_id == "sess_20260905_00000001"
    assert second.session_id != first.session_id


@pytest.mark.parametrize("events", [1, 3], ids=["one event", "a batch"])
def test_colliding_event_ids_lose_no_event(
    world: World, monkeypatch: pytest.MonkeyPatch, events: int
):
    drawn = iter([b"\0\0\0\1", b"\0\0\0\1", *(bytes([0, 0, 1, n]) for n in range(9))])
    monkeypatch.setattr("chalicelib.services.collect.collect.urandom", lambda _: next(drawn))
    first = world.send(*[page_view("/")] * events)
    named = {"session_id": first[-1].session_id}
    second = world.send(*[page_view("/b", **named)] * events)

    assert {outcome.status for outcome in first + second} == {OutcomeStatus.STORED}
    answered = [outcome.event_id for outcome in first + second]
    assert stored_events(world) == sorted(set(answered))
    assert len(stored_events(world)) == 2 * events


def test_event_resent_after_a_lost_response_is_stored_once(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    put = world.tables.database.client.put_item

    def put_twice(**item: Any) -> object:
        put(**item)
        return put(**item)

    (first,) = world.send(page_view("/"))
    with monkeypatch.context() as patch:
        patch.setattr(world.tables.database.client, "put_item", put_twice)
        (second,) = world.send(custom("signup", session_id=first.session_id, props={"a": 1}))

    assert second.status is OutcomeStatus.STORED
    assert len(stored_events(world)) == 2


def test_engagement_updates_its_page_view_and_nothing_else(world: World):
    (view,) = world.send(page_view("/", event_id="e1"))
    engaged = custom("engagement", event_id="e1", session_id=view.session_id)
    world.send({**engaged, "engaged_ms": 5000, "scroll_depth": 40}, at=minutes(1))
    world.send({**engaged, "engaged_ms": 3000, "scroll_depth": 80}, at=minutes(2))
    world.send({**engaged, "engaged_ms": 5000, "scroll_depth": 40}, at=minutes(3))

    (event,) = world.tables.events.of_session(view.session_id)
    (row,) = world.rows()
    assert (event.engaged_ms, event.scroll_depth) == (5000, 80)
    assert row.last_activity == START


def test_engagement_after_the_close_is_dropped(world: World):
    (view,) = world.send(page_view("/", event_id="e1"))
    world.close(at=minutes(45))
    engaged = custom("engagement", event_id="e1", session_id=view.session_id, engaged_ms=9)
    (outcome,) = world.send(engaged, at=minutes(60))

    assert outcome.drop_reason is DropReason.NO_PAGE_VIEW


def test_engagement_opens_no_session(world: World):
    (outcome,) = world.send(custom("engagement", event_id="e1", engaged_ms=9))

    assert outcome.drop_reason is DropReason.NO_PAGE_VIEW
    assert world.rows() == []


def test_engagement_in_the_request_of_its_page_view_is_stored(world: World):
    world.send(
        page_view("/", event_id="e1"), custom("engagement", event_id="e1", engaged_ms=900)
    )

    (row,) = world.rows()
    (event,) = world.tables.events.of_session(row.session_id)
    assert event.engaged_ms == 900


def test_invalid_event_does_not_reject_the_rest_of_its_batch(world: World):
    outcomes = world.send(page_view("/"), {"event_type": 5}, "nonsense", page_view("/b"))

    assert Counter(o.status for o in outcomes) == {
        OutcomeStatus.STORED: 2,
        OutcomeStatus.INVALID: 2,
    }
    assert "event_type" in outcomes[1].message
    assert len(stored_events(world)) == 2


@pytest.mark.parametrize(
    ("sender", "body", "refusal"),
    [
        pytest.param(visitor(opted_out=True), {}, DropReason.OPTED_OUT, id="Sec-GPC or DNT"),
        pytest.param(visitor(is_prefetch=True), {}, DropReason.PREFETCH, id="prefetch"),
        pytest.param(visitor(user_agent=""), {}, DropReason.BOT, id="no user agent"),
        pytest.param(
            visitor(), {"automated": True}, DropReason.BOT, id="tracker says automated"
        ),
        pytest.param(
            visitor(),
            {"page_url": "https://other.example/"},
            DropReason.UNKNOWN_SITE,
            id="site",
        ),
    ],
)
def test_dropped_event_has_a_reason_and_stores_nothing(sender, body, refusal):
    world = new_world(SITES="example.com")
    (outcome,) = world.send({**page_view("/"), **body}, sender=sender)

    assert outcome.drop_reason is refusal
    assert world.items("events") == world.items("active_sessions") == []


@pytest.mark.parametrize("sites", ["example.com", "*", "*.invalid", "verify.invalid"])
def test_make_verify_site_accepts_events_only_with_a_token(sites: str):
    event = page_view("https://verify.invalid/")
    world = new_world(SITES=sites)
    (stranger,) = world.send(event)
    assert stranger.drop_reason is DropReason.UNKNOWN_SITE
    assert world.items("events") == world.items("active_sessions") == []

    (operator,) = world.send(event, sender=visitor(has_token=True))
    assert operator.status is OutcomeStatus.STORED


def test_stored_data_does_not_reveal_the_address(world: World):
    world.send(page_view("/"), sender=visitor(77))

    assert "192.0.2.77" not in str([*world.items("events"), *world.items("active_sessions")])


def test_row_at_its_marker_limit_accepts_more_views(world: World):
    (first,) = world.send(page_view("/", event_id="first"))
    for n in range(110):
        world.send(page_view(f"/{n}", session_id=first.session_id), at=START + n)

    (row,) = world.rows()
    assert row.is_truncated
    assert row.current_page == "/109"
    assert len(stored_events(world)) == 111


def test_engagement_of_a_view_beyond_the_markers_needs_no_get_item(
    world: World,
):
    """The API's role does not allow GetItem on Events."""
    (first,) = world.send(page_view("/", event_id="first"))
    named = {"session_id": first.session_id}
    for n in range(110):
        world.send(page_view(f"/{n}", event_id=f"v{n}", **named), at=START + n)
    world.calls.clear()
    engaged = custom("engagement", event_id="v109", engaged_ms=5000, **named)
    (outcome,) = world.send(engaged, at=minutes(1))

    assert outcome.status is OutcomeStatus.STORED
    assert "GetItem" not in world.calls
    assert "BatchGetItem" in world.calls


class TestCallsToDynamoDB:
    """The round trips of a request, once the salts of the day are cached."""

    @pytest.fixture
    def warm(self, world: World) -> World:
        world.send(page_view("/"), sender=visitor(99))
        world.calls.clear()
        return world

    def test_calls_for_a_new_visitor(self, warm: World):
        warm.send(page_view("/", event_id="e1"))

        assert len(warm.calls) <= 6

    def test_calls_for_a_visitor_after_a_closed_session(self, warm: World):
        (first,) = warm.send(page_view("/", event_id="e1"))
        warm.close(at=minutes(40))
        warm.calls.clear()
        warm.send(page_view("/", event_id="e2", session_id=first.session_id), at=minutes(60))

        assert len(warm.calls) <= 6

    def test_calls_for_a_visitor_after_an_expired_session(self, warm: World):
        (first,) = warm.send(page_view("/", event_id="e1"))
        warm.calls.clear()
        warm.send(page_view("/", event_id="e2", session_id=first.session_id), at=minutes(31))

        assert len(warm.calls) <= 7  # one more leaves the row

    @pytest.mark.parametrize("at", [minutes(1), minutes(60)], ids=["continued", "opened"])
    def test_calls_for_a_batch_of_50(self, warm: World, at: int):
        (first,) = warm.send(page_view("/", event_id="first"))
        warm.close(at=at)
        warm.calls.clear()
        bodies = [
            page_view(f"/{n}", event_id=f"e{n}", session_id=first.session_id) for n in range(50)
        ]
        outcomes = warm.send(*bodies, at=at)

        assert {o.status for o in outcomes} == {OutcomeStatus.STORED}
        assert len(warm.calls) <= 6
