"""docs/openapi.yaml describes every route strictly, and checks against it can fail."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.presentation.serializers import SESSION_FIELDS
from chalicelib.version import __version__
from tests.openapi import check_answer, check_value, document, operations, resolved, template_of

JSON = {"content-type": "application/json"}
SENT = {"SentEvent", "CollectBody"}  # what is sent may hold more than what is known


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object schema below the node."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for child in node.values():
            yield from schemas(child)
    elif isinstance(node, list):
        for child in node:
            yield from schemas(child)


def test_every_route_is_described_and_no_other():
    from app import app

    routes = {(method, path) for path, methods in app.routes.items() for method in methods}

    assert {(method, path) for method, path, _ in operations()} == routes


def test_version_is_the_same_everywhere():
    assert document()["info"]["version"] == __version__


@pytest.mark.parametrize("name", document()["components"]["schemas"])
def test_document_has_one_strict_schema(name: str):
    schema = document()["components"]["schemas"][name]
    Draft202012Validator.check_schema(schema)

    for found in schemas(schema):
        if name not in SENT and "additionalProperties" not in found:
            pytest.fail(f"{name} takes more than it names")
        if found.get("additionalProperties") is False:
            optional = set(found["properties"]) - set(found["required"])
            assert optional <= {"previous", "previous_series", "missing_days"}


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [pytest.param(*found, id=f"{found[0]} {found[1]}") for found in operations()],
)
def test_operation_documents_authorization_and_errors(method: str, path: str, operation):
    is_open = operation.get("security") == []
    names = {part[1:-1] for part in path.split("/") if part.startswith("{")}
    described = [resolved(parameter) for parameter in operation.get("parameters", [])]

    assert ("401" in operation["responses"]) is not is_open
    assert is_open is not ("read" in operation["tags"])
    assert {one["name"] for one in described if one["in"] == "path"} == names
    assert {"500", "429"} <= set(operation["responses"])


def test_operation_ids_are_unique():
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(names) == len(set(names))


def test_session_schema_has_the_fields_of_responses():
    session = document()["components"]["schemas"]["Session"]

    assert tuple(session["required"]) == tuple(session["properties"]) == SESSION_FIELDS


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/sessions", "/api/sessions"),
        ("/api/sessions/sess_1", "/api/sessions/{session_id}"),
        ("/api/users/a%2Fb/events", "/api/users/{user_id}/events"),
        ("/api/users/a/b/events", None),
        ("/nowhere", None),
    ],
)
def test_paths_are_found(path: str, template: str | None):
    assert template_of(path) == template


@pytest.mark.parametrize(
    ("path", "status", "headers", "body"),
    [
        pytest.param("/api/sites", 200, JSON, {"status": "success"}, id="lacks data"),
        pytest.param(
            "/api/sites", 200, JSON, {"status": "success", "data": {"sites": [5]}}, id="type"
        ),
        pytest.param(
            "/api/sites",
            200,
            JSON,
            {"status": "success", "data": {"sites": [], "more": 1}},
            id="an undocumented field",
        ),
        pytest.param("/api/sites", 404, JSON, {"status": "error", "message": "x"}, id="status"),
        pytest.param("/api/sites", 400, JSON, {"status": "error", "message": ""}, id="empty"),
        pytest.param("/tracker.js", 200, {"content-type": "text/javascript"}, "", id="header"),
        pytest.param("/api/sites", 200, {"content-type": "text/html"}, "", id="content type"),
        pytest.param("/", 304, {}, "<html>", id="a body that is none"),
        pytest.param("/events", 200, JSON, {"status": "error", "message": "x"}, id="method"),
    ],
)
def test_wrong_response_fails_validation(path: str, status: int, headers, body):
    with pytest.raises(AssertionError):
        check_answer("GET", path, status, headers, body if body == "<html>" else dumps(body))


def test_valid_responses_pass_validation():
    check_answer(
        "GET", "/api/sites", 200, JSON, dumps({"status": "success", "data": {"sites": []}})
    )
    check_answer("GET", "/events?x", 405, JSON, dumps({"status": "error", "message": "POST"}))
    check_answer("OPTIONS", "/events", 200, {}, "")
    check_value("Count", 5, "five")
