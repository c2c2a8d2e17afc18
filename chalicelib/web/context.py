"""What every request of a process shares: the settings and the tables, each made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache, wraps

from chalice.app import Response

from chalicelib.domain.invalid_query import InvalidQuery
from chalicelib.settings import Settings
from chalicelib.storage.dynamodb import Unavailable
from chalicelib.storage.tables import Tables, open_tables
from chalicelib.web import reply
from chalicelib.web.read import RefusedRequest


@lru_cache(maxsize=1)
def settings() -> Settings:
    return Settings.from_environment(os.environ)


@lru_cache(maxsize=1)
def tables() -> Tables:
    return open_tables(settings())


def start() -> None:
    """Check the settings and make the client while the function starts, where Lambda gives it a
    full processor. Not where the app is only packaged: then there are no settings."""
    if "EVENTS_TABLE" in os.environ:
        tables()


def answered(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view whose refusals become replies."""

    @wraps(view)
    def answer(*args: str, **kwargs: str) -> Response:
        try:
            return view(*args, **kwargs)
        except RefusedRequest as refused:
            return reply.error(refused.status, str(refused), refused.headers)
        except InvalidQuery as invalid:
            return reply.error(400, invalid.sentence)
        except Unavailable:
            return reply.unavailable()

    return answer
