"""The template of a single stack, for teams with a pipeline: `chalice package`'s template
merged with infra/resources.yaml, operate/aws/gateway_settings.py and
devkit/infrastructure/throttles.py.

The functions have the names that `chalice deploy` gives them, so log groups, alarms and
policies are the same. A stage is deployed in one of the two ways and cannot switch, because the
names would be taken.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from devkit.infrastructure.throttles import method_settings
from operate.aws import collect_settings, gateway_settings

Template = dict[str, Any]

_ACCESS_LOGS: Template = {
    "Type": "String",
    "Default": "off",
    "AllowedValues": ["on", "off"],
    "Description": "Whether API Gateway logs each request. The account must have a role for "
    "its logs, in API Gateway's settings.",
}

_COLLECT_CONCURRENCY: Template = {
    "Type": "String",
    "Default": "",
    "AllowedPattern": "|[1-9][0-9]*",
    "ConstraintDescription": "a number, or empty",
    "Description": "How many requests to the Function URL run at once: its reserved "
    "concurrency. AWS keeps 100 of the account unreserved. If empty, config.json's, else none.",
}

# The logical ids of each function and its log group, in Chalice's template and in
# infra/resources.yaml.
FUNCTIONS = {
    "api_handler": ("APIHandler", "ApiLogs"),
    gateway_settings.COLLECT: ("Collect", "CollectLogs"),
    gateway_settings.SCAN: ("Scan", "ScanLogs"),
    gateway_settings.JOB: ("ExpireSessions", "ExpireSessionsLogs"),
}
TABLES = {
    "EVENTS_TABLE": "EventsTable",
    "SESSIONS_TABLE": "SessionsTable",
    "ACTIVE_SESSIONS_TABLE": "ActiveSessionsTable",
    "ROLLUPS_TABLE": "RollupsTable",
}
# Secrets are parameters, with config.json's value as the default.
SECRETS = {"READ_TOKEN_HASHES": "ReadTokenHashes"}


def single_stack_template(
    app: Template, resources: Template, stage: str, environment: Mapping[str, str]
) -> Template:
    """Merge the templates. `app` is Chalice's, `environment` the stage's in config.json."""
    merged = copy.deepcopy(app)
    for section in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
        ours = copy.deepcopy(resources[section])
        taken = set(merged.get(section, {})) & set(ours)
        assert not taken, f"both templates have {sorted(taken)}"
        merged[section] = {**ours, **merged.get(section, {})}
    merged["Description"] = f"LiveInsight, stage {stage}: the app and its resources."
    merged["Parameters"]["Stage"] |= {
        "Default": stage,
        "AllowedPattern": stage,
        "ConstraintDescription": f"must be {stage}: each stage has its own package",
    }
    merged["Parameters"] |= _secrets(environment) | {
        "AccessLogs": _ACCESS_LOGS,
        "CollectConcurrency": _COLLECT_CONCURRENCY,
    }
    merged["Conditions"]["HasAccessLogs"] = {"Fn::Equals": [{"Ref": "AccessLogs"}, "on"]}
    for function, (logical_id, log_group) in FUNCTIONS.items():
        _complete_function(merged["Resources"][logical_id], function, log_group, stage)
    _add_function_url(merged, environment)
    job = merged["Resources"][FUNCTIONS[gateway_settings.JOB][0]]
    job["Properties"]["EventInvokeConfig"] = dict(gateway_settings.JOB_INVOCATION)
    api = merged["Resources"]["RestAPI"]["Properties"]
    _complete_api(api, environment)
    handler = merged["Resources"][FUNCTIONS["api_handler"][0]]["Properties"]
    api["TracingEnabled"] = handler.get("Tracing") == "Active"
    if api["TracingEnabled"]:
        merged["Resources"]["Sampling"] = {
            "Type": "AWS::XRay::SamplingRule",
            "Properties": {"SamplingRule": gateway_settings.sampling_rule(stage)},
        }
    return merged


def _secrets(environment: Mapping[str, str]) -> Template:
    return {
        parameter: {
            "Type": "String",
            "Default": environment.get(variable, ""),
            "NoEcho": True,
            "Description": f"{variable}, as docs/reference/settings.md describes it.",
        }
        for variable, parameter in SECRETS.items()
    }


def _complete_function(resource: Template, function: str, log_group: str, stage: str) -> None:
    """Make the function depend on its log group: Lambda would create one whose entries never
    expire."""
    properties = resource["Properties"]
    properties["FunctionName"] = gateway_settings.function_name(stage, function)
    resource["DependsOn"] = log_group
    variables = properties["Environment"]["Variables"]
    variables |= {name: {"Ref": logical_id} for name, logical_id in TABLES.items()}
    variables |= {name: {"Ref": parameter} for name, parameter in SECRETS.items()}
    variables["VISITOR_KEY_PARAMETER"] = gateway_settings.visitor_key_parameter(stage)


def _add_function_url(merged: Template, environment: Mapping[str, str]) -> None:
    """Complete the function that collects.

    SAM's FunctionUrlConfig has no condition, and some regions have no Function URLs. So its URL
    and the permissions are separate resources.
    """
    function, _ = FUNCTIONS[gateway_settings.COLLECT]
    properties = merged["Resources"][function]["Properties"]
    properties["Handler"] = collect_settings.HANDLER
    properties["LoggingConfig"] = dict(collect_settings.LOGGING)
    merged["Conditions"] |= {
        "HasFunctionUrl": {
            "Fn::Not": [
                {
                    "Fn::Or": [
                        {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}
                        for region in collect_settings.WITHOUT_FUNCTION_URLS
                    ]
                }
            ]
        },
        "HasCollectConcurrency": {
            "Fn::Not": [{"Fn::Equals": [{"Ref": "CollectConcurrency"}, ""]}]
        },
    }
    properties["ReservedConcurrentExecutions"] = {
        "Fn::If": [
            "HasCollectConcurrency",
            {"Ref": "CollectConcurrency"},
            properties.get("ReservedConcurrentExecutions", {"Ref": "AWS::NoValue"}),
        ]
    }
    name = {"Ref": function}
    url = collect_settings.url_settings(environment.get("CORS_ORIGIN") or "*")
    merged["Resources"]["CollectUrl"] = _with_url(
        "AWS::Lambda::Url", {"TargetFunctionArn": name, **url}
    )
    for sid, permission in collect_settings.PERMISSIONS.items():
        merged["Resources"][sid] = _with_url(
            "AWS::Lambda::Permission", {"FunctionName": name, **permission}
        )
    merged["Outputs"]["CollectUrl"] = {
        "Condition": "HasFunctionUrl",
        "Description": "Address of the function that collects. It also serves tracker.js.",
        "Value": {"Fn::GetAtt": ["CollectUrl", "FunctionUrl"]},
    }


def _with_url(kind: str, properties: Template) -> Template:
    return {"Type": kind, "Condition": "HasFunctionUrl", "Properties": properties}


def _complete_api(properties: Template, environment: Mapping[str, str]) -> None:
    rate = int(environment.get("RATE_LIMIT_PER_MINUTE") or 1000)
    properties |= {
        "OpenApiVersion": "2.0",  # else SAM makes a second stage, called Stage
        "MethodSettings": method_settings(rate),
        "AccessLogSetting": {
            "Fn::If": [
                "HasAccessLogs",
                {
                    "DestinationArn": {"Fn::GetAtt": ["GatewayLogs", "Arn"]},
                    "Format": gateway_settings.ACCESS_LOG,
                },
                {"Ref": "AWS::NoValue"},
            ]
        },
    }
    # In the definition, not as separate resources: API Gateway deploys the definition.
    properties["DefinitionBody"][gateway_settings.GATEWAY_RESPONSES] = (
        gateway_settings.gateway_responses(environment.get("CORS_ORIGIN") or "*")
    )
