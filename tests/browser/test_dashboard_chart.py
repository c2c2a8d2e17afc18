"""The chart of the dashboard: reading and zooming, with pointer and keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_page import Opened, opened, shown
from tests.end_to_end.product import Product

STATS = "/api/stats"


def over_the_chart(dashboard: Opened) -> tuple[Page, dict[str, float]]:
    page = shown(dashboard, ".u-over")
    box = page.locator(".u-over").bounding_box()
    assert box is not None
    return page, {name: float(box[name]) for name in ("x", "y", "width")}


def test_click_on_the_chart_zooms_into_the_day(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d") as dashboard:
        page, box = over_the_chart(dashboard)
        day = dashboard.answer(STATS)["series"][14]["time"][:10]
        page.mouse.move(box["x"] + box["width"] * 14 / 27, box["y"] + 60)
        expect(page.locator(".plot-tip")).to_contain_text("Change")
        page.mouse.down()
        page.mouse.up()
        page.wait_for_url(f"**/*from={day}*")
        assert dashboard.state["to"] == day


def test_drag_over_the_chart_selects_its_days(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d") as dashboard:
        page, box = over_the_chart(dashboard)
        series = dashboard.answer(STATS)["series"]
        page.mouse.move(box["x"] + box["width"] * 7 / 27, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 14 / 27, box["y"] + 60, steps=4)
        page.mouse.up()
        page.wait_for_url("**/*period=custom*")
        assert (dashboard.state["from"], dashboard.state["to"]) == (
            series[7]["time"][:10],
            series[14]["time"][:10],
        )


def test_chart_is_read_and_zoomed_with_the_keyboard(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.locator(".plot").focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        row = dashboard.answer("/api/stats")["series"][1]
        spoken = re.compile(rf" \d{{4}}, {row['visitors']}, before: \d+")
        expect(page.locator("#announcer")).to_have_text(spoken)
        page.keyboard.press("Enter")
        page.wait_for_url("**/*period=custom*")
        assert dashboard.state["from"] == row["time"][:10]
