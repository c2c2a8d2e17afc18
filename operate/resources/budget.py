"""The budget of a stage, infra/budget.yaml: a mail when LiveInsight's services cost more in a
month than the owner expects.

Nothing depends on it, and an account may keep budgets from whoever deploys, so a deployment
goes on without it.
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
REGION = "us-east-1"  # where CloudFormation knows budgets, whatever the stage's region is


def apply_budget(
    stage: Stage, account: Account, parameters: Mapping[str, str], usd: str = ""
) -> str:
    """What was done, in a sentence; empty if there was nothing to do. `parameters` are those of
    the stage's resources; `usd` is what a month may cost, or empty to leave it as it is."""
    email = parameters.get("AlarmEmail", "")
    given = {"StageRegion": account.region, "AlarmEmail": email}
    if usd:
        given["MonthlyUsd"] = usd
    stack = ResourceStack(
        stage, account.in_region(REGION), given, BUDGET, budget_stack(stage, account)
    )
    try:
        if not email:
            return "Budget: deleted, for nobody gets its mail." if stack.delete() else ""
        changes = stack.apply()
    except (CommandError, ClientError, BotoCoreError) as error:
        return (
            f"Note: there is no budget: {error} Nothing else needs it. To make it by hand, see "
            "docs/how-to/limit-cost.md, Budget."
        )
    return f"Budget: {', '.join(changes) or 'as it should be'}."


def budget_stack(stage: Stage, account: Account) -> str:
    """The stages of two regions can have one name."""
    return f"{stage.stack_prefix}budget-{account.region}"
