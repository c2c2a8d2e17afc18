"""The alarms that a stage has in the account."""

from __future__ import annotations

from typing import Any

from operate.aws.account import Account
from operate.aws.stage import Stage


def alarms_of(stage: Stage, account: Account) -> list[dict[str, Any]]:
    pages = (
        account.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNamePrefix="LiveInsight-")
    )
    return [
        alarm
        for page in pages
        for alarm in page["MetricAlarms"]
        if _belongs_to(alarm["AlarmName"], stage)
    ]


def _belongs_to(alarm_name: str, stage: Stage) -> bool:
    """Return whether an alarm belongs to the stage: alarm names end with the stage, except in
    prod."""
    if stage.name != "prod":
        return alarm_name.endswith(f"-{stage.name}")
    others = [name for name in stage.config["stages"] if name != "prod"]
    return not any(alarm_name.endswith(f"-{name}") for name in others)
