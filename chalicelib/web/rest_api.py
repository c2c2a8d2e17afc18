"""The REST API's side of Chalice: CORS, and middleware for what all routes have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chalice.app import CORSConfig, Request, Response

from chalicelib.web import request_log, responses
from chalicelib.web.http_message import Headers, HttpResponse

if TYPE_CHECKING:
    from chalicelib.services.collect.collect import Outcome
    from chalicelib.settings import Settings

GetResponse = Callable[[Request], Response]


class RestResponse(Response):
    """A response with the outcomes of a collect request, for the log."""

    outcomes: Sequence[Outcome] | None = None


def cors(origin: str) -> CORSConfig:
    """Allow calls from any page, without cookies: reading needs a token that a page cannot
    know."""
    return CORSConfig(
        allow_origin=origin,
        allow_headers=list(responses.ALLOWED_HEADERS),
        expose_headers=list(responses.EXPOSED_HEADERS),
        max_age=responses.PREFLIGHT_SECONDS,
    )


def log_requests(
    settings: Callable[[], Settings],
) -> Callable[[Request, GetResponse], Response]:
    """Return a middleware that must come first: it logs the final response."""

    def middleware(request: Request, get_response: GetResponse) -> Response:
        began_ns = time.perf_counter_ns()
        response = get_response(request)
        assert isinstance(response, RestResponse)
        request_log.log_request(request, response, settings(), began_ns=began_ns)
        return response

    return middleware


def normalize_responses(origin: str) -> Callable[[Request, GetResponse], Response]:
    """Return a middleware that turns the responses of views into Chalice's, gives Chalice's own
    errors (405, 415, 500) the format of all others, and answers HEAD without a body."""

    def middleware(request: Request, get_response: GetResponse) -> Response:
        given = get_response(request)
        if isinstance(given.body, HttpResponse):
            response = _from_view(given.body, given.headers)
        else:
            response = _from_view(_error_of_chalice(given), {})
        for name, value in responses.common_headers(origin).items():
            response.headers.setdefault(name, value)
        if request.method == "HEAD":
            response.body = ""  # `chalice local` would send it
        return response

    return middleware


def _from_view(response: HttpResponse, cors_headers: Headers) -> RestResponse:
    result = RestResponse(response.body, {**cors_headers, **response.headers})
    result.status_code = response.status_code
    result.outcomes = response.outcomes
    return result


def _error_of_chalice(response: Response) -> HttpResponse:
    match response.status_code:
        case 405:
            return responses.method_not_allowed(str(response.headers["Allow"]))
        case 415:
            return responses.unsupported_content_type()
        case _:
            return responses.internal_error()
