"""Encode a summary as bytes that fit a DynamoDB item, and decode some dimensions of it.

version, checksum of the rest
days, hours                        their starts in ms, their counters
names of the dimensions            JSON; and the names of the truncated ones
for each: values, counters         values as JSON
counters                           the lowest byte of each, then the next one; compressed
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from chalicelib.domain.metrics.counters import COUNTERS_BYTES, Counters
from chalicelib.domain.metrics.summary import Summary
from chalicelib.domain.packs.encoding import (
    ByteReader,
    ByteWriter,
    frame,
    parse_document,
    read_document,
    unframe,
)
from chalicelib.domain.query.dimensions import LEGACY_FORMS

VERSION = 1
MAX_SUMMARY_BYTES = 300_000  # an item of DynamoDB has at most 400 KB
MAX_STORED_VALUES = 1_000  # values of a dimension


def encode_summary(
    summary: Summary,
    limit_bytes: int = MAX_SUMMARY_BYTES,
    *,
    max_values: int = MAX_STORED_VALUES,
) -> bytes:
    """Keep `max_values` values of each dimension, or fewer if the result is larger than
    `limit_bytes`."""
    while len(content := _encode(summary.truncate(max_values))) > limit_bytes and max_values:
        max_values = max_values * 2 // 3
    return content


def decode_summary(content: bytes, dimensions: Collection[str] | None = None) -> Summary:
    """Read these dimensions, or all. Raise DecodeError with the reason."""
    reader = unframe(VERSION, content)
    days, hours = _read_rows(reader), _read_rows(reader)
    names, truncated = read_document(reader.read_bytes())
    parts = {name: reader.read_bytes() for name in names}
    requested = parts.keys() if dimensions is None else parts.keys() & dimensions
    rows = {
        name: _read_rows(ByteReader(parts[name]), *LEGACY_FORMS.get(name, ()))
        for name in names
        if name in requested
    }
    return Summary(days, hours, rows, frozenset(truncated) & requested)


def _encode(summary: Summary) -> bytes:
    writer = ByteWriter()
    for moments in (summary.days, summary.hours):
        _write_rows(writer, dict(sorted(moments.items())))
    writer.write_document([list(summary.rows), sorted(summary.truncated_dimensions)])
    for rows in summary.rows.values():
        dimension = ByteWriter()
        _write_rows(dimension, rows)
        writer.write_bytes(dimension.to_bytes())
    return frame(VERSION, writer.to_bytes())


def _write_rows(writer: ByteWriter, rows: Mapping[Any, Counters]) -> None:
    counters = b"".join(
        counters.to_bytes(COUNTERS_BYTES, "little") for counters in rows.values()
    )
    writer.write_document(list(rows))
    writer.write_compressed(
        b"".join(counters[place::COUNTERS_BYTES] for place in range(COUNTERS_BYTES))
    )


def _read_rows(
    reader: ByteReader, sign: str = "", reread: Callable[[str], str] | None = None
) -> dict[Any, Counters]:
    """Read rows. Releases before 0.2 stored paths and hosts as sent: rows whose value is the
    same today are merged."""
    text = reader.read_compressed()
    keys = parse_document(text)
    planes = reader.read_compressed()
    mixed = bytearray(len(planes))
    for place in range(COUNTERS_BYTES):
        mixed[place::COUNTERS_BYTES] = planes[place * len(keys) : (place + 1) * len(keys)]
    starts = range(0, len(mixed), COUNTERS_BYTES)
    counters = (int.from_bytes(mixed[at : at + COUNTERS_BYTES], "little") for at in starts)
    rows = zip(keys, counters, strict=True)
    return _merged(rows, reread) if reread and sign.encode() in text else dict(rows)


def _merged(
    rows: Iterable[tuple[str | None, Counters]], reread: Callable[[str], str]
) -> dict[Any, Counters]:
    merged: dict[str | None, Counters] = {}
    for value, counters in rows:
        current = None if value is None else reread(value)
        merged[current] = merged.get(current, 0) + counters
    return merged
