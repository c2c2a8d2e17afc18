"""Settings that Chalice does not have: API Gateway's own responses, sampling and retries.
Throttling is in devkit/infrastructure/throttles.py.

Both ways to deploy use them. operate/build/single_stack.py adds them to the template; after
`chalice deploy`, operate/resources/configure_gateway.py sets them by API calls:

    gateway_responses(...)   part of the API's definition; after `chalice deploy` by hand,
                             apigateway PutGatewayResponse for each type, then a deployment
    JOB_INVOCATION           lambda PutFunctionEventInvokeConfig, for the scheduled job
    sampling_rule(...)       xray CreateSamplingRule or UpdateSamplingRule
"""

from __future__ import annotations

import json
from typing import Any

APP = "liveinsight"  # Chalice's name of the API, and the prefix of its functions' names
JOB = "expire_sessions"
SCAN = "scan"  # scans days of long periods, invoked by the API's function
COLLECT = "collect"  # behind its own Function URL: operate/aws/collect_settings.py
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"  # their key in a definition
RETRY_AFTER_SECONDS = 2
SAMPLED_SHARE = 0.01  # X-Ray's own default would trace the first request of each second
SAMPLING_PRIORITY = 9_000  # above the account's default rule, below any other

# Lambda does not retry a failed run, because the next one starts within a minute and does its
# work. A run that could not start within a minute is dropped for the same reason.
JOB_INVOCATION = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}

# The access log has no addresses, no queries and only the patterns of paths.
ACCESS_LOG = json.dumps(
    {
        "request": "$context.requestId",
        "route": "$context.httpMethod $context.resourcePath",
        "status": "$context.status",
        "ms": "$context.responseLatency",
        "error": "$context.error.responseType",
    }
)

# $context.error.messageString, API Gateway's own message, is a JSON string.
_RESPONSES = {
    "MISSING_AUTHENTICATION_TOKEN": (
        403,
        '"Not found."',
    ),
    "REQUEST_TOO_LARGE": (413, '"The body must be at most 64 KB after decompression."'),
    "THROTTLED": (429, '"Too many requests. Please retry in a moment."'),
    "INTEGRATION_TIMEOUT": (504, '"The request timed out. Please retry."'),
    "DEFAULT_4XX": (None, "$context.error.messageString"),
    "DEFAULT_5XX": (None, '"Internal server error. Please retry later."'),
}
_RETRIED = frozenset({"THROTTLED", "INTEGRATION_TIMEOUT"})


def function_name(stage: str, function: str) -> str:
    """Return the name that Chalice gives to the function. That of the API's function is only
    the app and the stage."""
    name = f"{APP}-{stage}"
    return name if function == "api_handler" else f"{name}-{function}"


def visitor_key_parameter(stage: str) -> str:
    """Return the name in Parameter Store of the key that hashes the stage's user IDs."""
    return f"/{APP}/{stage}/visitor-key"


def gateway_responses(origin: str) -> dict[str, dict[str, Any]]:
    """Return the responses by type, as docs/reference/api.md describes them, in the form of
    both PutGatewayResponse and Swagger. `origin` is CORS_ORIGIN."""
    return {kind: _response(kind, origin) for kind in _RESPONSES}


def _response(kind: str, origin: str) -> dict[str, Any]:
    status, message = _RESPONSES[kind]
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
    """Trace one request in a hundred, and no others."""
    return {
        "RuleName": f"{APP}-{stage}",
        "Priority": SAMPLING_PRIORITY,
        "FixedRate": SAMPLED_SHARE,
        "ReservoirSize": 0,
        "ServiceName": f"{APP}/{stage}",  # X-Ray's name for a stage of an API
        "ServiceType": "*",
        "Host": "*",
        "HTTPMethod": "*",
        "URLPath": "*",
        "ResourceARN": "*",
        "Version": 1,
    }
