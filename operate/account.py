"""The account that a command works in: who we are there, where, and its services' clients.

Credentials, profile and endpoints are those that every AWS tool takes from the environment.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operate.refusal import Refused

DEFAULT_REGION = "us-east-1"
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})


@dataclass(frozen=True)
class Account:
    session: boto3.Session
    region: str
    id: str
    caller: str  # the ARN of whoever calls
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service, region_name=self.region, config=_CONFIG
            )
        return self._clients[service]

    def elsewhere(self, region: str) -> Account:
        """The same account in another region."""
        return replace(self, region=region, _clients={})

    @property
    def partition(self) -> str:
        """`aws`, or that of China or of a government's cloud."""
        return self.caller.split(":")[1]


def open_account(session: boto3.Session | None = None) -> Account:
    """Ask STS who we are; raise Refused where nobody knows."""
    session = session or boto3.Session()
    # boto3 knows AWS_DEFAULT_REGION only; the command line of AWS goes by AWS_REGION first.
    region = os.environ.get("AWS_REGION") or session.region_name or DEFAULT_REGION
    try:
        sts = session.client("sts", region_name=region, config=_CONFIG)
        caller = sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Refused(
            f"AWS does not know who you are: {error}. Set AWS_PROFILE, or run `aws configure`."
        ) from None
    return Account(session, region, caller["Account"], caller["Arn"])


def code_of(error: ClientError) -> str:
    """Such as ResourceNotFoundException."""
    return str(error.response.get("Error", {}).get("Code", ""))
