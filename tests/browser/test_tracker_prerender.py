"""Pages that a browser loads before they are shown, in a Chromium without a debugger, which
would cancel prerendering."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.chromium import launch_options

from .recorder import Recorder, recording, until

RULES = """<script type=speculationrules>
  {"prerender": [{"urls": ["/m"], "eagerness": "immediate"}]}
</script>"""
# The page that is prerendered tells when that has happened, past the tracker.
MARK = "<script>fetch(`/mark-${document.prerendering}`)</script>"
CALLS = """<script>
  window.liveinsight = window.liveinsight ||
    function () { (liveinsight.q = liveinsight.q || []).push(arguments) }
  liveinsight('queued')
  addEventListener('load', () => {
    liveinsight.identify('anna')
    liveinsight.page('/m/1')
    liveinsight('bought', { revenue: 5 })
  })
</script>"""
CLICK = """<a href=/m>m</a><script>
  addEventListener('click', () => fetch('/clicked'), true)
  const wait = setInterval(async () => {
    if ((await (await fetch('/go')).text()).includes('go')) {
      clearInterval(wait)
      document.querySelector('a').click()
    }
  }, 100)
</script>"""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as made:
        made.page("/m", "data-manual data-not-found", head=CALLS + MARK)
        yield made


@contextmanager
def visiting(recorder: Recorder, chromium: str, profile: Path, path: str) -> Iterator[None]:
    """Run a browser that shows one page of http://shop.example and is not remote-controlled."""
    command = [
        chromium,
        *launch_options(chromium)["args"],
        "--headless=new",
        f"--user-data-dir={profile}",
        f"--host-resolver-rules=MAP *.example 127.0.0.1:{recorder.port}",
        f"http://shop.example{path}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_prerendered_page_counts_once_when_activated(
    recorder: Recorder, chromium: str, tmp_path: Path
):
    recorder.page("/", "", head=RULES, body=CLICK)
    with visiting(recorder, chromium, tmp_path, "/"):
        assert until(lambda: "/mark-true" in recorder.requests, seconds=20)
        assert until(lambda: recorder.paths(), seconds=20) == ["/"]
        recorder.page("/go", body="go")
        until(lambda: recorder.events("bought"), seconds=20)
        assert recorder.requests.count("/m") == 1  # what was prerendered was shown

    sent = [event_type for delivery in recorder.deliveries[:2] for event_type in delivery.types]
    # All in order, and what the page before has handed over is not lost.
    assert sent == ["page_view", "engagement", "queued", "page_view", "bought", "not_found"]
    assert recorder.paths() == ["/", "/m/1"]
    [bought] = recorder.events("bought")
    assert (bought["props"], bought["user_id"]) == ({"revenue": 5}, "anna")
    assert all("prerender" not in d.headers.get("Sec-Purpose", "") for d in recorder.deliveries)


def test_prerendered_page_that_is_never_activated_does_not_count(
    recorder: Recorder, chromium: str, tmp_path: Path
):
    recorder.page("/", "", head=RULES)
    with visiting(recorder, chromium, tmp_path, "/"):
        assert until(lambda: "/mark-true" in recorder.requests, seconds=20)
        until(lambda: recorder.paths(), seconds=20)
        until(lambda: len(recorder.deliveries) > 1, seconds=1)

    assert {event["page_url"] for event in recorder.events()} == {"http://shop.example/"}
