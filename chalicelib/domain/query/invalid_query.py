"""The error for invalid parameters; the message names the parameter and what it accepts."""

from __future__ import annotations


class InvalidQuery(ValueError):
    """A parameter of a query is invalid."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter = parameter
        self.sentence = sentence
