"""Opens the dashboard of a real product in a browser, and reads what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    Browser,
    Page,
    Request,
    Response,
    Route,
    ViewportSize,
    expect,
)

from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.services.collect.collect import OutcomeStatus, collect
from chalicelib.services.context import Context
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.settings import Settings
from chalicelib.storage.tables import connect
from devkit.emulated_aws.emulated_stack import aws_client
from tests.browser.recorder import until
from tests.end_to_end.product import CHROME, Product

TIMEOUT_MS = 15_000  # on a busy machine
expect.set_options(timeout=TIMEOUT_MS)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 780}
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOURS = ["color-contrast", "link-in-text-block"]
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


@dataclass(slots=True)
class Opened:
    """The page, and the requests that it has sent since it was opened."""

    page: Page
    requests: list[Request] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=dict)  # what a path is answered with

    def queries(self, path: str) -> list[str]:
        """Return the queries of its requests for this path, oldest first."""
        urls = [urlsplit(request.url) for request in self.requests]
        return [url.query for url in urls if url.path == path]

    def on_its_way(self, route: Route) -> None:
        """Let a request through, or make it fail."""
        status = self.failing.get(urlsplit(route.request.url).path)
        if status is None:
            route.continue_()
        else:
            body = {"status": "error", "message": "The service is resting."}
            route.fulfill(status=status, json=body)

    def answer(self, path: str) -> Any:
        """Return the `data` of the newest response for this path, which the page must show."""
        results = [one for one in self.responses if urlsplit(one.url).path == path]
        return results[-1].json()["data"]

    @property
    def state(self) -> dict[str, str]:
        """Return the parameters in the page's URL."""
        query = urlsplit(self.page.url).query
        return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def opened(
    browser: Browser,
    product: Product,
    query: str = "?site=demo.example",
    *,
    token: str | None = "",
    size: dict[str, int] = DESKTOP,
    may_fail: bool = False,
    prepare: Callable[[Page], object] | None = None,
    **options: Any,
) -> Iterator[Opened]:
    """Open the page in its own context. An error of its scripts fails the test, and so does a
    request to another origin, or anything that its Content-Security-Policy blocks.

    `token` is the product's unless given; None for none. With `may_fail`, what `failing` of the
    page says happens on the way to the app. `prepare` gets the page before it is opened.
    """
    viewport: ViewportSize = {"width": size["width"], "height": size["height"]}
    context = browser.new_context(viewport=viewport, **{"locale": "en-GB", **options})
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    result = Opened(page)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.extend(refusals(message.text)))
    page.on("request", lambda request: result.requests.append(request))
    page.on("response", lambda response: result.responses.append(response))
    if may_fail:
        page.route("**/api/**", lambda route: result.on_its_way(route))
    if prepare is not None:
        prepare(page)
    secret = product.token if token == "" else token
    try:
        page.goto(f"{product.url}/{query}" + (f"#token={secret}" if secret else ""))
        yield result
    finally:
        context.close()
    foreign = {
        request.url
        for request in result.requests
        if not request.url.startswith((product.url, "blob:", "data:"))
    }
    assert problems == []
    assert foreign == set()


def refusals(text: str) -> list[str]:
    return [text] if "Content Security Policy" in text else []


def send_at(product: Product, at: datetime, *bodies: dict[str, Any]) -> None:
    """Collect events at that time, and close the sessions that have ended by then. Each body
    belongs to a new visitor unless it has a `user_id`."""
    settings = Settings.from_environment(product.environment)
    tables = connect(settings, aws_client("dynamodb", product.environment))
    now = int(at.timestamp() * 1000)
    context = Context(tables, settings, now)
    for number, body in enumerate(bodies):
        named = {"event_type": "page_view", "user_id": f"{at:%d%H%M}-{number}", **body}
        for outcome in collect([named], RequestClient("203.0.113.5", CHROME), context):
            assert outcome.status is OutcomeStatus.STORED, outcome.message
    expire_sessions(Context(tables, settings, min(now + 3_600_000, int(time() * 1000))))


def shown(opened: Opened, selector: str = "#card-pages .row") -> Page:
    """Return the page when it shows metrics."""
    opened.page.locator(selector).first.wait_for()
    return opened.page


def figure(page: Page, metric: str) -> Any:
    """Return the exact number of a tile."""
    value = page.locator(f'.tile[data-key="{metric}"] data').get_attribute("value")
    return json.loads(value) if value else None


def expect_figure(page: Page, metric: str, value: float) -> None:
    """Wait until the tile has this number."""
    tile = page.locator(f'.tile[data-key="{metric}"] data')
    expect(tile).to_have_attribute("value", str(value))


def wait_until(page: Page, question: str, arg: object = None) -> None:
    """Wait until a script returns true. Playwright's own wait_for_function uses `eval` from the
    second time on, which the page's Content-Security-Policy blocks."""
    assert until(lambda: page.evaluate(question, arg), page=page, seconds=15), question


def counts(page: Page, card: str) -> list[int]:
    """Return the visitors of a card's rows, from top to bottom."""
    result = page.locator(f"#card-{card} .row .count")
    numbers: list[int] = result.evaluate_all("all => all.map(one => Number(one.value))")
    return numbers


def rows(page: Page, card: str) -> list[tuple[str, int]]:
    """Return the names in a card and their visitors, from top to bottom."""
    names = page.locator(f"#card-{card} .row .name").all_inner_texts()
    return list(zip(names, counts(page, card), strict=True))


def stats(product: Product, query: str = "period=7d") -> Any:
    """Return the response of the API."""
    return product.read(f"/api/stats?site=demo.example&{query}")


def downloaded(page: Page, press: str) -> tuple[str, str]:
    """Return the name and the text of the file that this button downloads."""
    with page.expect_download() as download:
        page.locator(press).click()
    path: Path = download.value.path()
    return download.value.suggested_filename, path.read_bytes().decode()


def violations(page: Page, part: str = "html") -> list[str]:
    """Return the violations that axe finds in a part of the page, one per line. Needs a page
    with bypass_csp."""
    return run_axe(page, part, {"type": "tag", "values": RULES})


def violations_in_both(page: Page, part: str = "html") -> list[str]:
    """Return the violations in light and dark mode. Only color rules are checked twice."""
    result = violations(page, part)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(IS_DARK)
    result += run_axe(page, part, {"type": "rule", "values": RULES_OF_COLOURS})
    page.emulate_media(color_scheme="light")
    return result


def run_axe(page: Page, part: str, only: dict[str, Any]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    result: list[str] = page.evaluate(
        """async ([part, only]) => {
          const { violations } = await axe.run(part,
            { runOnly: only, resultTypes: ['violations'] })
          return violations.flatMap(({ id, nodes }) =>
            nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))
        }""",
        [part, only],
    )
    return result
