"""A function's code in the test process, with the test's clock, on emulated tables and in a
role, whose policy decides what it may do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import boto3

from chalicelib.storage.tables import connect
from devkit.emulated_aws.emulated_stack import aws_client, deploy_stack
from devkit.project_paths import RESOURCES
from operate.aws.gateway_settings import visitor_key_parameter
from tests.privileges import Policy, send_visits
from tests.world import World, page_view, settings

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@contextmanager
def client_in_role(
    service: str, environment: Mapping[str, str], document: Policy
) -> Iterator[Any]:
    """Return a client in a temporary role with the given policy."""
    iam, name = aws_client("iam", environment), f"for-{service}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]
    policy = {"RoleName": name, "PolicyName": "policy"}
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))
    sts = aws_client("sts", environment)
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName=name)["Credentials"]
    try:
        yield boto3.client(
            service,
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )
    finally:
        iam.delete_role_policy(**policy)
        iam.delete_role(RoleName=name)


@dataclass(frozen=True, slots=True)
class RoleWorld:
    """The tables of stage dev, as the account's owner sees them and as the role does."""

    role: str
    owner: World
    in_role: World
    iam: Any
    parameter_store: Any  # as the role sees it

    @staticmethod
    def made(environment: Mapping[str, str], role: str) -> RoleWorld:
        deploy_stack(RESOURCES, "dev", environment)
        iam = aws_client("iam", environment)
        made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))
        sts = aws_client("sts", environment)
        session = sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName=role)
        client, parameter_store = (
            boto3.client(
                service,
                endpoint_url=environment["AWS_ENDPOINT_URL"],
                region_name=environment["AWS_DEFAULT_REGION"],
                aws_access_key_id=session["Credentials"]["AccessKeyId"],
                aws_secret_access_key=session["Credentials"]["SecretAccessKey"],
                aws_session_token=session["Credentials"]["SessionToken"],
            )
            for service in ("dynamodb", "ssm")
        )
        chosen = settings(VISITOR_KEY_PARAMETER=visitor_key_parameter("dev"))
        aws_client("ssm", environment).put_parameter(
            Name=visitor_key_parameter("dev"), Value="the key", Type="SecureString"
        )
        owners = aws_client("dynamodb", environment)
        return RoleWorld(
            role,
            World(connect(chosen, owners), chosen),
            World(connect(chosen, client), chosen),
            iam,
            parameter_store,
        )

    @contextmanager
    def allowed(self, document: Policy, user_id: str | None = None) -> Iterator[World]:
        """Return tables with the events of `send_visits`, or with one session of a user from
        START, for a new process."""
        self.iam.put_role_policy(
            RoleName=self.role, PolicyName="policy", PolicyDocument=json.dumps(document)
        )
        if user_id is None:
            send_visits(self.owner.restarted())
        else:
            self.owner.restarted().send(page_view("/", user_id=user_id))
        client = self.in_role.tables.database.client
        opened = connect(self.in_role.settings, client, lambda: self.parameter_store)
        yield replace(self.in_role, tables=opened)
        self._empty()

    def _empty(self) -> None:
        """Return placeholder keys of a table."""
        tables = self.owner.tables
        keys = {
            tables.events.name: ("session_id", "event_id"),
            tables.sessions.name: ("session_id",),
            tables.active_sessions.name: ("session_id",),
            tables.rollups.name: ("site", "sort_key"),
        }
        for name, parts in keys.items():
            items = list(tables.database.scan(name))
            tables.database.delete_many(name, [{p: i[p] for p in parts} for i in items])
