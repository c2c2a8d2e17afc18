"""The collect function behind HTTP, as `make run` serves it."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator

import pytest

from local.app_server import PortInUse, serve, stop_server
from local.url_server import url_server
from tests.web.conftest import Api, open_api
from tests.world import CHROME, page_view

HEADERS = {"User-Agent": CHROME, "Content-Type": "text/plain"}


@pytest.fixture
def api() -> Iterator[Api]:
    with open_api() as api:
        yield api


@pytest.fixture
def connection(api: Api) -> Iterator[http.client.HTTPConnection]:
    server = url_server(0)
    thread = serve(server)
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    yield connection
    connection.close()
    stop_server(server, thread)


def test_events_are_stored(api: Api, connection: http.client.HTTPConnection):
    for number, encoding in enumerate(("identity", "gzip")):
        body = json.dumps(page_view(f"/{number}")).encode()
        content = gzip.compress(body) if encoding == "gzip" else body
        connection.request(
            "POST", "/events", content, {**HEADERS, "Content-Encoding": encoding}
        )
        response = connection.getresponse()

        assert response.status == 200
        assert json.loads(response.read())["message"] == "Event processed successfully"
    assert [row.events for row in api.world.rows()] == [2]


def test_tracker_is_compressed(connection: http.client.HTTPConnection):
    connection.request("GET", "/tracker.js", headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    script = gzip.decompress(response.read())

    assert response.headers["Content-Encoding"] == "gzip"
    assert b"liveinsight" in script
    connection.request("HEAD", "/tracker.js")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")


def test_busy_port_is_reported(connection: http.client.HTTPConnection):
    with pytest.raises(PortInUse, match=f"Port {connection.port} is in use"):
        url_server(connection.port)
