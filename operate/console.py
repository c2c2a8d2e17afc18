"""What commands print, and who runs them."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Sequence


def echo(sentence: str = "") -> None:
    print(sentence, flush=True)


def current_user() -> str:
    """Return the user and machine, for others who want to change the same stage."""
    try:
        return f"{getpass.getuser()} on {socket.gethostname()}"
    except (KeyError, OSError):
        return socket.gethostname()


def join_words(words: Sequence[str]) -> str:
    """Return "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def pluralize(number: int, noun: str) -> str:
    """Return "1 event" or "2 events"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
