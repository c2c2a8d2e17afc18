from __future__ import annotations

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chalicelib.domain.collection.event import Event, Location
from chalicelib.domain.collection.session_pointer import SessionPointer
from chalicelib.storage.events import EventTable, from_item
from tests.world import START, World, page_view

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
events = st.builds(
    Event,
    session_id=st.just("sess_20260905_3ef5a49f"),
    event_id=st.text("abc", min_size=1, max_size=9),
    event_type=st.sampled_from(["page_view", "signup"]),
    at=st.integers(0, 2**45),
    received_at=st.integers(0, 2**45),
    site=st.just("example.com"),
    visitor_id=st.just("0" * 12),
    page_url=st.just("https://example.com/"),
    user_id=texts,
    referrer=texts,
    user_agent=st.text("abc"),
    title=texts,
    location=st.builds(Location, texts, texts, texts),
    props=st.dictionaries(
        st.text(),
        st.text(st.characters(exclude_categories=["Cs"]))
        | st.floats(allow_nan=False)
        | st.booleans(),
    ),
    engaged_ms=st.integers(0, 10**6),
    scroll_depth=st.none() | st.integers(0, 100),
)


@given(events)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_survive_a_round_trip(event: Event):
    table = EventTable(None, "events", retention_days=30)

    assert from_item({k: v for k, v in table._to_item(event).items() if v is not None}) == event


def test_event_expires_after_its_retention(world: World):
    world.send(page_view("/"))

    (ttl,) = (i["ttl"] for i in world.items("events") if i["event_id"] != "pointer")
    assert ttl == START // 1000 + 30 * 86_400


def test_pointer_drops_sessions_too_old_for_a_retry():
    pointer = SessionPointer("sess_1", START)
    later = pointer.advance("sess_2", now=START + 1).advance("sess_3", now=START + 2)
    much_later = later.advance("sess_4", now=START + 48 * 3_600_000 + 2)

    assert later.session_ids() == ["sess_3", "sess_2", "sess_1"]
    assert much_later.session_ids() == ["sess_4", "sess_3"]


def test_typical_event_takes_one_write_unit(world: World):
    world.send(
        page_view(
            "/blog/how-to-measure-without-a-server?utm_source=newsletter&utm_medium=email",
            referrer="https://www.google.com/",
            title="How to measure without a server",
            language="en-US",
            screen="1920x1080",
            timezone="Europe/Berlin",
            event_id="0123456789abcdef0123456789abcdef",
        )
    )
    for table in ("events", "active_sessions"):
        for item in world.items(table):
            assert sum(len(str(name)) + len(str(value)) for name, value in item.items()) < 1024
