"""The checks of `make doctor` for the function that collects: its Function URL, who may call
it, its handler, and what limits its requests."""

from __future__ import annotations

from collections.abc import Iterator

from devkit.infrastructure.concurrency import requests_per_second
from operate.aws.collect_settings import HANDLER, WITHOUT_FUNCTION_URLS
from operate.aws.stage import settings_of
from operate.console import join_words
from operate.inspect.findings import CheckContext, Finding, look, ok, wrong
from operate.resources.configure_collect import (
    expected_concurrency,
    given_concurrency,
    is_configured,
    missing_permissions,
    unlimited_note,
    url_configuration,
)

FUNCTION_URL = "Function URL"
COLLECT_LIMIT = "Limit of collecting"


def function_url(context: CheckContext) -> Iterator[Finding]:
    stage, account = context.stage, context.account
    name = stage.collect_function
    function = context.functions().get(name)
    if function is None:
        yield look(FUNCTION_URL, f"there is no function {name}. Run {context.deploy}.")
        return
    if account.region in WITHOUT_FUNCTION_URLS:
        yield ok(FUNCTION_URL, f"{account.region} has none; pages use the API's address.")
        return
    url = url_configuration(stage, account)
    if not url:
        yield wrong(FUNCTION_URL, f"{name} has none. Run {context.deploy}.")
        return
    missing = missing_permissions(stage, account)
    if missing:
        yield wrong(
            FUNCTION_URL,
            f"it answers 403, because the policy of {name} lacks {join_words(missing)}. Run "
            f"{context.deploy}.",
        )
    if not is_configured(url, settings_of(stage)):
        yield wrong(
            FUNCTION_URL,
            f"its authentication or CORS differs from CORS_ORIGIN. Run {context.deploy}.",
        )
    elif not missing:
        yield ok(FUNCTION_URL, f"{url['FunctionUrl']} is open to trackers.")
    if function["Handler"] != HANDLER:
        yield look(
            FUNCTION_URL,
            f"the handler of {name} is {function['Handler']}, which starts slower than "
            f"{HANDLER}. Run {context.deploy}.",
        )


def collect_limit(context: CheckContext) -> Iterator[Finding]:
    stage, account = context.stage, context.account
    name = stage.collect_function
    if name not in context.functions():
        return
    settings = settings_of(stage)
    expected = expected_concurrency(stage, settings, account)
    given = given_concurrency(stage, account)
    if given is not None and given == expected:
        yield ok(
            COLLECT_LIMIT,
            f"{name} has {given:,} reserved: at most {requests_per_second(given):,} requests "
            "a second.",
        )
    elif expected is None:
        yield look(COLLECT_LIMIT, unlimited_note(stage, settings))
    elif given is None:
        yield look(
            COLLECT_LIMIT,
            f"{name} has no reserved concurrency, so only the account's quota limits what a "
            f"flood costs. Run {context.deploy}, which reserves {expected:,}, or deploy the "
            f"single stack with CollectConcurrency={expected}.",
        )
    else:
        yield wrong(
            COLLECT_LIMIT,
            f"{name} has {given:,} reserved, but RATE_LIMIT_PER_MINUTE or .chalice/config.json "
            f"needs {expected:,}. Run {context.deploy}.",
        )
