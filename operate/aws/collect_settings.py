"""Settings of the collect function that Chalice does not have: its Function URL, who may call
it, and its handler.

Both ways to deploy use them. operate/build/single_stack.py adds them to the template; after
`chalice deploy`, operate/resources/configure_collect.py sets them by API calls.
"""

from __future__ import annotations

from typing import Any

from chalicelib.web import responses

# Chalice's own handler, app.collect_from_url, works too, but imports Chalice first.
HANDLER = "chalicelib.web.function_url.handle"
# Without Lambda's own lines for each request, which are longer than ours. Ours are printed, so
# the format does not change them.
LOGGING = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
AUTH_TYPE = "NONE"  # browsers cannot sign requests
# AWS, "Creating and managing Lambda function URLs". There, pages use the API's address.
WITHOUT_FUNCTION_URLS = (
    "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ca-west-1", "eu-central-2", "eu-south-2",
    "il-central-1", "me-central-1",
)  # fmt: skip

# By statement id: the names that the console uses. Since October 2025, a URL needs both; the
# second only allows invocations that come through the URL.
PERMISSIONS: dict[str, dict[str, Any]] = {
    "FunctionURLAllowPublicAccess": {
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": AUTH_TYPE,
    },
    "FunctionURLAllowInvokeAction": {
        "Action": "lambda:InvokeFunction",
        "Principal": "*",
        "InvokedViaFunctionUrl": True,
    },
}
_CONDITIONS = {
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def url_settings(origin: str) -> dict[str, Any]:
    """Return the settings of the URL. `origin` is CORS_ORIGIN. Lambda answers preflights
    itself, so OPTIONS is not listed."""
    return {
        "AuthType": AUTH_TYPE,
        "InvokeMode": "BUFFERED",
        "Cors": {
            "AllowHeaders": list(responses.ALLOWED_HEADERS),
            "AllowMethods": ["GET", "HEAD", "POST"],
            "AllowOrigins": [origin],
            "ExposeHeaders": list(responses.EXPOSED_HEADERS),
            "MaxAge": responses.PREFLIGHT_SECONDS,
        },
    }


def grants(statement: dict[str, Any], permission: dict[str, Any]) -> bool:
    """Whether a statement of the function's policy is the one that AddPermission makes of the
    permission."""
    conditions = {
        operator: {key: str(value).lower() if value is True else value}
        for name, (operator, key) in _CONDITIONS.items()
        if (value := permission.get(name)) is not None
    }
    return (
        statement.get("Effect") == "Allow"
        and statement.get("Action") == permission["Action"]
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition", {}) == conditions
    )
