"""The visitor key of a stage in Parameter Store, by which the functions hash user IDs. It is
never printed. With another key, everyone who has a user ID would become a new visitor."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.errors import CommandError

KEY_BYTES = 32


def read_visitor_key(stage: Stage, account: Account) -> str | None:
    """Return the key, or None if there is none yet."""
    try:
        response = account.client("ssm").get_parameter(
            Name=stage.visitor_key_parameter, WithDecryption=True
        )
    except ClientError as error:
        if error_code(error) == "ParameterNotFound":
            return None
        raise
    return str(response["Parameter"]["Value"])


def ensure_visitor_key(stage: Stage, account: Account, given: str = "") -> bool:
    """Create the key unless there is one, and return whether it was created. The key is
    `given`, that of config.json or a random one. Raise CommandError if the stage has a
    different key."""
    given = given or stage.environment.get("VISITOR_KEY", "")
    key = read_visitor_key(stage, account)
    is_created = key is None and _create(
        stage, account, given or secrets.token_urlsafe(KEY_BYTES)
    )
    if given and given != (key or read_visitor_key(stage, account)):
        raise CommandError(
            f"VISITOR_KEY differs from the key in {stage.visitor_key_parameter}, which stage "
            f"{stage.name} uses. With another key, everyone who has a user_id would become a "
            "new visitor. Remove VISITOR_KEY."
        )
    return is_created


def delete_visitor_key(stage: Stage, account: Account) -> None:
    try:
        account.client("ssm").delete_parameter(Name=stage.visitor_key_parameter)
    except ClientError as error:
        if error_code(error) != "ParameterNotFound":
            raise


def _create(stage: Stage, account: Account, key: str) -> bool:
    """Return False if another command has created one at the same time."""
    try:
        account.client("ssm").put_parameter(
            Name=stage.visitor_key_parameter,
            Description=f"LiveInsight, stage {stage.name}: hashes user_ids. Do not change it.",
            Value=key,
            Type="SecureString",
            Overwrite=False,
        )
    except ClientError as error:
        if error_code(error) != "ParameterAlreadyExists":
            raise
        return False
    return True
