"""Operators' commands against the product over HTTP."""

from __future__ import annotations

import time

import pytest

from chalicelib.settings import Settings
from chalicelib.storage.tables import connect
from devkit.emulated_aws.emulated_stack import aws_client
from operate.aws import http_client
from operate.aws.stage import ConnectedStage
from operate.data import seed_traffic
from operate.errors import CommandError
from operate.inspect import smoke_test
from tests.end_to_end.product import Product


@pytest.fixture(scope="module")
def shop(serve_product) -> Product:
    """Serve an app with one site."""
    return serve_product(SITES="shop.example,try.example")


@pytest.fixture
def opened(shop: Product) -> ConnectedStage:
    settings = Settings.from_environment(shop.environment)
    return ConnectedStage(settings, connect(settings, aws_client("dynamodb", shop.environment)))


def test_smoke_test_passes_and_leaves_nothing(shop: Product, opened: ConnectedStage):
    findings = list(smoke_test.check_deployment(shop.url, opened, shop.token))

    assert [finding.name for finding in findings if not finding.passed] == []
    assert opened.tables.active_scan.read().rows == []
    assert list(opened.tables.database.scan(opened.tables.events.name)) == []


def test_sample_traffic_is_counted_at_once(shop: Product):
    stored = seed_traffic.send_traffic(
        shop.url, "try.example", 10, now=time.time_ns() // 1_000_000, pause=lambda _: None
    )

    live = shop.read("/api/realtime?site=try.example")
    assert stored >= 10
    assert live["open_sessions"] >= 1
    assert shop.read("/api/sites")["sites"] == ["shop.example", "try.example"]


def test_unreachable_deployment_is_reported():
    with pytest.raises(CommandError, match=r"http://127\.0\.0\.1:9/health does not answer"):
        http_client.send("GET", "http://127.0.0.1:9/health")
