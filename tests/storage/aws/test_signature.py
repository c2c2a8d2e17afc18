"""A signature is the one that botocore computes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.storage.aws.signature import Credentials, Signer, credentials_in

HOST = "dynamodb.eu-central-1.amazonaws.com"
TARGET = "DynamoDB_20120810.PutItem"
LONG_TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaDGV1LWNlbnRyYWwtMSJHMEUCIQ==" * 8


def botocore_headers(credentials: Credentials, body: bytes, now: float) -> dict[str, str]:
    names = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": TARGET}
    request = AWSRequest("POST", f"https://{HOST}/", headers=names, data=body)
    keys = BotocoreCredentials(credentials.key_id, credentials.secret, credentials.token)
    signer = auth.SigV4Auth(keys, "dynamodb", "eu-central-1")
    at = datetime.fromtimestamp(now, UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "get_current_datetime", lambda: at)
        signer.add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()}


def signer(credentials: Credentials) -> Signer:
    return Signer(credentials, service="dynamodb", region="eu-central-1", host=HOST)


@given(
    body=st.binary(max_size=200),
    token=st.sampled_from(["", "token", LONG_TOKEN]),
    now=st.integers(1_600_000_000, 2_500_000_000),
)
def test_headers_are_those_of_botocore(body: bytes, token: str, now: int):
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)

    assert signer(credentials).headers(TARGET, body, now) == botocore_headers(
        credentials, body, now
    )


def test_key_changes_with_the_day():
    """A process that runs past midnight signs with the key of the new day."""
    credentials = Credentials("id", "secret")
    last_second = 1_767_225_599
    same = signer(credentials)

    for now in (last_second, last_second + 1, last_second):
        assert same.headers(TARGET, b"{}", now) == botocore_headers(credentials, b"{}", now)


def test_credentials_are_read_from_the_environment():
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}

    assert credentials_in(keys) == Credentials("id", "secret")
    assert credentials_in({**keys, "AWS_SESSION_TOKEN": "t"}) == Credentials(
        "id", "secret", "t"
    )
    assert credentials_in({"AWS_ACCESS_KEY_ID": "id"}) is None
    assert credentials_in({}) is None
