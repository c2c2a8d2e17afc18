"""What all requests of a process share: settings and tables, created once, and the time limit
of a request.

The function has 28 seconds and a DynamoDB attempt takes up to seven, so a read without a
response fails in time to report it. A collect request gives up sooner: the tracker retries it,
and a waiting function costs as much as a working one."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from chalicelib import telemetry
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.settings import Settings
from chalicelib.storage.aws.retries import Unavailable, within
from chalicelib.storage.tables import Tables, connect
from chalicelib.web import responses
from chalicelib.web.http_message import HttpError, HttpResponse

if TYPE_CHECKING:
    from chalicelib.storage.aws.api_function import ApiFunction

View = Callable[..., HttpResponse]

COLLECT_SECONDS = 4.0
READ_SECONDS = 20.0
JOB = "expire_sessions"


@lru_cache(maxsize=1)
def settings() -> Settings:
    return Settings.from_environment(os.environ)


@lru_cache(maxsize=1)
def tables() -> Tables:
    return connect(settings())


def api_function(job: Any) -> ApiFunction | None:
    """Return the API function for the job to invoke; `job` is the job's Lambda context. None
    outside Lambda."""
    from chalicelib.storage.aws.api_function import ApiFunction, api_function_of

    arn = getattr(job, "invoked_function_arn", "")
    return ApiFunction(api_function_of(arn, JOB)) if arn else None


def warm_up() -> None:
    """Check the settings and create the client during the cold start, which has a full
    processor. Skipped while packaging, where there are no settings."""
    if "EVENTS_TABLE" in os.environ:
        tables()
        if settings().trusted_proxies and not settings().edge_secret_hashes:
            telemetry.log(
                "TRUSTED_PROXIES has no effect, because EDGE_SECRET_HASHES is empty: see "
                "docs/how-to/use-your-own-domain.md, Proxies"
            )


def _answering(
    seconds: float, unavailable: str, *, waits_at_maximum: bool = True
) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def answer(*args: Any, **kwargs: Any) -> HttpResponse:
            try:
                with within(seconds, waits_at_maximum=waits_at_maximum):
                    return view(*args, **kwargs)
            except HttpError as refused:
                return responses.error(refused.status, str(refused), refused.headers)
            except InvalidQuery as invalid:
                return responses.error(400, invalid.sentence)
            except Unavailable:
                return responses.unavailable(unavailable)

        return answer

    return decorate


# Decorators of views: refusals become replies, and a database that does not answer a 503.
handle_errors = _answering(
    READ_SECONDS, "The database is unavailable or throttling reads. Try again in a few seconds."
)
collect_requests = _answering(
    COLLECT_SECONDS,
    "The database is unavailable or throttling writes. Send the request again; an event with "
    "an event_id is not counted twice.",
    waits_at_maximum=False,  # trackers send the event again, and waiting is billed
)
# Open to anybody, like collecting.
check_requests = _answering(READ_SECONDS, "The tables do not respond.", waits_at_maximum=False)
