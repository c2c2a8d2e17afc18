"""The fixtures of the end-to-end tests."""

from __future__ import annotations

from tests.end_to_end.product import Product


def test_apps_have_separate_tables(serve_product, product: Product):
    other = serve_product(SITES="*")

    assert (
        other.post({"event_type": "page_view", "page_url": "https://a.example/"}).status == 200
    )

    assert other.read("/api/realtime?site=a.example")["pageviews"] == 1
    assert product.read("/api/realtime?site=a.example")["pageviews"] == 0
