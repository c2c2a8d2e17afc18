"""The website of one folder of pages/, as a static host serves it.

    dist/        what the folder's build made, if it has one; else the folder itself is served
    _redirects   a rule a line: `[POST] /old /new 302`; `/* /index.html 200` serves apps
    _headers     a path, and below it, indented, `Name: value`
    404.html     for whatever is not there

As on Netlify and its like. `/about` finds about.html, and `/docs` is redirected to `/docs/` if
docs/ is a folder. In pages and headers `{nonce}` is new in each answer, and `{other}` is the
other origin. A page without a tracker of its own gets the story's tag.
"""

from __future__ import annotations

import mimetypes
import re
import secrets
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlsplit

OWN_TAG = re.compile(rb"tracker\.js|/stats/s\.js")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str = TYPES[".html"]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    method: str
    pattern: str
    target: str
    status: int

    @classmethod
    def parse(cls, line: str) -> Rule:
        words = line.split()
        method = words.pop(0) if words[0].isupper() else "*"
        return cls(method, words[0], words[1], int(words[2]) if words[2:] else 301)

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatchcase(path, self.pattern)


@dataclass(slots=True)
class Site:
    name: str
    folder: Path
    other_url: str = ""
    tag: str = ""
    rules: list[Rule] = field(default_factory=list)
    headers: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rules = [Rule.parse(line) for line in self._lines("_redirects")]
        path = ""
        for line in self._lines("_headers"):
            if line.startswith("/"):
                path = line.strip()
            else:
                name, _, value = line.strip().partition(": ")
                self.headers.append((path, name, value))

    def reply(self, method: str, url: str) -> Reply | None:
        """Return the response, or None for paths outside of the site."""
        path, base = unquote(urlsplit(url).path), f"/{self.name}"
        if path == base:
            return self._redirect(301, "/")
        if not path.startswith(f"{base}/"):
            return None
        path = path.removeprefix(base)
        # A redirect goes before a file; what serves another file is for paths without one.
        rule = next((rule for rule in self.rules if rule.fits(method, path)), None)
        if rule and 300 <= rule.status < 400:
            query = urlsplit(url).query
            return self._redirect(rule.status, rule.target + (f"?{query}" if query else ""))
        result = self._find(path)
        if result is None and self._find(f"{path}/") and not path.endswith("/"):
            return self._redirect(301, f"{path}/")
        if result:
            return self._file(result, 200, path)
        if rule and (result := self._find(rule.target)):
            return self._file(result, rule.status, path)
        missing = self._find("/404.html")
        return self._file(missing, 404, path) if missing else Reply(404, b"Nothing here")

    def _lines(self, name: str) -> list[str]:
        result = self._find(f"/{name}")
        lines = result.read_text("utf-8").splitlines() if result else []
        return [line for line in lines if line.strip() and not line.startswith("#")]

    def _find(self, path: str) -> Path | None:
        inside = path.strip("/")
        names = [f"{inside}/index.html" if inside else "index.html"]
        if not path.endswith("/"):
            names = [inside, f"{inside}.html"]
        for root in (self.folder / "dist", self.folder):
            for name in names:
                if (root / name).is_file() and ".." not in Path(name).parts:
                    return root / name
        return None

    def _redirect(self, status: int, target: str) -> Reply:
        location = target if "://" in target else f"/{self.name}{target}"
        return Reply(status, headers={"Location": location.replace("{other}", self.other_url)})

    def _file(self, file: Path, status: int, path: str) -> Reply:
        body = file.read_bytes()
        content_type = TYPES.get(file.suffix) or (
            mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        )
        headers = {
            name: value for pattern, name, value in self.headers if fnmatchcase(path, pattern)
        }
        if file.suffix == ".html":
            if not OWN_TAG.search(body) and self.tag != "none":
                tag = f'<script defer src="/tracker.js" {self.tag}></script>'.encode()
                body = body.replace(b"</head>", tag + b"</head>", 1)
            names = {"{nonce}": secrets.token_urlsafe(12), "{other}": self.other_url}
            for name, value in names.items():
                body = body.replace(name.encode(), value.encode())
                headers = {key: text.replace(name, value) for key, text in headers.items()}
        headers.setdefault("Cache-Control", "no-cache")
        return Reply(status, body, content_type, headers)
