"""Selecting finds the sessions of a block that match filters: each distinct value is compared
once, and looked up for the sessions that have it."""

from __future__ import annotations

from chalicelib.domain.query.filters import Condition, Filters
from chalicelib.domain.scan.session_columns import OPPOSITES, Block, sums_between, translated

_A_HIT = 1 << 20  # more than a session has steps


def select(block: Block, filters: Filters) -> Block:
    """The sessions of the block that match. Its own columns can be forgotten then."""
    if not filters or not len(block):
        return block
    matching = int.from_bytes(b"\1" * len(block), "little")
    for condition in filters.conditions:
        matching &= int.from_bytes(_matches(block, condition), "little")
    return block.where(matching.to_bytes(len(block), "little"))


def _matches(block: Block, condition: Condition) -> bytes:
    """1 for each session of the block that matches, else 0."""
    of_steps = condition.dimension.is_of_steps
    found = _found_in_steps(block, condition) if of_steps else _found(block, condition)
    return found.translate(OPPOSITES) if condition.is_negative else found


def _found(block: Block, condition: Condition) -> bytes:
    codes, raws = block.coded(condition.dimension.of)
    values = map(condition.dimension.value_of, raws)
    return translated(codes, bytes(condition.finds(values)))


def _found_in_steps(block: Block, condition: Condition) -> bytes:
    codes, raws = block.occurrences(condition.dimension.of)
    values = list(map(condition.dimension.value_of, raws))
    scores = [
        0 if value is None else _A_HIT if is_found else 1
        for value, is_found in zip(values, condition.finds(values), strict=True)
    ]
    finds_none = condition.finds([None])[0]
    sums = sums_between(
        block.occurrence_offsets(condition.dimension.of), map(scores.__getitem__, codes)
    )
    return bytes([score >= _A_HIT or (finds_none and score == 0) for score in sums])
