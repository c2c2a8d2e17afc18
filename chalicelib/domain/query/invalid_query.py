"""What a reader cannot have; the sentence names the parameter and what it takes."""

from __future__ import annotations


class InvalidQuery(ValueError):
    """Raised for a wrong parameter of a question about figures."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter = parameter
        self.sentence = sentence
