"""Operations on whole columns, which run in C: loops over sessions and steps in Python would
take several times as long.

A mask has a byte for each session or step, 1 to keep it and 0 to drop it. Offsets say where the
steps of each session start, and end with where those of the last session end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, compress, repeat
from operator import mul, sub

from chalicelib.domain.packs.encoding import Numbers

# A table for bytes.translate: 0 becomes 1, anything else 0.
INVERT_MASK = bytes([1]) + bytes(255)


def compress_by(values: Numbers, mask: bytes | None) -> Numbers:
    """Keep the values with a 1 in the mask; bytes stay bytes."""
    if mask is None:
        return values
    kept = compress(values, mask)
    return bytes(kept) if isinstance(values, bytes) else list(kept)


def repeat_flags(mask: bytes, counts: Iterable[int]) -> bytes:
    """Repeat each flag as often as its count.

    >>> list(repeat_flags(bytes([1, 0, 1]), [2, 1, 3]))
    [1, 1, 0, 1, 1, 1]
    """
    return b"".join(map(mul, map((b"\0", b"\1").__getitem__, mask), counts))


def repeat_values(values: Iterable[int], counts: Iterable[int]) -> list[int]:
    """Repeat each value as often as its count.

    >>> repeat_values([7, 8], [2, 3])
    [7, 7, 8, 8, 8]
    """
    return list(chain.from_iterable(map(repeat, values, counts)))


def take(values: Sequence[int], indices: Sequence[int]) -> list[int]:
    """Return the values at these indices."""
    return list(map(values.__getitem__, indices))


def sums_between(offsets: Sequence[int], values: Iterable[int]) -> list[int]:
    """Sum the values from each offset up to the next.

    >>> sums_between([0, 2, 3], [5, 1, 4])
    [6, 4]
    """
    at_offsets = take(list(accumulate(values, initial=0)), offsets)
    return list(map(sub, at_offsets[1:], at_offsets))


def map_codes(codes: Numbers, table: bytes) -> bytes:
    """Look up each code in the table.

    >>> list(map_codes(bytes([0, 2, 1, 2]), table=bytes([1, 0, 1])))
    [1, 1, 0, 1]
    """
    if isinstance(codes, bytes):
        return codes.translate(table[:256].ljust(256, b"\0"))
    return bytes(map(table.__getitem__, codes))
