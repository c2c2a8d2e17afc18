"""The packages of the websites in tests/browser/pages."""

from __future__ import annotations

import json
import re

import pytest

from devkit.frontend_build import ROOT
from tests.browser import museum
from tests.browser.site import Site
from tests.browser.story import Story

LOCKS = [ROOT / "package-lock.json", museum.PAGES / "package-lock.json"]
MANIFESTS = sorted(museum.PAGES.glob("*/package.json"))
STORIES = sorted(museum.PAGES.glob("*/*.story"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_lock_file_names_no_registry(lock):
    packages = json.loads(lock.read_text("utf-8"))["packages"].values()

    assert not [p["resolved"] for p in packages if "://" in p.get("resolved", "")]
    assert ".tgz" not in lock.read_text("utf-8")


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.parent.name)
def test_packages_are_pinned_and_locked(manifest):
    locked = json.loads((museum.PAGES / "package-lock.json").read_text("utf-8"))["packages"]
    asked = json.loads(manifest.read_text("utf-8")).get("dependencies", {})

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    assert locked[manifest.parent.name].get("dependencies", {}) == asked


@pytest.mark.parametrize("file", STORIES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_story_expects_something(file):
    story = Story.read(file)

    assert any(step.startswith(("open ", "tab ")) for step in story.steps)
    assert any(step.startswith(("= ", "~ ")) for step in story.steps)


@pytest.fixture
def site(tmp_path):
    for name in ("about.html", "docs/index.html", "404.html", "shell.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"<head></head>{name} {{nonce}}", "utf-8")
    (tmp_path / "secret.html").write_text("secret", "utf-8")
    (tmp_path / "_redirects").write_text(
        "/old /about 302\nPOST /send /sent 303\n/app/* /shell.html 200\n", "utf-8"
    )
    (tmp_path / "_headers").write_text("/docs/*\n  X-Kind: a document\n", "utf-8")
    return Site("shop", tmp_path)


@pytest.mark.parametrize(
    ("request_line", "status", "found"),
    [
        ("GET /shop/about?x=1", 200, "about.html"),
        ("GET /shop", 301, "/shop/"),
        ("GET /shop/docs", 301, "/shop/docs/"),
        ("GET /shop/docs/", 200, "docs/index.html"),
        ("GET /shop/app/deep/link", 200, "shell.html"),
        ("GET /shop/old?x=1", 302, "/shop/about?x=1"),
        ("POST /shop/send", 303, "/shop/sent"),
        ("GET /shop/send", 404, "404.html"),
        ("GET /shop/../secret", 404, "404.html"),
    ],
)
def test_site_is_served_like_a_static_host(site, request_line, status, found):
    reply = site.reply(*request_line.split())

    assert reply.status == status
    assert found in reply.headers.get("Location", reply.body.decode())


def test_site_does_not_serve_other_paths(site):
    assert site.reply("GET", "/shopping") is None
    assert site.reply("POST", "/events") is None


def test_pages_get_the_tag_a_nonce_and_their_headers(site):
    first, second = (site.reply("GET", "/shop/docs/") for _ in range(2))

    assert first.body.startswith(b'<head><script defer src="/tracker.js" ></script>')
    assert b"{nonce}" not in first.body
    assert first.body != second.body
    assert first.headers["X-Kind"] == "a document"
