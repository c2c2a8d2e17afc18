"""The product as it runs: ministack and the app, each in its own process on a free port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from devkit.emulated_aws.emulator import Emulator, start_emulator
from tests.end_to_end.deployed import Deployed, deploy_app, everything_left
from tests.end_to_end.product import Product, start_product

StartProduct = Callable[..., Product]

_numbers = count(1)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Start an empty emulator for all tests of the run."""
    started = start_emulator(tmp_path_factory.mktemp("aws"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def serve_product(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartProduct]:
    """Serve the app on its own tables, with settings such as SITES="example.com".

    Sessions are closed every `expire_seconds`; the app stops with the module.
    """
    started: list[Product] = []
    logs = tmp_path_factory.mktemp("logs")

    def serve(**settings: Any) -> Product:
        product = start_product(emulator, f"test{next(_numbers)}", logs, **settings)
        started.append(product)
        return product

    yield serve
    for product in started:
        product.stop()


@pytest.fixture(scope="module")
def product(serve_product: StartProduct) -> Product:
    """Serve an app whose sessions end after two seconds and are closed within three more."""
    return serve_product(SESSION_TIMEOUT_SECONDS="2", expire_seconds=0.5)


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Start an empty account in which roles may only do what their policies grant."""
    started = start_emulator(tmp_path_factory.mktemp("account"), enforce_policies=True)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def deployed(enforcing: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Deploy the packaged app in that account."""
    assert everything_left(enforcing.environment) == []
    return deploy_app(enforcing, tmp_path_factory.mktemp("package"))
