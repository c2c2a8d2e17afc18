"""The collect examples in docs/reference/api.md get the responses that the page shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import Api

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text("utf-8")
COLLECT = PAGE.split("\n## Collect")[1].split("\n## ")[0]
EXAMPLES = re.findall(r"-d '(.*?)'\n```\n\n```json\n(.*?)\n```", COLLECT, re.DOTALL)


def shown(response: Any) -> Any:
    """Return the response with every ID replaced, because they contain random characters."""
    text = re.sub(r'"(evt|sess)_\d{8}_[^"]+"', r'"\1"', json.dumps(response))
    return json.loads(text)


@pytest.mark.parametrize(("request_body", "response"), EXAMPLES, ids=["one event", "array"])
def test_example_gets_the_documented_response(api: Api, request_body: str, response: str):
    status, _, received = api.post(json.loads(request_body))

    assert status == 200
    assert shown(received) == shown(json.loads(response))


def test_error_example_matches_the_error_of_a_long_url(api: Api):
    long_url = "https://example.com/" + "a" * 2000
    status, _, received = api.post({"event_type": "page_view", "page_url": long_url})

    assert status == 400
    assert json.dumps(received) in COLLECT


def test_dropped_example_matches_the_response_to_an_opt_out(api: Api):
    event = {"event_type": "page_view", "page_url": "https://example.com/"}
    status, headers, received = api.post(event, dnt="1")

    assert (status, headers["x-liveinsight-dropped"]) == (202, "opted_out")
    assert json.dumps(received) in COLLECT
