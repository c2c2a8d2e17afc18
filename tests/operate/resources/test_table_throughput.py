"""MaxUsdPerDay sets the maximum throughput of the tables."""

from __future__ import annotations

from typing import Any

import pytest

from devkit.infrastructure.throughput import max_units
from operate.errors import CommandError
from operate.resources.resource_stack import ResourceStack
from tests.operate.stages import Aws
from tests.resources_template import TEMPLATE

DEFAULT = int(TEMPLATE["Parameters"]["MaxUsdPerDay"]["Default"])


def test_another_amount_is_rejected_with_the_accepted_ones(aws: Aws):
    resources = ResourceStack(aws.new_stage(), aws.account(), {"MaxUsdPerDay": "17"})

    with pytest.raises(CommandError, match="MaxUsdPerDay must be one of 5, 10, 15,"):
        resources.apply()


def throughput_of(aws: Aws, table: str) -> tuple[Any, Any]:
    """Return the billing mode and the limits of a table."""
    result = aws.account().client("dynamodb").describe_table(TableName=table)["Table"]
    mode = result["BillingModeSummary"]["BillingMode"]
    return mode, result.get("OnDemandThroughput")


def test_limits_are_set_changed_and_kept(aws: Aws):
    stage = aws.new_stage()

    def deploy(**parameters: str) -> None:
        given = {"Watching": "off", **parameters}
        ResourceStack(stage, aws.account(), given, aws.source / "infra/resources.yaml").apply()

    def expected(usd: int) -> dict[str, int]:
        units = max_units(usd)
        return {
            "MaxReadRequestUnits": units["EventsRead"],
            "MaxWriteRequestUnits": units["EventsWrite"],
        }

    deploy()
    assert throughput_of(aws, stage.tables[0]) == ("PAY_PER_REQUEST", expected(DEFAULT))
    deploy(MaxUsdPerDay="100")
    assert throughput_of(aws, stage.tables[0]) == ("PAY_PER_REQUEST", expected(100))
    deploy()
    assert throughput_of(aws, stage.tables[0]) == ("PAY_PER_REQUEST", expected(100))
