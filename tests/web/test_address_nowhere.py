"""The visitor's address is in no table, log, error or response: it is gone when the request
ends."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.collection.visitor import VisitorIdentity
from chalicelib.domain.packs.pack import read_pack
from chalicelib.services.collect import collect
from chalicelib.services.jobs import expire
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.storage.aws.retries import Unavailable
from devkit.local_secrets import token_hash
from tests.web.conftest import Api
from tests.world import custom, page_view, visitor

SECRET = "the secret of the edge"
TABLES = ("events", "sessions", "active_sessions", "rollups")
MINUTE_MS = 60_000
ADDRESSES = ["203.0.113.77", "2001:db8:feed:77:1:2:3:4"]


@pytest.fixture
def environment() -> dict[str, str]:
    return {
        "TRUSTED_PROXIES": "1",
        "EDGE_SECRET_HASHES": token_hash(SECRET),
        "EXCLUDED_ADDRESSES": "198.51.100.0/24",
        "EXCLUDED_PATHS": "/admin*",
        "LOG_LEVEL": "DEBUG",
    }


def traces_of(address: str) -> list[bytes]:
    """Return what would reveal the address: any notation, its bytes, and unsalted hashes."""
    parsed = ipaddress.ip_address(address)
    texts = {
        address,
        parsed.exploded,
        str(int(parsed)),
        parsed.packed.hex(),
        f"{int(parsed):x}",
    }
    if parsed.version == 4:
        texts |= {"203.0.113", "cb00:714d", "77.113.0.203"}
    else:
        texts |= {"2001:db8:feed"}
    plain = [text.encode() for text in texts]
    hashes = [
        function(one).hexdigest().encode()[:12]
        for one in [*plain, parsed.packed]
        for function in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b)
    ]
    return [*plain, parsed.packed, *hashes]


def everything_in(value: Any) -> Iterator[bytes]:
    """Yield every string, number and byte sequence in a value, and in packed sessions."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from everything_in([name, one])
        if value.get("sort_key", "").startswith("recent#"):
            yield repr(read_pack(bytes(value["packed"])).sessions()).encode()
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from everything_in(one)
    elif isinstance(value, bytes):
        yield value
    else:
        yield str(value).encode("utf-8", "surrogatepass")


def visit(api: Api, address: str) -> list[Any]:
    """Send valid and invalid requests of every kind; return the responses."""
    forwarded = {"x-forwarded-for": address, "x-liveinsight-edge": SECRET}
    headers = {**forwarded, "cloudfront-viewer-country": "DE", "cloudfront-viewer-city": "Bonn"}
    batch = [
        page_view("/b", event_id="e1"),
        custom("signup", "/b", user_id="ann", props={"plan": "team"}),
        {**page_view("/b"), "event_type": "engagement", "event_id": "e1", "engaged_ms": 5},
        {"event_type": 7},
    ]
    bodies: list[object] = [
        page_view("/a"), batch, page_view("/admin/x"), {"event_type": ""}, b"{", b"\x1f\x8bx",
        page_view("/c", session_id="of-a-client"), page_view("/d", age=40_000_000),
        page_view("/a", automated=True), [],
    ]  # fmt: skip
    answers: list[Any] = [api.send("POST", "/events", body, headers) for body in bodies]
    answers.append(api.send("GET", "/pixel.gif?page_url=https://example.com/p", b"", headers))
    for path in ("/health", "/api/realtime", "/api/stats?period=x", "/static/none"):
        answers.append(api.send("GET", path, b"", headers))
    return answers


def test_address_is_never_stored_logged_or_returned(
    api: Api,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    caplog.set_level(logging.DEBUG)
    answers = [visit(api, address) for address in ADDRESSES]
    for failure in (Unavailable("throttled"), ZeroDivisionError("a fault of ours")):
        with monkeypatch.context() as patched:

            def fails(*_: Any, failure: Exception = failure, **__: Any) -> Any:
                raise failure

            patched.setattr(collect, "assign_session", fails)
            answers += [visit(api, address) for address in ADDRESSES]
    stored = [api.world.items(table) for table in TABLES]
    monkeypatch.setattr(expire, "ROWS_PER_PART", 1)
    monkeypatch.setattr(
        expire, "MIN_SNAPSHOT_ROWS", 1
    )  # snapshots are left, as on a busy stage
    # The app's clock is the real one.
    now = max(row.last_received_at for row in api.world.rows())
    for at in (now, now + MINUTE_MS, now + 60 * MINUTE_MS):
        expire_sessions(api.world.context(at))
        stored += [api.world.items(table) for table in TABLES]

    output = capfd.readouterr()
    told = [output.out, output.err, caplog.text]
    everything = b"\n".join(everything_in([stored, told, answers]))
    for proof in (b"ZeroDivisionError", b"snapshot#", b"recent#", b"Bonn", b"example.com"):
        assert proof in everything
    assert any(api.world.items("sessions"))
    for address in ADDRESSES:
        for trace in traces_of(address):
            assert trace not in everything, trace


def test_objects_with_the_address_do_not_print_it():
    """So no error message that prints such an object contains it."""
    (address, _) = ADDRESSES
    sender = visitor(1, address=address)
    client = VisitorIdentity("example.com", address, "Chrome")

    assert address not in repr(sender) + repr(client) + repr([client, {"sender": sender}])
