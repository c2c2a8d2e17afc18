"""The credentials and the account of a deployment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operate.aws.account import Account, open_account
from operate.build import chalice_app
from operate.build.build_copy import BuildCopy
from operate.errors import CommandError


def test_clients_use_the_region():
    with mock_aws():
        account = open_account("eu-central-1")
        elsewhere = account.in_region("us-east-1")

        assert account.client("lambda").meta.region_name == "eu-central-1"
        assert elsewhere.client("lambda").meta.region_name == "us-east-1"


def test_account_and_caller_are_read():
    with mock_aws():
        account = open_account("eu-central-1")

    assert account.id == "123456789012"
    assert account.caller.startswith("arn:aws:sts::123456789012:")


def test_missing_credentials_are_rejected_with_instructions(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(CommandError, match=r"No valid AWS credentials.*aws configure"):
        open_account("eu-central-1")


@pytest.mark.parametrize(
    ("region", "name"), [("cn-north-1", "AWS China"), ("us-gov-west-1", "AWS GovCloud")]
)
def test_account_of_another_partition_is_rejected(region: str, name: str):
    """Its credentials are valid, but its ARNs differ from ours."""
    with mock_aws(), pytest.raises(CommandError, match=f"commercial regions.*{name}"):
        open_account(region)


PROFILES = """
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/deployer
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/ann

[profile base]
aws_access_key_id = base
aws_secret_access_key = base
"""
ASK = """
from botocore.session import Session
found = Session().get_credentials()
print(found.access_key, found.token)
"""


def test_chalice_does_not_ask_for_the_mfa_code_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Chalice runs in its own process, with the credentials that the first code obtained."""
    (tmp_path / "config").write_text(PROFILES, "utf-8")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "mfa")
    given: dict[str, str] = {}
    monkeypatch.setattr(
        chalice_app, "run_chalice_command", lambda _, environment: given.update(environment)
    )
    session = boto3.Session("bought", "secret", "token")

    chalice_app.run_chalice(
        BuildCopy(tmp_path, "prod"), Account(session, "eu-central-1", "1", "arn")
    )

    assert asked_for_credentials(given) == "bought token"
    assert asked_for_credentials(os.environ) == ""  # the profile alone asks, and nobody answers


def asked_for_credentials(environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # without a terminal to ask on
    )
    return done.stdout.strip()
