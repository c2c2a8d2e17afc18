"""A cache holds a bounded number of bytes."""

from __future__ import annotations

from chalicelib.storage.byte_cache import ByteCache


def test_least_recently_used_content_is_dropped():
    cache = ByteCache(max_bytes=6)
    cache.put("a", b"12")
    cache.put("b", b"34")
    cache.get("a")

    cache.put("c", b"567")

    assert [cache.get(key) for key in "abc"] == [b"12", None, b"567"]


def test_content_can_be_replaced():
    cache = ByteCache(max_bytes=4)
    cache.put("a", b"123")
    cache.put("a", b"45")
    cache.put("b", b"67")

    assert [cache.get(key) for key in "ab"] == [b"45", b"67"]


def test_content_that_is_too_large_is_not_kept():
    cache = ByteCache(max_bytes=4)
    cache.put("a", b"12345")

    assert cache.get("a") is None
