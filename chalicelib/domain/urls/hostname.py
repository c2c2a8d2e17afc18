"""A hostname has one form, however it is written: the one that browsers send, as in the URL
Standard. IPv6 addresses have no brackets.

    Example.COM.             example.com
    faß.example              xn--fa-hia.example
    2130706433, 0x7f.1       127.0.0.1
    [2001:DB8:0:0::7]        2001:db8::7
    fe80::1%25eth0           fe80::1
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote

_HOSTNAME = re.compile(r"[a-z0-9._-]{1,253}")

# Four characters of which the older standard, the one that Python knows, made others.
_IDNA_2008_CHARACTERS = frozenset("ßς\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")


def clean_hostname(hostname: str) -> str:
    """Return the hostname or address in its one form; raise ValueError for anything else."""
    if ":" in hostname:
        return _parse_ipv6(hostname)
    name = unquote(hostname) if "%" in hostname else hostname
    name = (name if name.isascii() else _to_ascii(name)).rstrip(".").lower()
    if not _HOSTNAME.fullmatch(name):
        raise ValueError("not a host name")
    may_be_number = name.rpartition(".")[2][0].isdigit()
    return (_parse_ipv4(name) if may_be_number else None) or name


def hostname_in_url(hostname: str) -> str:
    """Return the hostname as in a URL: IPv6 addresses in brackets."""
    is_bare_ipv6 = hostname.count(":") > 1 and not hostname.startswith("[")
    return f"[{hostname}]" if is_bare_ipv6 else hostname


def _parse_ipv6(text: str) -> str:
    """Browsers write an embedded IPv4 address in hexadecimal; not every Python does."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ipaddress.IPv6Address(bare.partition("%")[0])
    except ValueError:
        raise ValueError("not a host name") from None
    mapped = address.ipv4_mapped
    if mapped is None:
        return str(address)
    return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"


def _parse_ipv4(name: str) -> str | None:
    """Return the address that browsers read in `127.1` or `0x7f000001`, or None."""
    try:
        *front, last = map(_parse_number, name.split("."))
    except ValueError:
        return None
    missing = 4 - len(front)
    if missing < 1 or max(front, default=0) > 255 or last >= 256**missing:
        return None
    return str(ipaddress.IPv4Address(int.from_bytes(front) << 8 * missing | last))


def _parse_number(text: str) -> int:
    if not text.isalnum():
        raise ValueError("not a number")
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)


def _to_ascii(name: str) -> str:
    """Convert by UTS #46 without the transitional exceptions: `faß` is not `fass`."""
    from unicodedata import normalize

    mapped = normalize("NFC", "".join(map(_map_character, name)))
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in re.split("[.。．｡]", mapped)  # browsers take each for a dot
    )


def _map_character(character: str) -> str:
    """Return the character in lower case without typographic variants; empty if invisible."""
    from unicodedata import category, normalize

    if character in _IDNA_2008_CHARACTERS:
        return character
    if character == "ẞ":
        return "ß"
    kind = category(character)
    if kind in ("Cc", "Cs", "Co") or character == "\N{REPLACEMENT CHARACTER}":
        raise ValueError("not a host name")
    if kind == "Cf" or _is_ignored(ord(character)):
        return ""
    return normalize("NFKC", normalize("NFKC", character).casefold())


def _is_ignored(code: int) -> bool:
    """Return whether UTS #46 ignores the character, such as fillers and selectors."""
    return (
        code in (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)
        or 0x180B <= code <= 0x180F
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
    )
