"""Random sessions with few distinct values, so that they collide, and some that are hard to
store."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chalicelib.domain.collection.event import PAGE_VIEW, Location
from chalicelib.domain.collection.ids import new_session_id
from chalicelib.domain.sessions.session import ENDED_BY_LIMIT, ENDED_BY_TIMEOUT, Session, Step
from tests.builders import MIDNIGHT, MINUTE

FIRST = MIDNIGHT - 30 * MINUTE
SPAN_MS = 3 * 24 * 3_600_000

HARD_TEXTS = ["\ud800", "\ud83d\ude00", "ÄÖ ß", "a;b|c\\d==e", "x" * 300, "(other)", "\x00"]

ENCODED = ["/caf%C3%A9", "/caf%c3%a9", "/café", "/a%2fb", "/a%2Fb", "/%e4", "/100%"]

paths = st.sampled_from(
    ["/", "/Blog", "/blog/", "/blog/a", "/pricing", "/ä?", *ENCODED, *HARD_TEXTS]
)
event_types = st.sampled_from([*[PAGE_VIEW] * 6, "signup", "outbound_link", "Signup"])
prop_values = st.sampled_from(["pro", "Pro", "", 1, 1.0, True, 0.5, "1", "\ud800", False])
props: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}), st.just({}), st.dictionaries(st.sampled_from(["plan", "n"]), prop_values)
)
maybe = st.sampled_from


@st.composite
def steps(draw, start: int) -> tuple[Step, ...]:
    found, at = [], start
    for number in range(draw(st.integers(1, 5))):
        at += draw(st.sampled_from([0, 1, 999, 1500, 61_007, 1_799_999])) if number else 0
        found.append(
            Step(
                at,
                draw(event_types),
                draw(paths),
                draw(st.sampled_from([0, 0, 1, 2500, 86_400_000])),
                draw(st.sampled_from([None, None, 0, 37, 100])),
                draw(props),
            )
        )
    return tuple(found)


@st.composite
def closed(draw, first: int = FIRST, span_ms: int = SPAN_MS) -> Session:
    start = first + draw(st.integers(0, span_ms - 1))
    random = draw(st.binary(min_size=4, max_size=4))
    made_at = start + draw(maybe([0, 0, 0, 86_400_000, -86_400_000]))
    return Session(
        session_id=draw(
            maybe([new_session_id(made_at, random)] * 4 + [f"other {random.hex()}"])
        ),
        site="example.com",
        visitor=draw(maybe(["aaaaaaaaaaaa", "bbbbbbbbbbbb", "000000000000", random.hex() * 2]))[
            :12
        ],
        steps=draw(steps(start)),
        hostname=draw(maybe(["www.example.com", "example.com", None])),
        referrer=draw(maybe([None, "https://www.google.com/", "https://t.co/x", *HARD_TEXTS])),
        utm_source=draw(maybe([None, None, "newsletter", "Google"])),
        utm_medium=draw(maybe([None, "email", "cpc"])),
        utm_campaign=draw(maybe([None, None, "spring"])),
        utm_term=draw(maybe([None, None, "tulips"])),
        utm_content=draw(maybe([None, None, "footer"])),
        click_id=draw(maybe([None, None, "gclid"])),
        user_agent=draw(maybe(["", "Mozilla/5.0 (X11; Linux x86_64; rv:137.0) Firefox/137.0"])),
        language=draw(maybe([None, "de", "de-AT"])),
        screen=draw(maybe([None, "1920x1080"])),
        location=draw(maybe([Location(), Location("DE", "DE-BE", "Berlin"), Location("AT")])),
        ended_by=draw(maybe([ENDED_BY_TIMEOUT, ENDED_BY_TIMEOUT, ENDED_BY_LIMIT, None])),
        storage_session_id=draw(maybe([None, None, None, "sess_20260905_00000000"])),
    )


def lists_of_closed(**limits):
    """Draw sessions with unique ids, in order of start, then id."""
    return st.lists(
        closed(**limits), max_size=8, unique_by=lambda session: session.session_id
    ).map(in_order)


def in_order(sessions):
    return sorted(sessions, key=lambda session: (session.started_at, session.session_id))
