"""Checks responses against docs/openapi.yaml: an undocumented or missing status, header, type
or field fails the test that received it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

FILE = Path(__file__).parent.parent / "docs" / "openapi.yaml"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    result: dict[str, Any] = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
    return result


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each method, path and operation."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def check_answer(
    method: str, path: str, status: int, headers: Mapping[str, str], body: str
) -> None:
    """Check a response. Preflights, and paths that only the gateway answers, are not
    documented."""
    template = template_of(path.partition("?")[0])
    if template is None or method == "OPTIONS":
        return
    name = f"{method} {path} {status}"
    operation = document()["paths"][template].get(method.lower())
    if operation is None:
        assert status == 405, name
        if method != "HEAD":
            check_value("Error", json.loads(body), name)
        return
    assert str(status) in operation["responses"], f"{name} is not documented"
    response = resolved(operation["responses"][str(status)])
    given = {header.lower(): value for header, value in headers.items()}
    for header, described in response.get("headers", {}).items():
        _check_header(header, resolved(described), given, name)
    _check_content(response.get("content"), given, body, name)


def check_value(schema: str, value: object, name: str) -> None:
    """Check a value against a schema of the document's components."""
    _check({"$ref": f"#/components/schemas/{schema}"}, value, name)


@lru_cache(maxsize=512)
def template_of(path: str) -> str | None:
    """Return the documented path that this path is an instance of."""
    if path in document()["paths"]:
        return path
    patterns = {
        template: re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        for template in document()["paths"]
    }
    return next((one for one, pattern in patterns.items() if re.fullmatch(pattern, path)), None)


def resolved(described: dict[str, Any]) -> dict[str, Any]:
    """Return a node, or what it refers to."""
    if "$ref" not in described:
        return described
    result: Any = document()
    for part in described["$ref"].removeprefix("#/").split("/"):
        result = result[part]
    return resolved(result)


def _check_header(
    header: str, described: dict[str, Any], given: Mapping[str, str], name: str
) -> None:
    value = given.get(header.lower())
    if value is None:
        assert not described.get("required"), f"{name} lacks {header}"
    else:
        _check(described["schema"], value, f"{name} {header}")


def _check_content(
    content: dict[str, Any] | None, given: Mapping[str, str], body: str, name: str
) -> None:
    if content is None:
        assert not body, f"{name} has a body"
        return
    media_type = given["content-type"].partition(";")[0].strip()
    assert media_type in content, f"{name} is {media_type}"
    is_json = media_type == "application/json"
    _check(content[media_type].get("schema", {}), json.loads(body) if is_json else body, name)


def _check(schema: dict[str, Any], value: object, name: str) -> None:
    error = next(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value), None)
    if error:
        raise AssertionError(f"{name}: {error.json_path}: {error.message[:500]}")


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema) | {"components": document()["components"]})
