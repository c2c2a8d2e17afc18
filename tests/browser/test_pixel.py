"""The image of docs/how-to/install-the-tracker.md in a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from chalice.config import Config
from chalice.local import LocalDevServer
from playwright.sync_api import Browser

from tests.web.conftest import Api, api, environment

from .recorder import until
from .tracker_world import USER_AGENT

__all__ = ["api", "environment"]  # fixtures

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "how-to" / "install-the-tracker.md").read_text("utf-8")
PATH = "/blog/post-1?utm_source=news"
SNIPPETS = re.findall(r"^<noscript>.*</noscript>$", GUIDE, re.MULTILINE)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """Serve the app; return its port."""
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def website(body: str, policy: str) -> ThreadingHTTPServer:
    """Serve a website on which every page is this one."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if policy:
                self.send_header("Referrer-Policy", policy)
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Post</title>{body}".encode())

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Pages)


def count_without_scripts(browser: Browser, api: Api, snippet: str, policy: str) -> list[str]:
    """Return the URLs of the page views that a visit to PATH counts."""
    import app

    app_server = LocalDevServer(app.app, Config(), "127.0.0.1", 0)
    with serving(app_server.server) as app_port:
        body = snippet.replace("https://YOUR-API/prod", f"http://127.0.0.1:{app_port}")
        with serving(website(body, policy)) as port:
            # Another origin: `localhost` and 127.0.0.1 are two sites to a browser.
            page_url = f"http://localhost:{port}{PATH}"
            context = browser.new_context(user_agent=USER_AGENT, java_script_enabled=False)
            try:
                tab = context.new_page()
                tab.goto(page_url)
                assert until(lambda: api.world.items("events"), page=tab)
            finally:
                context.close()
    events = [item for item in api.world.items("events") if "page_url" in item]
    return [item["page_url"].removeprefix(f"http://localhost:{port}") for item in events]


@pytest.mark.parametrize(
    "policy", ["", "strict-origin-when-cross-origin", "no-referrer", "same-origin", "origin"]
)
def test_documented_image_counts_page_and_campaign(browser: Browser, api: Api, policy: str):
    assert count_without_scripts(browser, api, SNIPPETS[0], policy) == [PATH]


def test_image_without_the_attribute_counts_the_host_only(browser: Browser, api: Api):
    plain = re.sub(r' referrerpolicy="[^"]+"', "", SNIPPETS[0])

    assert plain != SNIPPETS[0]
    assert count_without_scripts(browser, api, plain, "") == ["/"]


def test_image_url_can_name_the_page():
    address = re.search(r'page_url=([^"]+)"', SNIPPETS[1])

    assert address
    assert quote("https://example.com/blog/post-1?utm_source=news", safe="") == address[1]
