"""The snippets of both pages about the tracker work, and the reference has every option."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

from chalicelib.domain.exclusions.bots import is_bot

from .recorder import STATIC, more_source, tracker_source, until
from .tracker_world import World, open_world

world = pytest.fixture(open_world)

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = (DOCS / "how-to" / "install-the-tracker.md").read_text("utf-8")
REFERENCE = (DOCS / "reference" / "tracker.md").read_text("utf-8")
TRACKER = ROOT / "frontend" / "tracker"
SOURCE = "".join(path.read_text("utf-8") for path in (TRACKER / "core").glob("*.ts"))
MORE = "".join(path.read_text("utf-8") for path in (TRACKER / "more").glob("*.ts"))
API = "https://YOUR-API/prod"


@dataclass(frozen=True, slots=True)
class Snippet:
    heading: str
    language: str
    text: str


def find_snippets() -> list[Snippet]:
    """Return the fenced blocks, each with the heading above it."""
    found, heading = [], ""
    for match in re.finditer(
        r"^#+ ([^\n]+)$|^```(\w+)\n(.*?)^```$", GUIDE + REFERENCE, re.M | re.S
    ):
        if match[1]:
            heading = match[1]
        else:
            found.append(Snippet(heading, match[2], match[3]))
    return found


SNIPPETS = find_snippets()


def snippets(heading: str, language: str) -> list[str]:
    results = [s.text for s in SNIPPETS if (s.heading, s.language) == (heading, language)]
    assert results, f"The pages have no {language} below {heading!r}"
    return results


def names(event: dict[str, Any]) -> tuple[str, Any]:
    return event["event_type"], event.get("props")


def open_page(world: World, html: str, path: str = "/") -> list[dict[str, Any]]:
    """Open a page of example.com that contains the snippet; the list fills with its events."""
    events: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        request = route.request
        if request.method == "POST":
            events.extend(json.loads(request.post_data or "[]"))
            assert request.url.lower() in (
                f"{API}/events".lower(),
                "https://example.com/stats/e",
            )
            route.fulfill(
                json={"session_id": "sess_1"}, headers={"Access-Control-Allow-Origin": "*"}
            )
        elif request.url.endswith(("/prod/tracker.js", "/stats/s.js")):
            route.fulfill(body=tracker_source(), content_type="text/javascript")
        elif request.url.endswith("/static/tracker_more.js"):
            route.fulfill(body=more_source(), content_type="text/javascript")
        else:
            route.fulfill(body=f"<!doctype html><body>{html}", content_type="text/html")

    world.context.route("**/*", answer)
    world.tab.goto(f"https://example.com{path}")
    return events


def wait_for(world: World, events: list[dict[str, Any]], count: int) -> list[Any]:
    until(lambda: len(events) >= count, page=world.tab)
    return [names(event) for event in events]


INSTALL = snippets("Add the tag", "html")[0]
SIGNUP = ("signup", {"plan": "pro"})
VIEW = ("page_view", None)


def test_script_tag_counts_the_page(world: World) -> None:
    events = open_page(world, INSTALL)

    assert wait_for(world, events, 1) == [VIEW]


def test_image_uses_the_pixel_route() -> None:
    image, named = snippets("Pages without JavaScript", "html")

    assert re.findall(r'src="([^"]+)"', image) == [f"{API}/pixel.gif"]
    assert f'src="{API}/pixel.gif?page_url=' in named


def test_calls_and_tagged_elements_are_events(world: World) -> None:
    button, early = snippets("Send your own events", "html")
    events = open_page(world, INSTALL + button)
    for call in snippets("Send your own events", "js"):
        world.tab.evaluate(call)
    world.tab.click("button")
    bought = {"revenue": 29.9, "currency": "EUR", "product": "Herbs"}
    signup = ("signup", {"plan": "pro", "seats": 3})
    assert wait_for(world, events, 4) == [VIEW, signup, ("purchase", bought), signup]

    events = open_page(world, early)
    assert wait_for(world, events, 2)[-2:] == [VIEW, ("saw the offer", None)]


def test_options_work_as_documented(world: World) -> None:
    excluding, cleaning = snippets("Options", "html")
    events = open_page(world, excluding, "/admin/x")
    world.tab.wait_for_timeout(200)
    assert events == []

    open_page(world, cleaning, "/private/x")
    events = open_page(world, cleaning, "/public")
    wait_for(world, events, 1)
    assert "title" not in events[0]
    assert events[0]["page_url"] == "https://example.com/public"


def test_opt_out_button_works(world: World) -> None:
    [button] = snippets("Let visitors opt out", "html")
    events = open_page(world, INSTALL + button)
    wait_for(world, events, 1)
    world.tab.click("button")
    world.tab.evaluate("liveinsight('after')")
    world.tab.wait_for_timeout(200)

    assert [names(event) for event in events] == [VIEW]
    assert world.tab.text_content("button") == "You are not counted any more."


def test_script_and_endpoint_can_be_renamed(world: World) -> None:
    [tag] = snippets("Serve the tracker from your own domain", "html")
    [nginx] = snippets("Serve the tracker from your own domain", "nginx")
    events = open_page(world, tag)

    assert wait_for(world, events, 1) == [VIEW]
    console = "/stats/static/tracker_more.js"
    assert re.findall(r"/stats/\S+", nginx) == ["/stats/s.js", console, "/stats/e"]


def test_react_and_vue_components_send_events(world: World) -> None:
    [react] = snippets("React and other bundled apps", "jsx")
    [vue] = snippets("Vue", "vue")
    # What the two compilers make of it.
    handler = re.search(r"onClick=\{\(\) => (.+?)\}>", react)
    assert handler
    template = re.search(r"<template>\n(.+)\n</template>", vue, re.S)
    assert template
    props = json.dumps({"plan": "pro"})
    rendered = re.sub(r':(data-[\w-]+)="[^"]+"', rf"\1='{props}'", template[1])
    events = open_page(world, f'{INSTALL}<i onclick="{handler[1]}">x</i>{rendered}')
    world.tab.click("i")
    world.tab.click("button")

    assert wait_for(world, events, 3) == [VIEW, SIGNUP, SIGNUP]


def test_next_js_script_counts_pages(world: World) -> None:
    [layout] = snippets("Next.js", "jsx")
    tag = re.search(r"<Script ([^>]+) />", layout)
    assert tag
    # The component makes an element by script, with these attributes.
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag[1]))
    steps = "".join(f"s.setAttribute({key!r}, {text!r});" for key, text in attributes.items())
    make = f"const s = document.createElement('script'); {steps} document.body.append(s)"
    events = open_page(world, f"<script>{{ {make} }}</script>")

    assert wait_for(world, events, 1) == [VIEW]
    assert set(attributes) == {"src", "data-exclude"}


@pytest.mark.parametrize("found", [True, False])
def test_wordpress_hook_counts_pages(world: World, found: bool) -> None:
    [hook] = snippets("WordPress", "php")
    printed = re.search(r"\?>\n(.+)\n\s*<\?php\n", hook, re.S)
    assert printed
    tag = re.sub(
        r"<\?php if \(is_404\(\)\) echo '(.+?)'; \?>", "" if found else r"\1", printed[1]
    )
    events = open_page(world, tag)

    expected = [VIEW] if found else [VIEW, ("not_found", None)]
    assert wait_for(world, events, len(expected)) == expected


def test_tag_manager_tags_count_pages(world: World) -> None:
    install, event = snippets("Google Tag Manager", "html")
    events = open_page(world, event + install, "/shop")

    assert wait_for(world, events, 2) == [VIEW, SIGNUP]
    open_page(world, install, "/admin/x")
    world.tab.wait_for_timeout(200)
    assert len([e for e in events if e["event_type"] == "page_view"]) == 1


def test_python_sends_an_event(world: World, tmp_path: Path) -> None:
    [code] = snippets("Send events from a server", "python")
    script = tmp_path / "send.py"
    script.write_text(
        code.replace(API, f"http://127.0.0.1:{world.recorder.port}"), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=20, check=True
    )

    [event] = world.recorder.deliveries[0].events
    assert names(event) == ("invoice_paid", {"revenue": 29.9, "currency": "EUR"})
    assert done.stdout.startswith("sess_")
    assert not is_bot(world.recorder.deliveries[0].headers["User-Agent"])


def test_curl_sends_events(world: World) -> None:
    [code] = snippets("Send events from a server", "sh")
    shell = shutil.which("sh")
    if not shell or not shutil.which("curl"):
        pytest.skip("There is no curl here.")
    done = subprocess.run(
        [shell, "-c", code.replace(API, f"http://127.0.0.1:{world.recorder.port}")],
        capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip

    assert world.recorder.deliveries[0].types == ["page_view", "invoice_paid"]
    assert len(json.loads(done.stdout)["results"]) == 2
    assert not is_bot(world.recorder.deliveries[0].headers["User-Agent"])


def test_every_snippet_is_tested_here() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")

    assert [s for s in SNIPPETS if f'"{s.heading}", "{s.language}"' not in tested] == []


def test_every_option_and_call_is_documented() -> None:
    used = set(re.findall(r"options\.(\w+)", MORE)) | set(
        re.findall(r"'(\w+)' in options", MORE)
    )
    attributes = {
        "data-" + re.sub("[A-Z]", lambda m: f"-{m[0].lower()}", name) for name in used
    }
    calls = {"page", *re.findall(r"track\.(\w+) =", SOURCE)}

    assert attributes == set(re.findall(r"^\| `(data-[a-z-]+)", REFERENCE, re.M))
    assert calls == set(re.findall(r"^\| `liveinsight\.(\w+)\(", REFERENCE, re.M))


def test_every_automatic_event_and_download_type_is_documented() -> None:
    types = {"page_view", "engagement", *re.findall(r"'(\w+_\w+)'", SOURCE)}
    [downloads] = re.findall(r"instead of `([\w ]+)`", REFERENCE)
    [pattern] = re.findall(r"downloads: Pattern = /(.+)/i", SOURCE)

    assert types | {"not_found"} == set(re.findall(r"^\| `(\w+)` \| ", REFERENCE, re.M))
    assert all(re.search(pattern, f"/a.{ending}") for ending in downloads.split())
    # Short forms such as (doc|xls)x, taken apart, are as many as the page names.
    (short,) = re.findall(r"\((?!pdf)([\w|]+)\)", pattern)
    alternatives = pattern.count("|") + 1 - short.count("|") + len(short.split("|")) - 1
    assert alternatives + 1 == len(downloads.split())  # and mp[34] is two


def test_script_has_the_documented_size() -> None:
    [kilobytes] = re.findall(r"The script is ([\d.]+) KB \(gzip\)", GUIDE)

    [more] = re.findall(r"second file of ([\d.]+) KB", REFERENCE)

    for file, limit in (("tracker.js", kilobytes), ("tracker_more.js", more)):
        assert len(gzip.compress((STATIC / file).read_bytes(), 9)) <= float(limit) * 1000, file
