"""Properties are what a site adds to an event: `{"plan": "team"}`.

Properties never invalidate an event. Long values are cut, values that cannot be stored are left
out, and the response says so. The limits are those of docs/reference/api.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.domain.collection.event import PropValue, encode_props

MAX_PROPS = 30
MAX_KEY_BYTES = 300
MAX_VALUE_BYTES = 2_000
MAX_PROPS_BYTES = 4_096  # of all of them, as JSON text
MAX_DOUBLE = 1.7976931348623157e308  # most programs that read JSON know no larger number
MAX_NAMED_PROPS = 5  # of those that were left out


class CleanProps(NamedTuple):
    """`left_out` maps each property that is not kept to the reason."""

    props: dict[str, PropValue]
    left_out: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """A sentence for the sender; empty if everything was kept."""
        if not self.left_out:
            return ""
        more = len(self.left_out) - MAX_NAMED_PROPS
        named = ", ".join(self.left_out[:MAX_NAMED_PROPS])
        return f"props left out: {named}{f' and {more} more' if more > 0 else ''}."


def clean_props(value: object) -> CleanProps:
    """Return what is kept of an event's `props`; `value` is any JSON value."""
    if value is None:
        return CleanProps({})
    if not isinstance(value, dict):
        return CleanProps({}, ("all (props must be an object)",))
    kept: dict[str, PropValue] = {}
    left_out: list[str] = []
    for key, given in value.items():
        name = clean_text(key)
        prop = _clean_value(given)
        reason = _reason_left_out(name, prop, kept)
        if reason or prop is None:
            left_out.append(f"{name[:40]!r} ({reason})")
        else:
            kept[name] = prop
    return CleanProps(kept, tuple(left_out))


def clean_text(text: str) -> str:
    """Replace lone surrogates, which JSON allows and UTF-8 does not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def truncate_bytes(text: str, most: int) -> str:
    """Cut to a number of bytes, never within a character."""
    return text.encode()[:most].decode("utf-8", "ignore")


def _clean_value(value: object) -> PropValue | None:
    """Return the value to store, or None if it cannot be stored."""
    if isinstance(value, str):
        return truncate_bytes(clean_text(value), MAX_VALUE_BYTES)
    if isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return truncate_bytes(clean_text(text), MAX_VALUE_BYTES)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) <= MAX_DOUBLE:
        return value
    return None


def _reason_left_out(
    name: str, prop: PropValue | None, kept: Mapping[str, PropValue]
) -> str | None:
    """Return why the property is left out, or None."""
    if prop is None:
        return "no value"
    if len(name.encode()) > MAX_KEY_BYTES:
        return f"a key of more than {MAX_KEY_BYTES} bytes"
    if len(kept) >= MAX_PROPS:
        return f"more than {MAX_PROPS} keys"
    if len(encode_props({**kept, name: prop}).encode()) > MAX_PROPS_BYTES:
        return "more than 4 KB in all"
    return None
