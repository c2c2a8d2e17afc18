"""An update of one item, put together change by change, each with the condition that it needs.

    update = UpdateExpression()
    update.set(current_page="/about")
    update.require("#start_time <= :first_at", first_at=event.at)

In a condition `#name` stands for an attribute and `:name` for a value, which may be the value
that `set` gives an attribute. DynamoDB rejects names and values that no part of an update uses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from chalicelib.storage.aws.attribute_codec import Item

_NAME = re.compile(r"#(\w+)")


class UpdateExpression:
    def __init__(self) -> None:
        self._clauses: dict[str, list[str]] = {"SET": [], "REMOVE": [], "ADD": [], "DELETE": []}
        self._conditions: list[str] = []
        self._names: dict[str, str] = {}
        self._values: Item = {}

    def set(self, **attributes: Any) -> None:
        """Set these attributes; remove those whose value is None."""
        for name, value in attributes.items():
            if value is None:
                self._change("REMOVE", f"#{name}", name)
            else:
                self._change("SET", f"#{name} = :{name}", name, value)

    def set_if_missing(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            self._change("SET", f"#{name} = if_not_exists(#{name}, :{name})", name, value)

    def add(self, **attributes: Any) -> None:
        """Add to numbers and sets; an empty set adds nothing."""
        for name, value in attributes.items():
            if value != frozenset():
                self._change("ADD", f"#{name} :{name}", name, value)

    def delete(self, **attributes: Any) -> None:
        """Delete elements from sets."""
        for name, value in attributes.items():
            self._change("DELETE", f"#{name} :{name}", name, value)

    def require(self, condition: str, **values: Any) -> None:
        """Make the update only if this holds, besides what was required before."""
        self._conditions.append(condition)
        for name in _names_in(condition):
            self._names[f"#{name}"] = name
        for name, value in values.items():
            self._values[f":{name}"] = value

    def arguments(self) -> dict[str, Any]:
        """Return what `Database.update` takes besides a table and a key."""
        return {
            "expression": " ".join(
                f"{verb} {', '.join(changes)}"
                for verb, changes in self._clauses.items()
                if changes
            ),
            "condition": " AND ".join(self._conditions),
            "names": self._names,
            "values": self._values,
        }

    def _change(self, verb: str, change: str, name: str, value: Any = None) -> None:
        self._clauses[verb].append(change)
        self._names[f"#{name}"] = name
        if value is not None:
            self._values[f":{name}"] = value


@lru_cache(maxsize=64)
def _names_in(condition: str) -> tuple[str, ...]:
    return tuple(_NAME.findall(condition))
