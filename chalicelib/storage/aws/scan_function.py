"""The function that scans days of closed sessions, invoked by the API function.

scan(payload)     its answer; raises Unavailable when retries are exhausted
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any

from chalicelib.storage.aws.dynamodb_api import NoResponse
from chalicelib.storage.aws.retries import with_retries

NAME = "scan"
ANSWER_SECONDS = 6  # a late part is requested again
CONNECTIONS = 32
_MISSING = ("ResourceNotFoundException", "AccessDeniedException")


class FunctionMissing(Exception):
    """The function is not deployed, or must not be invoked."""


class ScanFunction:
    def __init__(self, name: str, client: Any = None) -> None:
        self.name = name
        self._given = client
        self._is_missing = False
        self._lock = Lock()

    def scan(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Raise Unavailable if the function does not answer in time, FunctionMissing if it is
        not deployed."""
        answer: dict[str, Any] = with_retries(self._invoke, body=json.dumps(payload).encode())
        return answer

    def _invoke(self, *, body: bytes) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        if self._is_missing:
            raise FunctionMissing(self.name)
        try:
            answer = self._client().invoke(FunctionName=self.name, Payload=body)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                self._is_missing = True
                raise FunctionMissing(self.name) from error
            raise
        content = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            # It ran out of time or memory, or it crashed.
            raise NoResponse(str(content.get("errorType", "no error type")))
        return dict(content)

    def _client(self) -> Any:
        with self._lock:
            if self._given is None:
                self._given = _lambda_client()
            return self._given


def scan_function_of(environment: Mapping[str, str]) -> ScanFunction | None:
    """Return the function of the same stage; None outside Lambda."""
    api_function = environment.get("AWS_LAMBDA_FUNCTION_NAME")
    return ScanFunction(f"{api_function}-{NAME}") if api_function else None


def _lambda_client() -> Any:
    """Return a client that makes one attempt a call, since `with_retries` retries."""
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        connect_timeout=2,
        read_timeout=ANSWER_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=CONNECTIONS,
        user_agent="liveinsight",
    )
    return get_session().create_client("lambda", config=config)
