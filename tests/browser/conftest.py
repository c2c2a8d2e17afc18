"""One Chromium for all browser tests, and one product with the demo's traffic for the dashboard
tests. Each test opens its own contexts."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from devkit import frontend_build
from devkit.chromium import find_chromium, find_headless_shell
from devkit.emulated_aws.emulator import Emulator, start_emulator
from local import demo_data
from tests.end_to_end.conftest import serve_product  # noqa: F401 - a fixture
from tests.end_to_end.product import Product, start_product

from . import museum
from .drivers import launch_options

SESSIONS, OPEN_SESSIONS = 400, 14
SITES = "demo.example,new.example,hostile.example,places.example"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium. If there is none, CI fails and other runs skip the tests."""
    executable = find_chromium()
    if executable is None:
        reason = "Found no Chromium: set CHROMIUM to its path, or install one."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return executable


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    executable = find_headless_shell() or chromium
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(executable))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sites(request: pytest.FixtureRequest) -> dict[str, Path]:
    """Return the folders of the sites in pages/ that the run's tests visit, by name."""
    return museum.build_for(request.session.items)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state of an emulator after a month of the demo shop's visitors. The first
    process that needs it fills it, once per run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    state, whole = folder / "filled", folder / "filled.whole"
    with (folder / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(state, ignore_errors=True)
            fill(state, folder)
            whole.touch()
    return state


def fill(state: Path, logs: Path) -> None:
    frontend_build.build()
    started = start_emulator(state)
    try:
        product = start_shop(started, logs)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(demo_data, "SESSIONS", SESSIONS)
                patch.setattr(demo_data, "OPEN_SESSIONS", OPEN_SESSIONS)
                demo_data.fill_demo(product.environment, threading.Event())
        finally:
            product.stop()
    finally:
        started.stop()


def start_shop(started: Emulator, logs: Path) -> Product:
    return start_product(started, "shop", logs, expire_seconds=60, SITES=SITES)


@pytest.fixture(scope="session")
def emulator(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Return an emulator with the filled tables of the shop; each process has its own."""
    state = tmp_path_factory.mktemp("aws") / "state"
    shutil.copytree(filled, state)
    started = start_emulator(state)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def shop(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Return the real app with its built files and a month of the demo shop's visitors."""
    product = start_shop(emulator, tmp_path_factory.mktemp("shop"))
    yield product
    product.stop()
