"""Builds every response, in the formats of docs/reference/api.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.services.collect.collect import Outcome, OutcomeStatus
from chalicelib.web.http_message import Headers, HttpResponse

if TYPE_CHECKING:
    from chalicelib.presentation.session_file import SessionFile

DROPPED_HEADER = "x-liveinsight-dropped"
CURSOR_HEADER = "x-liveinsight-cursor"
# CORS: browsers may send and show these to any page.
ALLOWED_HEADERS = (
    "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "Authorization", "X-Api-Key",
)  # fmt: skip
EXPOSED_HEADERS = ("Retry-After", DROPPED_HEADER, CURSOR_HEADER)
PREFLIGHT_SECONDS = 86_400
RETRY_AFTER_SECONDS = 2
# A GIF of one pixel without a colour table: all of its bytes are ASCII, so it travels as text.
_PIXEL = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
_NO_STORE: Headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def success(data: Any, status: int = 200, headers: Headers | None = None) -> HttpResponse:
    body = {"status": "success", "data": data}
    return HttpResponse(body, headers=_NO_STORE | (headers or {}), status_code=status)


def error(status: int, sentence: str, headers: Headers | None = None) -> HttpResponse:
    body = {"status": "error", "message": sentence}
    return HttpResponse(body, headers=_NO_STORE | (headers or {}), status_code=status)


def not_found(name: str) -> HttpResponse:
    return error(404, f"There is no file {name[:100]!r}.")


def no_session(session_id: str) -> HttpResponse:
    return error(404, f"No session has the session_id {session_id[:128]!r}.")


def export_response(file: SessionFile) -> HttpResponse:
    """Return a file; a header has the cursor of the next page, if there is one."""
    headers: Headers = {
        "Content-Type": file.content_type,
        "Content-Disposition": f'attachment; filename="{file.filename}"',
        "Cache-Control": "no-store",
    }
    cursor: Headers = {CURSOR_HEADER: file.cursor} if file.cursor else {}
    return HttpResponse(file.text, headers=headers | cursor)


def unavailable(sentence: str) -> HttpResponse:
    return error(503, sentence, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def internal_error() -> HttpResponse:
    return error(500, "Internal server error. It has been logged; please retry later.")


def method_not_allowed(allowed: str) -> HttpResponse:
    sentence = f"Method not allowed; use {allowed or 'another method'}."
    return error(405, sentence, {"Allow": allowed} if allowed else {})


def unsupported_content_type() -> HttpResponse:
    return error(415, "Content-Type must be application/json or text/plain.")


def common_headers(origin: str) -> Headers:
    """Return the headers that every response has. Pages of `origin` may read it."""
    return {**_cors_headers(origin), "X-Content-Type-Options": "nosniff"}


def preflight_headers(origin: str, methods: Iterable[str]) -> Headers:
    """Return the headers of the response to a preflight request."""
    return {
        **_cors_headers(origin),
        "Access-Control-Allow-Headers": ",".join(sorted(ALLOWED_HEADERS)),
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        "Access-Control-Allow-Methods": ",".join([*methods, "OPTIONS"]),
    }


def _cors_headers(origin: str) -> Headers:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS),
    }


def collect_response(outcomes: Sequence[Outcome], *, as_array: bool) -> HttpResponse:
    response = _collected_array(outcomes) if as_array else _collected_one(outcomes[0])
    response.outcomes = outcomes
    return response


def pixel(outcome: Outcome) -> HttpResponse:
    """Return an image of one pixel, whether or not the page view counts."""
    response = _pixel(outcome)
    response.outcomes = [outcome]
    return response


def _pixel(outcome: Outcome) -> HttpResponse:
    if outcome.status is OutcomeStatus.INVALID:
        return error(400, outcome.message)
    headers: Headers = {"Content-Type": "image/gif", "Cache-Control": "no-store"}
    dropped: Headers = {DROPPED_HEADER: outcome.drop_reason} if outcome.drop_reason else {}
    return HttpResponse(_PIXEL, headers=headers | dropped)


def _collected_one(outcome: Outcome) -> HttpResponse:
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
    return HttpResponse(body, headers=dict(_NO_STORE))


def _collected_array(outcomes: Sequence[Outcome]) -> HttpResponse:
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
    return HttpResponse(body, headers=_NO_STORE | dropped)
