"""The error for invalid parameters; the message names the parameter and what it accepts."""

from __future__ import annotations


class InvalidQuery(ValueError):
    """A parameter of a query is invalid. `reason` is a sentence without its full stop."""

    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter = parameter
        self.sentence = f"{reason}."
        super().__init__(self.sentence)
