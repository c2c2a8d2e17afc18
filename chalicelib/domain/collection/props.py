"""Properties are what a site says about an event besides its name: `{"plan": "team"}`.

An event is never lost over its properties. What is too long is cut, what cannot be stored is
left out, and the answer says so. The limits are those of docs/reference/api.md.
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
    """`left_out` says of each property that is not kept why it is not."""

    props: dict[str, PropValue]
    left_out: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """A sentence for the sender, empty if everything was kept."""
        if not self.left_out:
            return ""
        more = len(self.left_out) - MAX_NAMED_PROPS
        named = ", ".join(self.left_out[:MAX_NAMED_PROPS])
        return f"props left out: {named}{f' and {more} more' if more > 0 else ''}."


def clean_props(value: object) -> CleanProps:
    """What is kept of the `props` of an event; `value` is any JSON value."""
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
    """JSON can spell half a character (a lone surrogate), which has no UTF-8 form."""
    return text.encode("utf-8", "replace").decode("utf-8")


def truncate_bytes(text: str, most: int) -> str:
    """At most so many bytes, never through the middle of a character."""
    return text.encode()[:most].decode("utf-8", "ignore")


def _clean_value(value: object) -> PropValue | None:
    """None if it cannot be stored."""
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
    """Why the property is left out, or None if it is not."""
    if prop is None:
        return "no value"
    if len(name.encode()) > MAX_KEY_BYTES:
        return f"a key of more than {MAX_KEY_BYTES} bytes"
    if len(kept) >= MAX_PROPS:
        return f"more than {MAX_PROPS} keys"
    if len(encode_props({**kept, name: prop}).encode()) > MAX_PROPS_BYTES:
        return "more than 4 KB in all"
    return None
