r"""Paths as people read and compare them: decoded, however they were sent.

    /%ED%95%9C%EA%B5%AD, /한국                one page
    /caf%C3%A9, /caf%c3%a9, /café             one page
    /a%2fb                                    /a%2Fb, which is not /a/b

What stays encoded, in capital hex digits: `%`, `/`, `?`, `#` and `\`, which mean something
else when they are not; what nobody can see, such as control characters; and bytes that are no
UTF-8.
So a readable path stands for one page, and a browser that is given it opens that page. To read
it again changes nothing: events, sessions and summaries have paths in either form.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

# Compiled when they are used: collecting usually does without.
_ENCODED = r"(?:%[0-9A-Fa-f]{2})+"
_LONE_PERCENT = r"%(?![0-9A-Fa-f]{2})"
_RESERVED = {ord(character): f"%{ord(character):02X}" for character in "%/?#\\"}
# Persian and Indic words need them, and so do emoji.
_JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")


def readable_path(path: str) -> str:
    """Return the readable form of any text; never raise."""
    is_readable = path.isascii() and "%" not in path and path.isprintable()
    return path if is_readable and path[-1:] != " " else _make_readable(path)


def readable_path_or_none(path: str | None) -> str | None:
    return None if path is None else readable_path(path)


def readable_path_part(text: str) -> str:
    """Return the readable form of the start of a path, whose trailing space is significant."""
    return readable_path(f"{text}x")[:-1]


def path_forms(text: str) -> set[str]:
    """Return the readable forms of a search text, which may be encoded, partial or half
    typed."""
    return {text, readable_path(text), readable_path_part(text)}


@lru_cache(maxsize=65536)
def _make_readable(path: str) -> str:
    text = re.sub(_ENCODED, _decode, re.sub(_LONE_PERCENT, "%25", path))
    if not text.isprintable():
        text = "".join(map(_encode_invisible, text))
    bare = text.rstrip(" ")  # browsers drop spaces at the end of a URL
    return bare + "%20" * (len(text) - len(bare))


def _decode(encoded: re.Match[str]) -> str:
    """Decode bytes; those that are not UTF-8 become lone surrogates."""
    content = bytes.fromhex(encoded[0].replace("%", ""))
    return content.decode("utf-8", "surrogateescape").translate(_RESERVED)


def _encode_invisible(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if "\udc80" <= character <= "\udcff":
        return f"%{ord(character) - 0xDC00:02X}"
    return quote(character, errors="surrogatepass")
