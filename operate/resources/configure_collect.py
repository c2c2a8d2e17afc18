"""Set what Chalice has no setting for on the function that collects, after `chalice deploy`:
its handler, its log, its reserved concurrency, its Function URL, and the permissions to call it
(operate/aws/collect_settings.py). Each setting is compared first, so that a second run changes
nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.settings import Settings
from devkit.infrastructure.concurrency import MIN_UNRESERVED, collect_concurrency
from operate.aws.account import Account, error_code
from operate.aws.collect_settings import (
    HANDLER,
    LOGGING,
    PERMISSIONS,
    WITHOUT_FUNCTION_URLS,
    grants,
    url_settings,
)
from operate.aws.stage import Stage


def configure_collect(stage: Stage, settings: Settings, account: Account) -> list[str]:
    """Apply all settings. Return what has changed, in words. The permissions come last, so that
    no request reaches the function before its concurrency is limited."""
    changes = [*_function_settings(stage, account), *_concurrency(stage, settings, account)]
    if account.region in WITHOUT_FUNCTION_URLS:
        return changes
    return [*changes, *_url(stage, settings, account), *_permissions(stage, account)]


def function_url(stage: Stage, account: Account) -> str | None:
    """Return the address of the function, without a slash at the end; None if it has none."""
    url = url_configuration(stage, account).get("FunctionUrl")
    return str(url).rstrip("/") if url else None


def url_configuration(stage: Stage, account: Account) -> dict[str, Any]:
    """Return the configuration of the Function URL, empty if there is none."""
    client = account.client("lambda")
    try:
        found: dict[str, Any] = client.get_function_url_config(
            FunctionName=stage.collect_function
        )
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return {}
    return found


def is_configured(url: dict[str, Any], settings: Settings) -> bool:
    """Whether a URL has our settings. AWS may return names of headers in lower case, in another
    order."""
    expected = url_settings(settings.cors_origin)
    return all(_normal(url.get(name)) == _normal(value) for name, value in expected.items())


def missing_permissions(stage: Stage, account: Account) -> list[str]:
    """Return the ids of the statements that the function's policy lacks."""
    statements = _statements(stage, account)
    return [
        sid
        for sid, permission in PERMISSIONS.items()
        if not grants(statements.get(sid, {}), permission)
    ]


def expected_concurrency(stage: Stage, settings: Settings, account: Account) -> int | None:
    """Return what config.json reserves; else what the request limit needs, or None if the
    account's quota is too small for it."""
    configured = stage.reserved_concurrency.get(stage.collect_function)
    if configured is not None:
        return configured
    needed = collect_concurrency(settings.rate_limit_per_minute)
    limit = account.client("lambda").get_account_settings()["AccountLimit"]
    free = limit["UnreservedConcurrentExecutions"] + (given_concurrency(stage, account) or 0)
    return needed if free - needed >= MIN_UNRESERVED else None


def unlimited_note(stage: Stage, settings: Settings) -> str:
    """Say what bounds the bill of the Function URL without reserved concurrency."""
    needed = collect_concurrency(settings.rate_limit_per_minute)
    return (
        f"the account's quota of concurrent executions is too small to reserve {needed:,} of "
        f"them for {stage.collect_function}: AWS keeps {MIN_UNRESERVED} unreserved. Until you "
        "request a higher one under Service Quotas, AWS Lambda, Concurrent executions, that "
        "quota limits the requests to the Function URL, and MAX_USD the cost of the tables."
    )


def given_concurrency(stage: Stage, account: Account) -> int | None:
    """Return the reserved concurrency that the function has."""
    answer = account.client("lambda").get_function_concurrency(
        FunctionName=stage.collect_function
    )
    reserved: int | None = answer.get("ReservedConcurrentExecutions")
    return reserved


def _function_settings(stage: Stage, account: Account) -> Iterator[str]:
    """Replace Chalice's handler: a start then imports neither Chalice nor what only reading
    needs. Chalice sets the handler of a new function only. Drop Lambda's own log lines."""
    client, name = account.client("lambda"), stage.collect_function
    configuration = client.get_function_configuration(FunctionName=name)
    logging = configuration.get("LoggingConfig", {})
    changes: dict[str, Any] = {}
    if configuration["Handler"] != HANDLER:
        changes["Handler"] = HANDLER
        yield f"the handler of {name}"
    if any(logging.get(key) != value for key, value in LOGGING.items()):
        changes["LoggingConfig"] = LOGGING
        yield f"the log format of {name}"
    if changes:
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        client.update_function_configuration(FunctionName=name, **changes)
        client.get_waiter("function_updated_v2").wait(FunctionName=name)


def _concurrency(stage: Stage, settings: Settings, account: Account) -> Iterator[str]:
    """Chalice removes a reservation that config.json does not have at each deployment."""
    client, name = account.client("lambda"), stage.collect_function
    expected = expected_concurrency(stage, settings, account)
    if expected == given_concurrency(stage, account):
        return
    if expected is None:
        client.delete_function_concurrency(FunctionName=name)
        yield f"no reserved concurrency of {name}"
        return
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=expected)
    yield f"at most {expected:,} executions of {name} at once"


def _url(stage: Stage, settings: Settings, account: Account) -> Iterator[str]:
    client, name = account.client("lambda"), stage.collect_function
    expected = url_settings(settings.cors_origin)
    url = url_configuration(stage, account)
    if not url:
        client.create_function_url_config(FunctionName=name, **expected)
        yield f"the Function URL of {name}"
    elif not is_configured(url, settings):
        client.update_function_url_config(FunctionName=name, **expected)
        yield f"the settings of the Function URL of {name}"


def _permissions(stage: Stage, account: Account) -> Iterator[str]:
    client, name = account.client("lambda"), stage.collect_function
    present = _statements(stage, account)
    missing = missing_permissions(stage, account)
    for sid in missing:
        if sid in present:
            client.remove_permission(FunctionName=name, StatementId=sid)
        client.add_permission(FunctionName=name, StatementId=sid, **PERMISSIONS[sid])
    if missing:
        yield f"public access to the Function URL of {name}"


def _statements(stage: Stage, account: Account) -> dict[str, dict[str, Any]]:
    """Return the statements of the function's policy, by id."""
    try:
        answer = account.client("lambda").get_policy(FunctionName=stage.collect_function)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return {}
    return {one["Sid"]: one for one in json.loads(answer["Policy"])["Statement"]}


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        # Lambda adds defaults such as AllowCredentials: false.
        return {name: _normal(part) for name, part in value.items() if part}
    if isinstance(value, list):
        return sorted(str(part).lower() for part in value)
    return value
