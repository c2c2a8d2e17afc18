"""The product as it runs: ministack and the app, each a process of its own on a free port."""

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
    """One for all tests of the run; it begins with nothing in it."""
    started = start_emulator(tmp_path_factory.mktemp("aws"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def serve_product(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartProduct]:
    """Serve the app on tables of its own, with settings such as SITES="example.com".

    `expire_seconds` says how often sessions are closed; what was served ends with the module.
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
    """With sessions that end after two seconds, and are closed within three more."""
    return serve_product(SESSION_TIMEOUT_SECONDS="2", expire_seconds=0.5)


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An account with nothing in it, where a role may do what its policies grant."""
    started = start_emulator(tmp_path_factory.mktemp("account"), enforce_policies=True)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def deployed(enforcing: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The packaged app in that account."""
    assert everything_left(enforcing.environment) == []
    return deploy_app(enforcing, tmp_path_factory.mktemp("package"))
