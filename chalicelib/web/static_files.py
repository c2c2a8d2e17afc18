"""The files for browsers: read once per process and sent with an ETag. `make build` creates
them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chalicelib.web.http_message import Headers, HttpRequest, HttpResponse

STATIC = Path(__file__).parent.parent / "static"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
SHORT = "public, max-age=300"
# A returning visitor starts with the cached file at once; a newer one serves the next visit.
DAILY = "public, max-age=86400, stale-while-revalidate=604800"
IMMUTABLE = "public, max-age=31536000, immutable"
TRACKER_FILES = frozenset({"tracker.js", "tracker_more.js"})
HASHED = re.compile(r"-[A-Z2-7]{8}\.\w+$")  # the name of a file whose content never changes

# No script but our own files, no request but to our own origin, in no foreign frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file. `gzipped` is what the build has compressed, or empty."""

    name: str
    text: str
    content_type: str
    etag: str
    gzipped: bytes = b""

    @property
    def cache_control(self) -> str:
        if self.name in TRACKER_FILES:
            return DAILY
        return IMMUTABLE if HASHED.search(self.name) else SHORT


def asset(name: str) -> Asset | None:
    """Return the file of that name, or None; a name is not a path."""
    suffix = Path(name).suffix
    if suffix not in CONTENT_TYPES or Path(name).name != name:
        return None
    path = STATIC / name
    return _load(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=64)
def _load(path: Path, _changed_at: int) -> Asset:
    content = path.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    packed = path.with_name(f"{path.name}.gz")
    gzipped = packed.read_bytes() if packed.is_file() else b""
    return Asset(path.name, content.decode(), CONTENT_TYPES[path.suffix], etag, gzipped)


def respond(
    request: HttpRequest, asset: Asset, *, extra: Headers | None = None
) -> HttpResponse:
    """Return the file, or 304 if the browser has it. A URL with a version is cached for a
    year."""
    version = request.query_params.get("v") if request.query_params else None
    headers: Headers = {
        "Content-Type": asset.content_type,
        "Cache-Control": IMMUTABLE
        if version and version in asset.etag
        else asset.cache_control,
        "ETag": asset.etag,
        **(extra or {}),
    }
    if _is_current(request.headers.get("if-none-match", ""), asset.etag):
        return HttpResponse("", headers=headers, status_code=304)
    return HttpResponse(asset.text, headers=headers, gzipped=asset.gzipped)


def _is_current(if_none_match: str, etag: str) -> bool:
    """Return whether the header lists the ETag, also as weak: `W/"..."`."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


def dashboard(request: HttpRequest) -> HttpResponse:
    page = asset("dashboard.html")
    assert page is not None
    return respond(
        request,
        page,
        extra={
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        },
    )


def tracker(request: HttpRequest) -> HttpResponse:
    script = asset("tracker.js")
    assert script is not None
    return respond(request, script)
