"""The budget of a stage, infra/budget.yaml: an email if LiveInsight's services cost more in a
month than the owner expects.

Nothing depends on it, and an account may not let the deployer create budgets, so a deployment
continues without one.
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from devkit.project_paths import ROOT
from operate.aws.account import Account
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.resources.resource_stack import ResourceStack

BUDGET = ROOT / "infra" / "budget.yaml"
REGION = "us-east-1"  # the only region where CloudFormation supports budgets


def apply_budget(
    stage: Stage, account: Account, parameters: Mapping[str, str], usd: str = ""
) -> str:
    """Create, update or delete the budget. Return what was done, or nothing. `parameters` are
    those of the stage's resources; `usd` is for a month, empty to leave it as it is."""
    email = parameters.get("AlarmEmail", "")
    given = {"StageRegion": account.region, "AlarmEmail": email}
    if usd:
        given["MonthlyUsd"] = usd
    stack = ResourceStack(
        stage, account.in_region(REGION), given, BUDGET, budget_stack(stage, account)
    )
    try:
        if not email:
            return "Budget: deleted, because it has no email address." if stack.delete() else ""
        changes = stack.apply()
    except (CommandError, ClientError, BotoCoreError) as error:
        return (
            f"Note: there is no budget: {error} Nothing else depends on it. To create it by "
            "hand, see docs/how-to/limit-cost.md, Budget."
        )
    return f"Budget: {', '.join(changes) or 'up to date'}."


def budget_stack(stage: Stage, account: Account) -> str:
    """Return the name, with the region: stages in two regions can have the same name."""
    return f"{stage.stack_prefix}budget-{account.region}"
