"""Reads a few sessions of a pack without building the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from chalicelib.domain.packs.pack import TEXT_COLUMNS, VISITOR_BYTES, Pack
from chalicelib.domain.sessions.session import Session, Step


def read_sessions(pack: Pack, indices: Sequence[int]) -> list[Session]:
    """Return the sessions with these indices, in that order."""
    if not indices:
        return []
    texts = pack.texts()
    acquisitions, locations = pack.acquisitions(texts), pack.locations(texts)
    acquisition, location = pack.column("acquisition"), pack.column("location")
    others = {name: pack.column(name) for name in TEXT_COLUMNS}
    visitors = pack.visitors()
    steps_of = _StepReader(pack, texts)
    return [
        Session(
            session_id=session_id,
            visitor=visitors[at].to_bytes(VISITOR_BYTES, "little").hex(),
            steps=steps_of.session(at),
            location=locations[location[at]],
            **acquisitions[acquisition[at]]._asdict(),
            **{name: texts[name][codes[at]] for name, codes in others.items()},  # type: ignore[arg-type]
        )
        for session_id, at in zip(pack.session_ids(indices), indices, strict=True)
    ]


class _StepReader:
    """The columns of a pack's steps, read once."""

    def __init__(self, pack: Pack, texts: Any) -> None:
        self._starts = pack.starts()
        self._offsets = list(accumulate(pack.column("steps"), initial=0))
        self._gaps = pack.column("gap")
        self._types, self._type = texts["event_type"], pack.column("event_type")
        self._pages, self._page = texts["page"], pack.column("page")
        self._engaged, self._depth = (
            pack.column("engaged_ms"),
            pack.column("scroll_depth"),
        )
        self._props, self._prop = pack.props(), pack.column("props")

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
