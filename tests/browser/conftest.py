"""One Chromium for all browser tests, and one product with the demo's traffic for those of the
dashboard; each test opens contexts of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from local import assets, demo
from local.browser import find_chromium
from local.emulator import Emulator
from tests.end_to_end.conftest import emulator, serve_product  # noqa: F401 - fixtures
from tests.end_to_end.product import Product, start_product

from .drivers import launch_options

SESSIONS, OPEN_NOW = 400, 14
SITES = "demo.example,new.example,hostile.example,places.example"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Its path. Where there is none, CI fails and others skip."""
    executable = find_chromium()
    if executable is None:
        reason = "Found no Chromium: set CHROMIUM to its path, or install one."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return executable


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(chromium))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop(
    emulator: Emulator,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """The real app, its browser's files built, with a month of the demo shop's visitors."""
    assets.build_dashboard()
    product = start_product(
        emulator, "shop", tmp_path_factory.mktemp("shop"), expire_seconds=60, SITES=SITES
    )
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "SESSIONS", SESSIONS)
            patch.setattr(demo, "OPEN_NOW", OPEN_NOW)
            demo.fill_demo(product.environment, threading.Event())
        yield product
    finally:
        product.stop()
