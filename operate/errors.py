"""Why a command does not go on: a sentence for the operator, never a traceback."""

from __future__ import annotations


class Refused(Exception):
    """The message says what is wrong and what to do about it."""
