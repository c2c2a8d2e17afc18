"""HEAD responds like GET without a body, on the paths that monitors and `curl -I` request."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from chalice.deploy.swagger import CFNSwaggerGenerator

from local.app_server import app_server, serve, stop_server
from tests.world import TOKEN

PATHS = ["/", "/tracker.js", "/static/tracker_more.js", "/health"]
TAKING_HEAD = {"/", "/tracker.js", "/static/{name}", "/health"}


@pytest.mark.parametrize("path", PATHS)
def test_head_returns_the_status_and_headers_of_get(api, path):
    expected = api.send("GET", path)
    status, headers, body = api.send("HEAD", path)

    assert (status, body) == (200, None)
    assert headers == expected[1]


def test_head_returns_304_and_404_like_get(api):
    etag = api.send("GET", "/tracker.js")[1]["etag"]

    assert api.send("HEAD", "/tracker.js", headers={"if-none-match": etag})[0] == 304
    assert api.send("HEAD", "/static/nothing.js")[0] == 404


def test_head_of_failing_health_returns_503(api):
    del api.world.tables.database.client.tables[api.world.settings.rollups_table]

    assert api.send("HEAD", "/health")[::2] == (503, None)


@pytest.mark.parametrize("path", ["/pixel.gif?site=example.com", "/events", "/api/stats"])
def test_head_stores_and_reads_nothing(api, path):
    status, _, body = api.send("HEAD", path, headers={"authorization": f"Bearer {TOKEN}"})

    assert (status, body) == (405, None)
    assert api.read("/api/sites")[1]["data"] == {"sites": []}


@pytest.fixture
def connection(api) -> Iterator[http.client.HTTPConnection]:
    """Connect to the server of `chalice local`, with the app behind it."""
    import app

    server = app_server(app.app, 0)
    thread = serve(server)
    opened = http.client.HTTPConnection("127.0.0.1", server.server_port)
    yield opened
    opened.close()
    stop_server(server, thread)


def test_connection_stays_usable_after_head(connection):
    """An unexpected body would be read as the next response."""
    for method in ("HEAD", "GET", "HEAD"):
        connection.request(method, "/tracker.js")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, method == "GET")


def test_gateway_has_head_methods():
    import app

    swagger = CFNSwaggerGenerator().generate_swagger(app.app)

    taking = {path for path, methods in swagger["paths"].items() if "head" in methods}
    assert taking == TAKING_HEAD
