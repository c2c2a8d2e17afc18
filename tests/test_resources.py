"""The tables of infra/resources.yaml are those of the code and the stages."""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.api import lint_file

from chalicelib.storage import events, sessions
from chalicelib.storage.rollup_table import site_registry
from devkit.project_paths import RESOURCES
from devkit.stage_environment import stage_environment
from tests.resources_template import ALL, STAGES, TEMPLATE, of_type, resolved

VARIABLES = {
    "EventsTable": "EVENTS_TABLE",
    "SessionsTable": "SESSIONS_TABLE",
    "ActiveSessionsTable": "ACTIVE_SESSIONS_TABLE",
    "RollupsTable": "ROLLUPS_TABLE",
}


TABLES = of_type("AWS::DynamoDB::Table")


def properties(logical_id: str) -> dict[str, Any]:
    result: dict[str, Any] = ALL[logical_id]["Properties"]
    return result


def key(logical_id: str) -> list[str]:
    return [part["AttributeName"] for part in properties(logical_id)["KeySchema"]]


def test_cfn_lint_reports_no_problem():
    assert [str(match) for match in lint_file(RESOURCES)] == []


def test_template_fits_the_limit_of_cloudformation():
    """Commands send it in the request; a longer one would need a bucket."""
    assert len(RESOURCES.read_bytes()) <= 51_200


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("logical_id", VARIABLES)
def test_each_stage_is_configured_with_its_tables(logical_id: str, stage: str):
    name = resolved(properties(logical_id)["TableName"], stage)

    assert name == stage_environment(stage)[VARIABLES[logical_id]]


def test_template_has_no_other_tables():
    assert set(TABLES) == set(VARIABLES)
    assert set(TEMPLATE["Outputs"]) >= set(VARIABLES)


def test_names_in_prod_omit_the_stage():
    assert resolved(properties("EventsTable")["TableName"], "prod") == "LiveInsight-Events"
    assert resolved(properties("EventsTable")["TableName"], "qa") == "LiveInsight-Events-qa"


def test_table_keys_match_the_code():
    assert key("EventsTable") == list(events.event_key("a", "b"))
    assert key("SessionsTable") == list(sessions.session_key("a"))
    assert key("ActiveSessionsTable") == ["session_id"]
    assert key("RollupsTable") == list(site_registry.shared_key("rows"))


def test_sessions_of_a_user_are_found_by_time():
    (index,) = properties("SessionsTable")["GlobalSecondaryIndexes"]

    assert index["IndexName"] == sessions.USER_INDEX
    assert [part["AttributeName"] for part in index["KeySchema"]] == ["user_id", "start_time"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_tables_delete_expired_items():
    timers = {
        logical_id: properties(logical_id).get("TimeToLiveSpecification")
        for logical_id in TABLES
    }

    assert timers == {
        "EventsTable": {"AttributeName": "ttl", "Enabled": True},
        "SessionsTable": {"AttributeName": "ttl", "Enabled": True},
        "ActiveSessionsTable": {"AttributeName": "delete_at", "Enabled": True},
        "RollupsTable": {"AttributeName": "ttl", "Enabled": True},
    }


def test_every_table_has_point_in_time_recovery():
    restorable = {
        logical_id
        for logical_id in TABLES
        if properties(logical_id).get("PointInTimeRecoverySpecification")
        == {"PointInTimeRecoveryEnabled": True}
    }

    assert restorable == set(TABLES) - {"ActiveSessionsTable"}


@pytest.mark.parametrize("logical_id", VARIABLES)
def test_tables_are_retained_when_the_stack_is_deleted(logical_id: str):
    assert ALL[logical_id]["DeletionPolicy"] == "Retain"
    assert ALL[logical_id]["UpdateReplacePolicy"] == "Retain"
    assert resolved(properties(logical_id)["DeletionProtectionEnabled"], "prod") is True
    assert resolved(properties(logical_id)["DeletionProtectionEnabled"], "dev") is False


@pytest.mark.parametrize("logical_id", VARIABLES)
def test_tables_are_on_demand(logical_id: str):
    assert resolved(properties(logical_id)["BillingMode"], "prod") == "PAY_PER_REQUEST"
    assert resolved(properties(logical_id)["ProvisionedThroughput"], "prod") is None


def test_stage_is_the_only_required_parameter():
    assert {name: p["Default"] for name, p in TEMPLATE["Parameters"].items()} == {
        "Stage": "dev",
        "BillingMode": "PAY_PER_REQUEST",
        "ReadCapacity": 5,
        "WriteCapacity": 5,
        "MaxUsdPerDay": "15",
        "AlarmEmail": "",
        "Watching": "on",
    }


@pytest.mark.parametrize("stage", STAGES)
def test_logs_of_each_function_are_kept_for_a_week(stage: str):
    kept = {
        resolved(group["LogGroupName"], stage): group["RetentionInDays"]
        for group in of_type("AWS::Logs::LogGroup").values()
    }

    assert kept == {
        f"/aws/lambda/liveinsight-{stage}": 7,  # Chalice calls the API's function so
        f"/aws/lambda/liveinsight-{stage}-collect": 7,
        f"/aws/lambda/liveinsight-{stage}-scan": 7,
        f"/aws/lambda/liveinsight-{stage}-expire_sessions": 7,
        f"/aws/apigateway/liveinsight-{stage}": 7,
    }


def test_template_sections_are_in_order():
    order = [
        "AWS::DynamoDB::Table",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Topic",
        "AWS::SNS::Subscription",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
    ]
    types = [resource["Type"] for resource in ALL.values()]

    assert types == sorted(types, key=order.index)
    assert list(TEMPLATE)[-3:] == ["Conditions", "Resources", "Outputs"]
