"""The error that a command reports to its user."""

from __future__ import annotations

import click


class CommandError(click.ClickException):
    """The message says what is wrong and what to do about it."""
