"""One stack of everything, for teams with a pipeline: infra/resources.yaml,
operate/aws/gateway_settings.py and devkit/infrastructure/throttles.py, merged
into the template that `chalice package` makes.

The functions get the names that `chalice deploy` gives them, so the log groups, the alarms and
the policies are the same. A stage is deployed in one of the two ways and stays with it: the
second would find its names taken.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from devkit.infrastructure.throttles import method_settings
from operate.aws import gateway_settings

Template = dict[str, Any]

_ACCESS_LOGS: Template = {
    "Type": "String",
    "Default": "off",
    "AllowedValues": ["on", "off"],
    "Description": "Whether the gateway logs each request. The account must have given API "
    "Gateway a role for that, in its settings.",
}

# How Chalice and infra/resources.yaml call what belongs to a function.
FUNCTIONS = {
    "api_handler": ("APIHandler", "ApiLogs"),
    gateway_settings.JOB: ("ExpireSessions", "ExpireSessionsLogs"),
}
TABLES = {
    "EVENTS_TABLE": "EventsTable",
    "SESSIONS_TABLE": "SessionsTable",
    "ACTIVE_SESSIONS_TABLE": "ActiveSessionsTable",
    "ROLLUPS_TABLE": "RollupsTable",
}
# What does not belong in a repository is a parameter; its default is config.json's.
SECRETS = {"READ_TOKEN_HASHES": "ReadTokenHashes"}


def single_stack_template(
    app: Template, resources: Template, stage: str, environment: Mapping[str, str]
) -> Template:
    """`app` is Chalice's template, `environment` that of the stage in config.json."""
    merged = copy.deepcopy(app)
    for section in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
        ours = copy.deepcopy(resources[section])
        taken = set(merged.get(section, {})) & set(ours)
        assert not taken, f"both templates have {sorted(taken)}"
        merged[section] = {**ours, **merged.get(section, {})}
    merged["Description"] = f"LiveInsight, stage {stage}: the app and all that it stands on."
    merged["Parameters"]["Stage"] |= {
        "Default": stage,
        "AllowedPattern": stage,
        "ConstraintDescription": f"{stage}: another stage has another package",
    }
    merged["Parameters"] |= _secrets(environment) | {"AccessLogs": _ACCESS_LOGS}
    merged["Conditions"]["HasAccessLogs"] = {"Fn::Equals": [{"Ref": "AccessLogs"}, "on"]}
    for function, (logical_id, log_group) in FUNCTIONS.items():
        _complete_function(merged["Resources"][logical_id], function, log_group, stage)
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
    """The log group comes first: a function that finds none makes one that is never emptied."""
    properties = resource["Properties"]
    properties["FunctionName"] = gateway_settings.function_name(stage, function)
    resource["DependsOn"] = log_group
    variables = properties["Environment"]["Variables"]
    variables |= {name: {"Ref": logical_id} for name, logical_id in TABLES.items()}
    variables |= {name: {"Ref": parameter} for name, parameter in SECRETS.items()}
    variables["VISITOR_KEY_PARAMETER"] = gateway_settings.visitor_key_parameter(stage)


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
    # In the definition and not as resources of their own: what is deployed is the definition.
    properties["DefinitionBody"][gateway_settings.GATEWAY_RESPONSES] = (
        gateway_settings.gateway_responses(environment.get("CORS_ORIGIN") or "*")
    )
