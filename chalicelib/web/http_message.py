"""Requests and responses, whichever gateway they come through: API Gateway, for which Chalice
has types of its own (rest_api.py), or a Function URL (function_url.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from chalicelib.services.collect.collect import Outcome

Headers = dict[str, str | list[str]]


class Gateway(Enum):
    """What passes requests on. It decides which headers a caller cannot set."""

    REST_API = "API Gateway"
    FUNCTION_URL = "Lambda Function URL"


class HttpRequest(Protocol):
    """A request. The names of `headers` are in lower case, or their case does not matter."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def query_params(self) -> Mapping[str, str] | None: ...

    @property
    def raw_body(self) -> bytes | str: ...

    @property
    def context(self) -> Mapping[str, Any]:
        """The gateway's `requestId`, and the caller's address as `identity.sourceIp`."""


@dataclass(slots=True)
class HttpResponse:
    """A response. A `body` that is not text is sent as JSON. `gzipped` is the body as the build
    has compressed it, if it has; `outcomes` are those of a collect request, for the log."""

    body: Any
    headers: Headers = field(default_factory=dict)
    status_code: int = 200
    gzipped: bytes = b""
    outcomes: Sequence[Outcome] | None = None


class HttpError(Exception):
    """A rejected request; the status and the sentence go to the caller."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers: Headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
