"""Packing puts a summary into bytes that fit an item, and reads back what is asked for.

version, checksum of the rest
days, hours                        their beginnings, their tallies
names of the dimensions            JSON; and of those whose list is cut
for each: values, tallies          values as JSON
tallies                            first the lowest byte of all, then the next one; deflated
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from chalicelib.domain.metrics.counters import TALLY_BYTES, Tally
from chalicelib.domain.metrics.summary import Summary
from chalicelib.domain.packs.encoding import (
    Reader,
    Writer,
    opened,
    parse_document,
    read_document,
    sealed,
)
from chalicelib.domain.query.dimensions import REREAD

VERSION = 1
LARGEST_SUMMARY = 300_000  # bytes; an item of DynamoDB has at most 400 KB
LONGEST_LIST = 1_000  # values of a dimension


def pack_summary(summary: Summary, limit_bytes: int = LARGEST_SUMMARY) -> bytes:
    """Lists are cut to LONGEST_LIST values, and to fewer where that is too large."""
    longest = LONGEST_LIST
    while len(content := _pack(summary.cut_to(longest))) > limit_bytes and longest:
        longest = longest * 2 // 3
    return content


def unpack_summary(content: bytes, dimensions: Collection[str] | None = None) -> Summary:
    """With these dimensions alone, or all. Raise Unreadable, which says why."""
    reader = opened(VERSION, content)
    days, hours = _read_rows(reader), _read_rows(reader)
    names, cut = read_document(reader.blob())
    parts = {name: reader.blob() for name in names}
    wanted = parts.keys() if dimensions is None else parts.keys() & dimensions
    rows = {
        name: _read_rows(Reader(parts[name]), *REREAD.get(name, ()))
        for name in names
        if name in wanted
    }
    return Summary(days, hours, rows, frozenset(cut) & wanted)


def _pack(summary: Summary) -> bytes:
    writer = Writer()
    for moments in (summary.days, summary.hours):
        _write_rows(writer, dict(sorted(moments.items())))
    writer.document([list(summary.rows), sorted(summary.cut)])
    for rows in summary.rows.values():
        dimension = Writer()
        _write_rows(dimension, rows)
        writer.blob(dimension.content())
    return sealed(VERSION, writer.content())


def _write_rows(writer: Writer, rows: Mapping[Any, Tally]) -> None:
    tallies = b"".join(tally.to_bytes(TALLY_BYTES, "little") for tally in rows.values())
    writer.document(list(rows))
    writer.deflated(b"".join(tallies[place::TALLY_BYTES] for place in range(TALLY_BYTES)))


def _read_rows(
    reader: Reader, sign: str = "", reread: Callable[[str], str] | None = None
) -> dict[Any, Tally]:
    """Releases before 0.2 wrote paths and hosts as they were sent: several can be one."""
    text = reader.deflated()
    keys = parse_document(text)
    planes = reader.deflated()
    mixed = bytearray(len(planes))
    for place in range(TALLY_BYTES):
        mixed[place::TALLY_BYTES] = planes[place * len(keys) : (place + 1) * len(keys)]
    starts = range(0, len(mixed), TALLY_BYTES)
    tallies = (int.from_bytes(mixed[at : at + TALLY_BYTES], "little") for at in starts)
    rows = zip(keys, tallies, strict=True)
    return _merged(rows, reread) if reread and sign.encode() in text else dict(rows)


def _merged(
    rows: Iterable[tuple[str | None, Tally]], reread: Callable[[str], str]
) -> dict[Any, Tally]:
    found: dict[str | None, Tally] = {}
    for value, tally in rows:
        read = None if value is None else reread(value)
        found[read] = found.get(read, 0) + tally
    return found
