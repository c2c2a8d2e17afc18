"""Set what Chalice has no setting for (operate/aws/gateway_settings.py), after `chalice
deploy`. Each setting is compared first, so that a second run changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.settings import Settings
from devkit.infrastructure.throttles import (
    method_throttles,
    parse_throttle,
    setting_key,
    stage_patch,
)
from operate.aws import gateway_settings
from operate.aws.account import Account, error_code
from operate.aws.stage import Stage

DEPLOYMENT_SECONDS = 5  # API Gateway allows one CreateDeployment in this time
DEPLOYMENT_ATTEMPTS = 4


def configure_gateway(
    stage: Stage, settings: Settings, account: Account, api_id: str
) -> list[str]:
    """Apply all settings. Return what has changed, in words."""
    return [
        *_gateway_responses(stage, settings, account, api_id),
        *_throttling(stage, settings, account, api_id),
        *_disable_job_retries(stage, account),
        *(
            _enable_tracing(stage, account)
            if stage.is_traced()
            else _disable_tracing(stage, account)
        ),
    ]


def _gateway_responses(
    stage: Stage, settings: Settings, account: Account, api_id: str
) -> Iterator[str]:
    """Set the gateway's own responses. `make deploy` includes them in the definition that
    Chalice deploys, but after `chalice deploy` by hand they are missing."""
    client = account.client("apigateway")
    expected = gateway_settings.gateway_responses(settings.cors_origin)
    given = {
        response["responseType"]: {
            name: response[name] for name in _RESPONSE_FIELDS if name in response
        }
        for response in client.get_gateway_responses(restApiId=api_id, limit=500)["items"]
        if not response.get("defaultResponse")
    }
    different = [kind for kind, response in expected.items() if given.get(kind) != response]
    for kind in different:
        client.put_gateway_response(restApiId=api_id, responseType=kind, **expected[kind])
    if different:
        _deploy_again(client, stage, api_id)
        yield "API Gateway's own responses (403, 413, 429 and others)"


def _deploy_again(client: Any, stage: Stage, api_id: str) -> None:
    """Deploy the API, and retry: API Gateway allows one deployment in five seconds, and Chalice
    may just have made one."""
    for attempt in range(1, DEPLOYMENT_ATTEMPTS + 1):
        try:
            client.create_deployment(
                restApiId=api_id,
                stageName=stage.api_stage,
                description="the gateway's own responses",
            )
        except ClientError as error:
            too_early = error_code(error) == "TooManyRequestsException"
            if not too_early or attempt == DEPLOYMENT_ATTEMPTS:
                raise
            time.sleep(DEPLOYMENT_SECONDS)
        else:
            return


_RESPONSE_FIELDS = ("statusCode", "responseParameters", "responseTemplates")


def _throttling(
    stage: Stage, settings: Settings, account: Account, api_id: str
) -> Iterator[str]:
    client = account.client("apigateway")
    current = client.get_stage(restApiId=api_id, stageName=stage.api_stage)
    given = current.get("methodSettings", {})
    different = {
        method: throttle
        for method, throttle in method_throttles(settings.rate_limit_per_minute).items()
        if parse_throttle(given.get(setting_key(method), {})) != throttle
    }
    if different:
        client.update_stage(
            restApiId=api_id, stageName=stage.api_stage, patchOperations=stage_patch(different)
        )
        yield f"throttling at {settings.rate_limit_per_minute:,} requests a minute"


def _disable_job_retries(stage: Stage, account: Account) -> Iterator[str]:
    client = account.client("lambda")
    for name in stage.scheduled_functions:
        try:
            is_now: Any = client.get_function_event_invoke_config(FunctionName=name)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            is_now = {}
        if any(
            is_now.get(key) != value for key, value in gateway_settings.JOB_INVOCATION.items()
        ):
            client.put_function_event_invoke_config(
                FunctionName=name, **gateway_settings.JOB_INVOCATION
            )
            yield f"no retries of {name}"


def _enable_tracing(stage: Stage, account: Account) -> Iterator[str]:
    client = account.client("xray")
    expected = gateway_settings.sampling_rule(stage.name)
    is_now = sampling_rule_of(stage, account)
    if is_now is None:
        client.create_sampling_rule(SamplingRule=expected)
    elif any(is_now.get(name) != value for name, value in expected.items()):
        changed = {name: value for name, value in expected.items() if name != "Version"}
        client.update_sampling_rule(SamplingRuleUpdate=changed)
    else:
        return
    yield "tracing of one request in a hundred"


def _disable_tracing(stage: Stage, account: Account) -> Iterator[str]:
    """Disable the tracing of functions, which Chalice enables but never disables."""
    client = account.client("lambda")
    traced = []
    for name in stage.functions:
        function = client.get_function_configuration(FunctionName=name)
        if function.get("TracingConfig", {}).get("Mode") == "Active":
            client.update_function_configuration(
                FunctionName=name, TracingConfig={"Mode": "PassThrough"}
            )
            client.get_waiter("function_updated_v2").wait(FunctionName=name)
            traced.append(name)
    if sampling_rule_of(stage, account):
        rule = gateway_settings.sampling_rule(stage.name)["RuleName"]
        account.client("xray").delete_sampling_rule(RuleName=rule)
        traced.append(rule)
    if traced:
        yield "no tracing"


def sampling_rule_of(stage: Stage, account: Account) -> dict[str, Any] | None:
    """Return the stage's sampling rule in the account."""
    name = gateway_settings.sampling_rule(stage.name)["RuleName"]
    for page in account.client("xray").get_paginator("get_sampling_rules").paginate():
        for record in page["SamplingRuleRecords"]:
            if record["SamplingRule"].get("RuleName") == name:
                rule: dict[str, Any] = record["SamplingRule"]
                return rule
    return None
