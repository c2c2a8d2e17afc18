"""Who deploys, and where."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from operate.account import open_account
from operate.refusal import Refused


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({}, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-central-1"),
    ],
    ids=str,
)
def test_region_is_us_east_1_unless_told_otherwise(
    environment: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with mock_aws():
        account = open_account(boto3.Session())
        assert account.region == region
        assert account.client("lambda").meta.region_name == region


def test_account_and_caller_are_known():
    with mock_aws():
        account = open_account()

    assert (account.id, account.partition) == ("123456789012", "aws")


def test_nobody_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(Refused, match=r"AWS does not know who you are.*aws configure"):
        open_account(boto3.Session())
