"""Who deploys, and where."""

from __future__ import annotations

import pytest
from moto import mock_aws

from operate.account import open_account
from operate.refusal import Refused


def test_clients_are_those_of_the_region():
    with mock_aws():
        account = open_account("eu-central-1")
        elsewhere = account.elsewhere("us-east-1")

        assert account.client("lambda").meta.region_name == "eu-central-1"
        assert elsewhere.client("lambda").meta.region_name == "us-east-1"


def test_account_and_caller_are_known():
    with mock_aws():
        account = open_account("eu-central-1")

    assert account.id == "123456789012"
    assert account.caller.startswith("arn:aws:sts::123456789012:")


def test_nobody_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(Refused, match=r"AWS does not know who you are.*aws configure"):
        open_account("eu-central-1")


@pytest.mark.parametrize(
    ("region", "name"), [("cn-north-1", "AWS China"), ("us-gov-west-1", "AWS GovCloud")]
)
def test_account_of_another_partition_is_rejected(region: str, name: str):
    """Credentials of such an account are valid; its ARNs are not ours."""
    with mock_aws(), pytest.raises(Refused, match=f"commercial regions.*{name}"):
        open_account(region)
