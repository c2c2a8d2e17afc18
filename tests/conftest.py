"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache

import botocore.session
import pytest
from coverage import Coverage
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.world import World, new_world

# Every session of boto3 reads the descriptions of AWS anew, which takes longer than most tests;
# here, all sessions share what has been read.
botocore.session.create_loader = lru_cache(botocore.session.create_loader)

# A busy machine does not fail property tests.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

COUNTING = pytest.StashKey[Coverage]()
# Tests of these folders measure coverage, except slow ones and properties: counting the
# lines of thousands of examples would take longer than all other tests together.
MEASURED = {"domain", "presentation", "services", "storage", "web"}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop counting after the imports, if coverage is measured at all."""
    counting = Coverage.current()
    if counting:
        counting.stop()
        session.config.stash[COUNTING] = counting


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    counting = item.config.stash.get(COUNTING, None)
    if not counting or not is_measured(item):
        return (yield)
    counting.start()
    try:
        return (yield)
    finally:
        counting.stop()


def is_measured(item: pytest.Item) -> bool:
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    is_property = is_hypothesis_test(getattr(item, "function", None))
    return folder in MEASURED and not is_property and not item.get_closest_marker("slow")


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set credentials that give access to no AWS account, for every test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def world() -> World:
    return new_world()
