"""Which client is used depends on where the credentials are."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.storage.aws.client import DEFAULT_REGION, dynamodb_client
from chalicelib.storage.aws.dynamodb_api import DynamoDBApi

KEYS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}


def test_credentials_in_the_environment_are_used_without_botocore():
    assert isinstance(dynamodb_client(KEYS), DynamoDBApi)


@pytest.mark.parametrize("missing", KEYS)
def test_botocore_finds_credentials_that_are_elsewhere(
    missing: str, monkeypatch: pytest.MonkeyPatch
):
    """As those of a profile; a key without its secret is of no use."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    client: Any = dynamodb_client({name: KEYS[name] for name in KEYS if name != missing})

    assert client.meta.region_name == DEFAULT_REGION
