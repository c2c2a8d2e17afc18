"""The AWS account that a command works in: its caller, its region and clients for its services.

Credentials, profile and endpoints come from the environment, as for every AWS tool.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operate.errors import CommandError

PARTITION = "aws"
_OTHER_PARTITIONS = {
    "aws-cn": "AWS China",
    "aws-eusc": "the AWS European Sovereign Cloud",
    "aws-us-gov": "AWS GovCloud (US)",
}
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})


@dataclass(frozen=True)
class Account:
    session: boto3.Session
    region: str
    id: str
    caller: str  # the ARN of the credentials' owner
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service, region_name=self.region, config=_CONFIG
            )
        return self._clients[service]

    def credentials(self) -> dict[str, str]:
        """Return the credentials as environment variables for another process, which would
        otherwise ask for an MFA code again."""
        credentials = self.session.get_credentials()
        if credentials is None:
            return {}
        frozen = credentials.get_frozen_credentials()
        return {
            "AWS_ACCESS_KEY_ID": frozen.access_key,
            "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
            "AWS_SESSION_TOKEN": frozen.token or "",
        }

    def in_region(self, region: str) -> Account:
        """Return the same account in another region."""
        return replace(self, region=region, _clients={})


def open_account(region: str, session: boto3.Session | None = None) -> Account:
    """Get the caller's identity from STS. Raise CommandError if there is none, or if the
    account is not in the commercial partition."""
    session = session or boto3.Session()
    try:
        sts = session.client("sts", region_name=region, config=_CONFIG)
        caller = sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"No valid AWS credentials for {region}: {error}. Set AWS_PROFILE, or run "
            "`aws configure`. If the error names the region, check its spelling, and that "
            "your account has enabled it."
        ) from None
    check_partition(caller["Arn"].split(":")[1])
    return Account(session, region, caller["Account"], caller["Arn"])


def check_partition(partition: str) -> None:
    """Raise CommandError unless it is the commercial partition: the policies and the edge name
    its resources, and only it has edge-optimized APIs."""
    if partition != PARTITION:
        raise CommandError(
            "LiveInsight runs in the commercial regions of AWS only, not in "
            f"{_OTHER_PARTITIONS.get(partition, partition)}. Nothing was changed."
        )


def error_code(error: ClientError) -> str:
    """Return AWS's error code, such as ResourceNotFoundException."""
    return str(error.response.get("Error", {}).get("Code", ""))
