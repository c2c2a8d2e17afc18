"""The settings that are applied after `chalice deploy`."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from operate.aws.stage import Stage
from operate.resources import configure_gateway

STAGE = Stage("prod", {"stages": {"prod": {"api_gateway_stage": "prod"}}}, {})


class Gateway:
    """API Gateway, which rejects this many deployments before it accepts one."""

    def __init__(self, rejections: int, code: str = "TooManyRequestsException") -> None:
        self.rejections, self.code, self.taken = rejections, code, 0

    def create_deployment(self, **_: Any) -> None:
        if self.rejections:
            self.rejections -= 1
            raise ClientError({"Error": {"Code": self.code}}, "CreateDeployment")
        self.taken += 1


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


def test_api_deployment_above_the_quota_is_retried(slept: list[float]):
    gateway = Gateway(rejections=2)

    configure_gateway._deploy_again(gateway, STAGE, "api1")

    assert gateway.taken == 1
    assert slept == [5, 5]  # one deployment in five seconds


def test_permanent_throttling_is_an_error(slept: list[float]):
    with pytest.raises(ClientError):
        configure_gateway._deploy_again(Gateway(rejections=99), STAGE, "api1")
    assert len(slept) == configure_gateway.DEPLOYMENT_ATTEMPTS - 1


def test_other_errors_are_not_retried(slept: list[float]):
    with pytest.raises(ClientError):
        configure_gateway._deploy_again(Gateway(1, "BadRequestException"), STAGE, "api1")
    assert slept == []
