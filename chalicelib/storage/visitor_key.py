"""The visitor key: the secret with which user_ids are hashed before their sessions are packed.

A deployed function knows only the name of the parameter that holds the key in Parameter Store.
It reads the key once per process, when it first has a user_id to hash; collecting never does.
If the key cannot be read, nothing is hashed: with another key, everyone who has a user_id would
become a new visitor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.settings import Settings
from chalicelib.storage.aws.retries import Unavailable, attempts

RETRY_AFTER_SECONDS = 20  # after a failure; less than the minute between two runs of the job


class VisitorKey:
    """`client` makes a client of Parameter Store. It is called only if the key is there."""

    def __init__(self, settings: Settings, client: Callable[[], Any]) -> None:
        self._parameter = settings.visitor_key_parameter
        # VISITOR_KEY itself is for local use, and for the seconds of a deployment in which new
        # code runs with the environment of a release that still had it.
        is_known = settings.visitor_key or not self._parameter
        self._key = settings.visitor_key if is_known else None
        self._client = client
        self._lock = Lock()
        self._failure = ""
        self._retry_at = 0.0

    def for_users(self, user_ids: Iterable[str | None]) -> bytes:
        """Return the key, if one of these is a user_id to hash; else any key will do. Raise
        Unavailable if the key cannot be read."""
        return self.read() if any(user_ids) else b""

    def read(self) -> bytes:
        """Raise Unavailable if the key cannot be read."""
        with self._lock:  # the job reads several sessions at a time
            if self._key is None:
                self._key = self._fetched()
            return self._key

    def _fetched(self) -> bytes:
        if time.monotonic() < self._retry_at:
            raise Unavailable(self._failure)
        reason = "the deadline has passed"
        client = self._client()
        for _ in attempts():
            try:
                response = client.get_parameter(Name=self._parameter, WithDecryption=True)
            except ClientError as error:
                reason = error.response["Error"]["Code"]
            except BotoCoreError as error:
                reason = type(error).__name__
            else:
                return str(response["Parameter"]["Value"]).encode()
        self._failure = f"Parameter Store did not return {self._parameter}: {reason}"
        self._retry_at = time.monotonic() + RETRY_AFTER_SECONDS
        raise Unavailable(self._failure)
