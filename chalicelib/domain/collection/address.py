"""IP addresses in one form, however they are written."""

from __future__ import annotations

import ipaddress
import re

# An IPv6 address is in brackets where a port follows.
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+")


def clean_address(text: str) -> str | None:
    """Return the address in its shortest form, without port and zone, or None if it is not one.

    203.0.113.1:5001                203.0.113.1
    ::ffff:203.0.113.1              203.0.113.1
    [2001:DB8:0:0::7]:443           2001:db8::7
    fe80::1%eth0                    fe80::1
    """
    text = text.strip().strip('"')
    parts = _WITH_PORT.fullmatch(text)
    bare = (parts[1] or parts[2] or "") if parts else text
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
