"""Builds every response, in the formats of docs/reference/api.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chalice.app import CORSConfig, Request, Response

from chalicelib.services.collect.collect import Outcome, OutcomeStatus

if TYPE_CHECKING:
    from chalicelib.presentation.session_file import SessionFile

DROPPED_HEADER = "x-liveinsight-dropped"
CURSOR_HEADER = "x-liveinsight-cursor"
RETRY_AFTER_SECONDS = 2
# A GIF of one pixel without a colour table: all of its bytes are ASCII, so it travels as text.
_PIXEL = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
Headers = dict[str, str | list[str]]
_NO_STORE: Headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class CollectResponse(Response):
    """A response to a collect request, with the outcomes of its events for the log."""

    outcomes: Sequence[Outcome] = ()


def cors(origin: str) -> CORSConfig:
    """Allow calls from any page, without cookies: reading needs a token that a page cannot
    know."""
    return CORSConfig(
        allow_origin=origin,
        allow_headers=["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key"],
        expose_headers=["Retry-After", DROPPED_HEADER, CURSOR_HEADER],
        max_age=86_400,
    )


def success(data: Any, status: int = 200, headers: Headers | None = None) -> Response:
    body = {"status": "success", "data": data}
    return Response(body, headers=_NO_STORE | (headers or {}), status_code=status)


def error(status: int, sentence: str, headers: Headers | None = None) -> Response:
    body = {"status": "error", "message": sentence}
    return Response(body, headers=_NO_STORE | (headers or {}), status_code=status)


def not_found(name: str) -> Response:
    return error(404, f"There is no file {name[:100]!r}.")


def no_session(session_id: str) -> Response:
    return error(404, f"No session has the session_id {session_id[:128]!r}.")


def export_response(file: SessionFile) -> Response:
    """Return a file; a header has the cursor of the next page, if there is one."""
    headers: Headers = {
        "Content-Type": file.content_type,
        "Content-Disposition": f'attachment; filename="{file.filename}"',
        "Cache-Control": "no-store",
    }
    cursor: Headers = {CURSOR_HEADER: file.cursor} if file.cursor else {}
    return Response(file.text, headers=headers | cursor)


def unavailable(sentence: str) -> Response:
    return error(503, sentence, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def collect_response(outcomes: Sequence[Outcome], *, as_array: bool) -> CollectResponse:
    reply = _collected_array(outcomes) if as_array else _collected_one(outcomes[0])
    return _with_outcomes(outcomes, reply)


def pixel(outcome: Outcome) -> CollectResponse:
    """Return an image of one pixel, whether or not the page view counts."""
    return _with_outcomes([outcome], _pixel(outcome))


def _with_outcomes(outcomes: Sequence[Outcome], response: Response) -> CollectResponse:
    reply = CollectResponse(response.body, response.headers, response.status_code)
    reply.outcomes = outcomes
    return reply


def _pixel(outcome: Outcome) -> Response:
    if outcome.status is OutcomeStatus.INVALID:
        return error(400, outcome.message)
    headers: Headers = {"Content-Type": "image/gif", "Cache-Control": "no-store"}
    dropped: Headers = {DROPPED_HEADER: outcome.drop_reason} if outcome.drop_reason else {}
    return Response(_PIXEL, headers=headers | dropped)


def _collected_one(outcome: Outcome) -> Response:
    if outcome.status is OutcomeStatus.INVALID:
        return error(400, outcome.message)
    if outcome.drop_reason:
        return success(
            {"dropped": outcome.drop_reason}, 202, {DROPPED_HEADER: outcome.drop_reason}
        )
    body = {
        "message": outcome.first_message or outcome.message,
        "event_id": outcome.event_id,
        "session_id": outcome.session_id,
    }
    return Response(body, headers=dict(_NO_STORE))


def _collected_array(outcomes: Sequence[Outcome]) -> Response:
    results = [
        {
            "event_id": outcome.event_id,
            "session_id": outcome.session_id,
            "status": outcome.status,
            "message": outcome.message,
        }
        for outcome in outcomes
    ]
    stored = sum(
        outcome.status in (OutcomeStatus.STORED, OutcomeStatus.DUPLICATE)
        for outcome in outcomes
    )
    session_ids = [outcome.session_id for outcome in outcomes if outcome.session_id]
    body = {
        "message": f"{stored} of {len(outcomes)} events processed successfully",
        "session_id": session_ids[-1] if session_ids else None,
        "results": results,
    }
    reasons = sorted({outcome.drop_reason for outcome in outcomes if outcome.drop_reason})
    dropped: Headers = {DROPPED_HEADER: ", ".join(reasons)} if reasons else {}
    return Response(body, headers=_NO_STORE | dropped)


def normalize_errors(
    origin: str,
) -> Callable[[Request, Callable[[Request], Response]], Response]:
    """Return a middleware that gives Chalice's own errors (405, 415, 500) the format of all
    others, and answers HEAD without a body."""

    def middleware(request: Request, get_response: Callable[[Request], Response]) -> Response:
        response = get_response(request)
        if isinstance(response.body, dict) and "Code" in response.body:
            kept = {name: value for name, value in response.headers.items() if name == "Allow"}
            response = error(response.status_code, _message(response), kept)
        response.headers.setdefault("Access-Control-Allow-Origin", origin)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.method == "HEAD":
            response.body = ""  # `chalice local` would send it
        return response

    return middleware


def _message(response: Response) -> str:
    if response.status_code == 500:
        return "Internal server error. It has been logged; please retry later."
    if response.status_code == 405:
        return f"Method not allowed; use {response.headers.get('Allow', 'another method')}."
    if response.status_code == 415:
        return "Content-Type must be application/json or text/plain."
    return str(response.body["Message"])
