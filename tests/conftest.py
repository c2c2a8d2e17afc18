"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import botocore.session
import pytest

from tests.world import World
from tests.world import world as new_world

# Every session of boto3 reads the descriptions of AWS anew, which takes longer than most tests;
# here, all sessions share what has been read.
botocore.session.create_loader = lru_cache(botocore.session.create_loader)


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that open no AWS account, for every test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def world() -> Iterator[World]:
    with new_world() as made:
        yield made
