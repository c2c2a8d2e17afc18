"""Picking takes a few sessions out of a segment without making all the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from chalicelib.domain.packs.pack import TEXTS, VISITOR_BYTES, Segment
from chalicelib.domain.sessions.session import Session, Step


def sessions_at(segment: Segment, places: Sequence[int]) -> list[Session]:
    """The sessions with these numbers, in that order; the first of a segment is 0."""
    if not places:
        return []
    texts = segment.texts()
    arrivals, places_of_visitors = segment.arrivals(texts), segment.places(texts)
    arrival, place = segment.numbers("arrival"), segment.numbers("place")
    others = {name: segment.numbers(name) for name in TEXTS}
    visitors = segment.visitors()
    steps_of = _Steps(segment, texts)
    return [
        Session(
            session_id=session_id,
            visitor=visitors[at].to_bytes(VISITOR_BYTES, "little").hex(),
            steps=steps_of.session(at),
            place=places_of_visitors[place[at]],
            **arrivals[arrival[at]]._asdict(),
            **{name: texts[name][codes[at]] for name, codes in others.items()},  # type: ignore[arg-type]
        )
        for session_id, at in zip(segment.session_ids(places), places, strict=True)
    ]


class _Steps:
    """The columns of a segment's steps, read once."""

    def __init__(self, segment: Segment, texts: Any) -> None:
        self._starts = segment.starts()
        self._offsets = list(accumulate(segment.numbers("steps"), initial=0))
        self._gaps = segment.numbers("gap")
        self._types, self._type = texts["event_type"], segment.numbers("event_type")
        self._pages, self._page = texts["page"], segment.numbers("page")
        self._engaged, self._depth = (
            segment.numbers("engaged_ms"),
            segment.numbers("scroll_depth"),
        )
        self._props, self._prop = segment.props(), segment.numbers("props")

    def session(self, at: int) -> tuple[Step, ...]:
        first, last = self._offsets[at], self._offsets[at + 1]
        # There is no gap before the first step of a session.
        gaps = self._gaps[first - at : last - at - 1]
        times = accumulate(gaps, initial=self._starts[at])
        return tuple(
            Step(
                at=time,
                event_type=self._types[self._type[number]],
                page=self._pages[self._page[number]],
                engaged_ms=self._engaged[number],
                scroll_depth=self._depth[number] - 1 if self._depth[number] else None,
                props=dict(self._props[self._prop[number]]),
            )
            for number, time in zip(range(first, last), times, strict=True)
        )
