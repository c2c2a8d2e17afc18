"""The host in a referrer or a tag, and its parent domains."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.domain.urls.hostname import clean_hostname

MAX_HOSTNAME_CHARACTERS = 253

_HOST_OF_URL = re.compile(
    r"\s*(?:(?:https?|android-app):)?//(?:[^/?#\\]*@)?"
    r"([^/?#\\:\s\[\]]+|\[[0-9a-f:.%\w]+\])(?=[/?#\\:]|\s*\Z)",
    re.IGNORECASE,
)
_HOST_ALONE = re.compile(r"\s*((?:[\w-]+\.)+[\w-]+)\.?(?=[/?#:]|\s*\Z)")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:]+")


def extract_hostname(text: str | None) -> str | None:
    """Return the host of an http(s) URL or of a bare `host.name/path`, as `clean_hostname`
    does.

    The package name of an Android app, `android-app://com.google.android.gm/`, counts as a
    host. Return None for any other text."""
    matched = _HOST_OF_URL.match(text or "") or _HOST_ALONE.match(text or "")
    if not matched or len(matched[1]) > MAX_HOSTNAME_CHARACTERS:
        return None
    try:
        host = clean_hostname(matched[1])
    except ValueError:
        return None
    return host if len(host) <= MAX_HOSTNAME_CHARACTERS and _HOST.fullmatch(host) else None


def is_android_app(text: str | None) -> bool:
    """Return whether a referrer is an Android app, not a site."""
    return (text or "").lstrip().lower().startswith("android-app:")


def parent_domains(host: str) -> Iterator[str]:
    """Yield `a.b.c`, then `b.c`, then `c`."""
    labels = host.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))
