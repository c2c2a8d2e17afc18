"""`make doctor` on an emulated account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from operate.aws.stage import Stage
from operate.inspect import doctor
from operate.inspect.findings import CheckContext
from tests.operate.actions import granted, of_calls
from tests.operate.chalices import quick_chalice
from tests.operate.stages import Aws

pytestmark = pytest.mark.slow


def sentences(stage: Stage, aws: Aws) -> dict[tuple[str, str], list[str]]:
    """Return the sentences by subject and verdict."""
    patient = CheckContext(stage, aws.account(), datetime.now(UTC).date())
    result: dict[tuple[str, str], list[str]] = {}
    for finding in doctor.examine(patient):
        result.setdefault((finding.subject, finding.verdict), []).append(finding.sentence)
    return result


def test_doctor_finds_drift_after_a_deployment(aws: Aws):
    aws.calls.clear()
    stage = aws.new_stage()
    before = sentences(stage, aws)
    assert len(before["Tables", "look"]) == 4
    assert "no functions are deployed" in before["Runtime", "look"][0]

    aws.deployment(stage, chalice=quick_chalice).run()
    stage = aws.stage(stage.name)
    after = sentences(stage, aws)
    assert [key for key in after if key[1] == "wrong"] == []
    for subject in ("Runtime", "Environment variables"):
        assert len(after[subject, "ok"]) == 4
    assert len(after["Reserved concurrency", "ok"]) == 3
    assert "lambda-url" in after["Function URL", "ok"][0]
    assert "at most 100 requests a second" in after["Limit of collecting", "ok"][0]
    assert len(after["Tables", "ok"]) == 4
    assert "alarms are off" in after["Alarm emails", "look"][0]

    client = aws.account().client("dynamodb")
    client.update_continuous_backups(
        TableName=stage.tables[0],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    (drifted,) = sentences(stage, aws)["Tables", "wrong"]
    assert drifted.startswith(f"point-in-time recovery of {stage.tables[0]} differ")
    assert of_calls(aws.calls) <= granted()
