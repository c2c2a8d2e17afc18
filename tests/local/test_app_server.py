from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest
from chalice.app import Chalice

from local.app_server import PortInUse, app_server, check_ports, is_free, serve, stop_server


@pytest.fixture
def port() -> Iterator[int]:
    """Serve a small app; return its port."""
    app = Chalice(app_name="small")

    @app.route("/who/{name}")
    def who(name: str) -> dict[str, str]:
        return {"name": name, "asked": app.current_request.uri_params["name"]}

    @app.route("/body", methods=["POST"])
    def body() -> dict[str, int]:
        return {"bytes": len(app.current_request.raw_body)}

    server = app_server(app, 0)
    thread = serve(server)
    yield server.server_port
    stop_server(server, thread)


def test_long_responses_are_compressed_if_accepted(port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for length, accepted, encoding in (
        (2000, "br, gzip", "gzip"),
        (2000, "identity", None),
        (10, "gzip", None),
    ):
        connection.request("GET", f"/who/{'x' * length}", headers={"Accept-Encoding": accepted})
        response = connection.getresponse()
        content = response.read()

        assert response.headers["Content-Encoding"] == encoding
        text = gzip.decompress(content) if encoding else content
        assert json.loads(text)["name"] == "x" * length
    connection.close()


def get(connection: http.client.HTTPConnection, path: str) -> dict[str, str]:
    connection.request("GET", path)
    answer: dict[str, str] = json.loads(connection.getresponse().read())
    return answer


def test_one_connection_serves_several_requests(port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port)

    assert get(connection, "/who/ada")["name"] == "ada"
    assert get(connection, "/who/grace")["name"] == "grace"
    connection.close()


def test_concurrent_requests_do_not_mix(port: int):
    answers: dict[str, dict[str, str]] = {}

    def ask(name: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        answers[name] = get(connection, f"/who/{name}")
        connection.close()

    threads = [threading.Thread(target=ask, args=(f"n{number}",)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {f"n{n}": {"name": f"n{n}", "asked": f"n{n}"} for n in range(24)}


def test_large_body_arrives_complete(port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/body", b"x" * 300_000, {"Content-Type": "application/json"})

    assert json.loads(connection.getresponse().read()) == {"bytes": 300_000}
    connection.close()


def test_busy_port_is_reported(port: int):
    with pytest.raises(PortInUse, match=f"Port {port} is in use by another program. Choose"):
        check_ports([port])


def test_waits_for_a_port_to_become_free():
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    threading.Timer(0.3, listener.close).start()

    check_ports([port], patience_seconds=30)

    assert is_free(port)
