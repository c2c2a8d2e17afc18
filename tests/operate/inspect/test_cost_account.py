"""`make cost` on an emulated account."""

from __future__ import annotations

import pytest

from tests.operate.actions import granted, of_calls
from tests.operate.chalices import quick_chalice
from tests.operate.command_line import run_command
from tests.operate.stages import Aws

pytestmark = pytest.mark.slow


def test_deployed_stage_is_priced(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    stage = aws.stage(stage.name)
    aws.account().client("cloudwatch").put_metric_data(
        Namespace="AWS/ApiGateway",
        MetricData=[
            {
                "MetricName": "Count",
                "Dimensions": [
                    {"Name": "ApiName", "Value": "liveinsight"},
                    {"Name": "Stage", "Value": stage.name},
                ],
                "Value": 1_000_000,
            }
        ],
    )
    aws.calls.clear()
    monkeypatch.setattr("operate.aws.stage.read_stage", lambda _: stage)
    monkeypatch.setattr("operate.aws.region.account_of", lambda *_: aws.account())
    capsys.readouterr()
    run_command("cost", "--stage", stage.name)

    output = capsys.readouterr().out
    assert (
        "    3.5000  answered by API Gateway alone (preflight, rejected), 1,000,000" in output
    )
    for table in stage.tables:
        assert f"{table}, 0 units written" in output
    assert "\n    3.5000  USD in 30 days\n" in output
    assert "The log has no routes" in output
    assert of_calls(aws.calls) <= granted()
