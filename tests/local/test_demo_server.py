from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.project_paths import DEMO_SITE
from local.app_server import PortInUse, serve, stop_server
from local.demo_server import find_page, page_server

TRACKER = "http://127.0.0.1:8000/tracker.js"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "blog").mkdir(parents=True)
    for name in ("index.html", "pricing.html", "blog/index.html", "404.html", "style.css"):
        (site / name).write_text(f'{name} <script src="{{{{tracker}}}}">', encoding="utf-8")
    (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
    return site


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    server = page_server(folder, 0, TRACKER)
    thread = serve(server)
    yield f"http://127.0.0.1:{server.server_port}"
    stop_server(server, thread)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "index.html"),
        ("/pricing.html", "pricing.html"),
        ("/pricing", "pricing.html"),
        ("/blog/", "blog/index.html"),
        ("/style.css", "style.css"),
    ],
)
def test_page_is_found_by_its_path(folder: Path, path: str, name: str):
    assert find_page(folder, path) == folder / name


@pytest.mark.parametrize(
    "path", ["/nothing", "/../secret.html", "/%2e%2e/secret.html", "/blog"]
)
def test_other_files_are_not_served(folder: Path, path: str):
    (folder / "blog" / "index.html").unlink()

    assert find_page(folder, path) is None


def test_pages_contain_the_tracker(url: str):
    with urllib.request.urlopen(f"{url}/pricing?from=somewhere") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f'src="{TRACKER}"' in answer.read().decode()


def test_unknown_page_is_not_found(url: str):
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{url}/nothing")

    with raised.value as answer:
        assert answer.code == 404
        assert answer.read().decode().startswith("404.html")


def test_busy_port_of_the_demo_site_is_reported(folder: Path, url: str):
    port = int(url.rsplit(":", 1)[1])

    with pytest.raises(PortInUse, match="is in use by another program"):
        page_server(folder, port, TRACKER)


def test_every_page_of_the_demo_site_has_the_tracker():
    pages = sorted(DEMO_SITE.glob("*.html"))

    assert {"index.html", "404.html"} <= {page.name for page in pages}
    for page in pages:
        assert "{{tracker}}" in page.read_text("utf-8"), page.name
