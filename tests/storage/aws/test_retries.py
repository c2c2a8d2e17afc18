"""How long calls are attempted: ten seconds each, never past the deadline of the request."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.services.jobs.minute_job import SECONDS_TO_END, run_minute_job
from chalicelib.storage.aws import retries
from chalicelib.storage.aws.client import dynamodb_client
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import Unavailable, stop_at, within
from tests.clock import Clock, stop_clock
from tests.world import World, minutes, page_view

KEY = {"session_id": "a", "event_id": "b"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stop_clock(monkeypatch)


def timing_out(clock: Clock, seconds: float, attempts: list[float]) -> Callable[..., None]:
    def time_out(**_: Any) -> None:
        attempts.append(clock.now)
        clock.now += seconds
        raise ReadTimeoutError(endpoint_url="http://x")

    return time_out


@pytest.fixture
def attempts(world: World, clock: Clock) -> list[float]:
    """Return when each attempt started; each takes three seconds and fails."""
    started: list[float] = []
    hook = timing_out(clock, 3, started)
    world.tables.database.client.meta.events.register("before-call.dynamodb", hook)
    return started


def read(world: World) -> None:
    with pytest.raises(Unavailable):
        world.tables.database.get(world.settings.events_table, KEY)


def test_call_is_attempted_for_ten_seconds(world: World, attempts: list[float]):
    read(world)

    assert len(attempts) == 4
    assert attempts[-1] < retries.SECONDS_PER_CALL


def test_no_attempt_starts_after_the_deadline(world: World, attempts: list[float]):
    with within(5):
        read(world)
        read(world)

    assert len(attempts) == 2


def test_deadline_applies_to_its_block_only(world: World, attempts: list[float]):
    with within(1):
        read(world)
    read(world)

    assert len(attempts) == 5


def test_pause_never_exceeds_the_deadline(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("random.uniform", lambda _, most: most)
    code = {"Code": "ThrottlingException", "Message": ""}
    throttled = ClientError({"Error": code}, "GetItem")

    def throttle(**_: Any) -> None:
        raise throttled

    world.tables.database.client.meta.events.register("before-call.dynamodb", throttle)
    with within(0.1):
        read(world)

    assert clock.now < 0.1


def test_deadline_is_per_thread_and_can_be_passed_on(
    world: World, attempts: list[float], clock: Clock
):
    with within(1) as deadline:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(read, world).result()
        assert len(attempts) == 4

        with ThreadPoolExecutor(1, initializer=stop_at, initargs=(deadline,)) as pool:
            pool.submit(read, world).result()
        assert len(attempts) == 4


def test_job_stops_retrying_at_its_deadline(world: World, clock: Clock):
    """This includes the threads that read the events of several rows at a time."""
    world.send(page_view("/"))
    started: list[float] = []
    hook = timing_out(clock, 3, started)
    world.tables.database.client.meta.events.register("before-call.dynamodb.Query", hook)

    with suppress(Unavailable):
        run_minute_job(world.context(minutes(60)), remaining_ms=lambda: 7_000)

    assert len(started) == 2
    assert max(started) < 7 - SECONDS_TO_END


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_unknown_service_error_is_retried(world: World, status: int):
    left = [2]
    response: Any = {
        "Error": {"Code": str(status), "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }

    def fail(**_: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise ClientError(response, "GetItem")

    world.tables.database.client.meta.events.register("before-call.dynamodb.GetItem", fail)

    assert world.tables.database.get(world.settings.events_table, KEY) is None
    assert left == [0]


@pytest.fixture
def hanging_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[int]]]:
    """Return the address of a server that closes each connection, and its counter."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    taken: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                taken.append(1)
                connection.close()

        Thread(target=hang_up, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", taken
        server.shutdown(socket.SHUT_RDWR)


def test_client_does_not_retry_by_itself(
    hanging_up: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
):
    address, taken = hanging_up
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", address)

    with pytest.raises(Unavailable):
        Database(dynamodb_client()).get("any", KEY)

    assert len(taken) == retries.MAX_ATTEMPTS
