"""The budget is created in us-east-1 for the address of the alarms, follows changes of that
address, and a deployment continues without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from devkit.infrastructure.cfn_template import Resolver, read_template
from operate.aws.stage import read_stage
from operate.resources.budget import BUDGET, apply_budget, budget_stack
from operate.resources.inventory import stack_resources
from tests.operate.recorded import Recorded
from tests.operate.stages import Aws

TEMPLATE = read_template(BUDGET)
STAGE = read_stage("prod")
STACK = "liveinsight-prod-budget-eu-central-1"
EMAIL = {"AlarmEmail": "you@shop.example"}


def budget(**parameters: str) -> dict[str, Any]:
    given = {"Stage": "prod", "StageRegion": "eu-central-1", **EMAIL, **parameters}
    resource = TEMPLATE["Resources"]["Budget"]
    resolved: dict[str, Any] = Resolver(TEMPLATE, given).resolve(resource["Properties"])
    return resolved


def test_cfn_lint_reports_no_problem():
    result = lint_file(BUDGET, config=ManualArgs(regions=["us-east-1"]))

    assert [str(match) for match in result] == []


def test_budget_covers_a_month_of_the_services_in_use():
    made = budget()["Budget"]

    assert (made["BudgetType"], made["TimeUnit"]) == ("COST", "MONTHLY")
    assert made["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    assert budget(MonthlyUsd="200")["Budget"]["BudgetLimit"]["Amount"] == "200"
    assert made["CostFilters"] == {
        "Service": ["Amazon API Gateway", "Amazon DynamoDB", "AWS Lambda", "AmazonCloudWatch"]
    }


def test_budget_emails_at_half_at_full_and_when_forecast_to_exceed():
    sent = [
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"])
        for one in budget()["NotificationsWithSubscribers"]
    ]

    assert sent == [("ACTUAL", 50), ("ACTUAL", 100), ("FORECASTED", 100)]
    for one in budget()["NotificationsWithSubscribers"]:
        assert one["Subscribers"] == [
            {"SubscriptionType": "EMAIL", "Address": "you@shop.example"}
        ]


def test_new_address_replaces_the_budget_under_a_new_name():
    assert (
        budget()["Budget"]["BudgetName"]
        != budget(AlarmEmail="me@shop.example")["Budget"]["BudgetName"]
    )


def test_longest_name_is_accepted_by_aws():
    longest = "x" * TEMPLATE["Parameters"]["AlarmEmail"]["MaxLength"]
    name = budget(Stage="s" * 16, StageRegion="ap-southeast-99", AlarmEmail=longest)

    assert len(name["Budget"]["BudgetName"]) <= 100


@dataclass
class CloudFormation:
    """The stack in us-east-1, as CloudFormation keeps it; `changes` are its parameters after
    each executed change."""

    parameters: dict[str, str] = field(default_factory=dict)
    status: str = ""
    changes: list[dict[str, str]] = field(default_factory=list)
    wanted: dict[str, str] = field(default_factory=dict)

    def account(self) -> Recorded:
        return Recorded(
            {
                "cloudformation:DescribeStacks": self.describe,
                "cloudformation:DeleteChangeSet": lambda _: {},
                "cloudformation:CreateChangeSet": self.create,
                "cloudformation:DescribeChangeSet": lambda _: self.change_set(),
                "cloudformation:ExecuteChangeSet": self.execute,
                "cloudformation:DeleteStack": self.delete,
            }
        )

    def describe(self, params: Mapping[str, Any]) -> Any:
        assert params["StackName"] == STACK
        if not self.status:
            return f"ValidationError: Stack with id {STACK} does not exist"
        given = [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in self.parameters.items()
        ]
        return {
            "Stacks": [
                {
                    "StackName": STACK,
                    "CreationTime": "2026-09-05T10:00:00Z",
                    "StackStatus": self.status,
                    "Parameters": given,
                }
            ]
        }

    def create(self, params: Mapping[str, Any]) -> Any:
        assert params["ChangeSetType"] == ("UPDATE" if self.status else "CREATE")
        defaults = {
            name: str(one["Default"])
            for name, one in TEMPLATE["Parameters"].items()
            if "Default" in one
        }
        self.wanted = defaults | {
            one["ParameterKey"]: self.parameters[one["ParameterKey"]]
            if one.get("UsePreviousValue")
            else one["ParameterValue"]
            for one in params["Parameters"]
        }
        return {"Id": "x"}

    def change_set(self) -> Any:
        if self.wanted == self.parameters:
            reason = "The submitted information didn't contain changes."
            return {"Status": "FAILED", "StatusReason": reason}
        change = {"Action": "Add", "LogicalResourceId": "Budget"}
        return {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": change}]}

    def execute(self, _: Mapping[str, Any]) -> Any:
        self.status = "UPDATE_COMPLETE" if self.status else "CREATE_COMPLETE"
        self.parameters = self.wanted
        self.changes.append(self.parameters)
        return {}

    def delete(self, _: Mapping[str, Any]) -> Any:
        self.status = ""
        return {}


def bring(stack: CloudFormation, parameters: Mapping[str, str], usd: str = "") -> str:
    recorded = stack.account()
    output = apply_budget(STAGE, recorded.account(), parameters, usd)
    assert {service for service, _ in recorded.calls} == {"cloudformation"}
    return output


def test_alarm_address_receives_the_budget_email():
    stack = CloudFormation()

    assert bring(stack, EMAIL) == "Budget: Budget (added)."
    assert stack.changes == [
        {
            "Stage": "prod",
            "StageRegion": "eu-central-1",
            "AlarmEmail": "you@shop.example",
            "MonthlyUsd": "50",
        }
    ]


def test_second_deployment_keeps_the_amount_of_the_first():
    stack = CloudFormation()
    bring(stack, EMAIL, usd="200")

    assert bring(stack, EMAIL) == "Budget: up to date."
    assert stack.parameters["MonthlyUsd"] == "200"
    bring(stack, {"AlarmEmail": "me@shop.example"})
    assert (stack.parameters["AlarmEmail"], stack.parameters["MonthlyUsd"]) == (
        "me@shop.example",
        "200",
    )


def test_without_an_address_no_budget_is_created():
    stack = CloudFormation()

    assert bring(stack, {"AlarmEmail": ""}) == ""
    bring(stack, EMAIL)
    assert bring(stack, {}).startswith("Budget: deleted")
    assert stack.status == ""


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_account_without_permission_for_budgets_prints_a_note(code: str):
    denied = Recorded({"cloudformation:DescribeStacks": f"{code}: You may not."})

    output = apply_budget(STAGE, denied.account(), EMAIL)

    assert output.startswith("Note: there is no budget: ")
    assert "You may not." in output


def test_stages_in_two_regions_have_separate_budgets():
    account = Recorded({}).account()

    assert budget_stack(STAGE, account) == STACK
    assert budget_stack(STAGE, account.in_region("us-east-1")) != STACK


def test_destroying_a_stage_finds_its_budget_in_the_other_region():
    def stack(name: str, region: str) -> dict[str, Any]:
        return {
            "StackName": name,
            "CreationTime": "2026-09-05T10:00:00Z",
            "StackStatus": "CREATE_COMPLETE",
            "Parameters": [{"ParameterKey": "StageRegion", "ParameterValue": region}],
        }

    stacks = [stack(STACK, "eu-central-1"), stack(f"{STACK[:-12]}us-west-2", "us-west-2")]
    account = Recorded({"cloudformation:DescribeStacks": {"Stacks": stacks}}).account()

    names = [part.name for part in stack_resources(STAGE, account)]
    assert f"{STACK} in us-east-1" in names
    assert not any("us-west-2" in name for name in names)


@pytest.mark.slow
def test_deployment_continues_when_the_budget_fails(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    """The emulator's CloudFormation does not support budgets."""
    stage = aws.new_stage()
    deployment = aws.deployment(stage)
    deployment.parameters = {**deployment.parameters, **EMAIL}

    deployment.run()

    output = capsys.readouterr().out
    assert "Note: there is no budget: " in output
    assert "is deployed." in output
