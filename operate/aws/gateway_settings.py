"""What Chalice has no setting for: the gateway's own answers, sampling, retries. Throttling is
in devkit/infrastructure/throttles.py.

Both ways of deploying share it. `operate/build/single_stack.py` puts it into the template;
after `chalice deploy` the same values go out in calls:

    gateway_responses(...)   in the API's definition; where `chalice deploy` was typed by hand,
                             apigateway PutGatewayResponse, one call a type, then a deployment
    JOB_INVOCATION           lambda PutFunctionEventInvokeConfig, of the scheduled job
    sampling_rule(...)       xray CreateSamplingRule or UpdateSamplingRule
"""

from __future__ import annotations

import json
from typing import Any

APP = "liveinsight"  # what Chalice calls the API, and how its functions' names begin
JOB = "expire_sessions"
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"  # where a definition has them
RETRY_AFTER_SECONDS = 2
SAMPLED_SHARE = 0.01  # X-Ray's own default would trace the first request of each second
SAMPLING_PRIORITY = 9_000  # before the account's default rule, after any other

# A run that failed is not repeated: the next one comes within a minute and does its work. One
# that could not begin for a minute is dropped for the same reason.
JOB_INVOCATION = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}

# What the gateway may log of a request, also of one that it answers itself: no address, no
# query, and of the path the pattern.
ACCESS_LOG = json.dumps(
    {
        "request": "$context.requestId",
        "route": "$context.httpMethod $context.resourcePath",
        "status": "$context.status",
        "ms": "$context.responseLatency",
        "refused": "$context.error.responseType",
    }
)

# What API Gateway says of itself, $context.error.messageString, is a JSON string.
_ANSWERS = {
    "MISSING_AUTHENTICATION_TOKEN": (
        403,
        '"There is nothing at this path, or not for this method."',
    ),
    "REQUEST_TOO_LARGE": (413, '"The body must be at most 64 KB after unpacking."'),
    "THROTTLED": (429, '"Too many requests at once; send this one again in a moment."'),
    "INTEGRATION_TIMEOUT": (504, '"There was no answer in time; send the request again."'),
    "DEFAULT_4XX": (None, "$context.error.messageString"),
    "DEFAULT_5XX": (None, '"Something went wrong here; send the request again later."'),
}
_RETRIED = frozenset({"THROTTLED", "INTEGRATION_TIMEOUT"})


def function_name(stage: str, function: str) -> str:
    """As Chalice names it: the API's function has the name of the app and stage alone."""
    name = f"{APP}-{stage}"
    return name if function == "api_handler" else f"{name}-{function}"


def visitor_key_parameter(stage: str) -> str:
    """Where Parameter Store has the key with which the stage's user_ids are hashed."""
    return f"/{APP}/{stage}/visitor-key"


def gateway_responses(origin: str) -> dict[str, dict[str, Any]]:
    """By type, as in docs/reference/api.md; the values are parameters of PutGatewayResponse and
    of Swagger alike. `origin` is CORS_ORIGIN."""
    return {kind: _response(kind, origin) for kind in _ANSWERS}


def _response(kind: str, origin: str) -> dict[str, Any]:
    status, message = _ANSWERS[kind]
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After,x-liveinsight-dropped",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if kind in _RETRIED:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return {
        **({"statusCode": str(status)} if status else {}),
        "responseParameters": {
            f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()
        },
        "responseTemplates": {
            "application/json": f'{{"status": "error", "message": {message}}}'
        },
    }


def sampling_rule(stage: str) -> dict[str, Any]:
    """One request in a hundred, and none besides."""
    return {
        "RuleName": f"{APP}-{stage}",
        "Priority": SAMPLING_PRIORITY,
        "FixedRate": SAMPLED_SHARE,
        "ReservoirSize": 0,
        "ServiceName": f"{APP}/{stage}",  # how X-Ray names a stage of an API
        "ServiceType": "*",
        "Host": "*",
        "HTTPMethod": "*",
        "URLPath": "*",
        "ResourceARN": "*",
        "Version": 1,
    }
