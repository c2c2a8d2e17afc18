"""Make the visitor key of a stage in Parameter Store, unless it has one. It is never printed.

    python -m operate.access.visitor_key_parameter --stage prod

The functions read it there; with another key, everyone who has a user_id would become a new
visitor. If the environment has VISITOR_KEY, that becomes the key: a stage whose pipeline has
passed it to the stack so far keeps it. `make deploy` does the same by itself.
"""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.errors import CommandError

KEY_BYTES = 32


def read_visitor_key(stage: Stage, account: Account) -> str | None:
    """None where none has been made."""
    try:
        found = account.client("ssm").get_parameter(
            Name=stage.visitor_key_parameter, WithDecryption=True
        )
    except ClientError as error:
        if error_code(error) == "ParameterNotFound":
            return None
        raise
    return str(found["Parameter"]["Value"])


def ensure_visitor_key(stage: Stage, account: Account, given: str = "") -> bool:
    """Whether there was none: it becomes the one that is given, or that config.json has. Raise
    Refused if there is another one."""
    given = given or stage.environment.get("VISITOR_KEY", "")
    known = read_visitor_key(stage, account)
    made = None if known else _create(stage, account, given or secrets.token_urlsafe(KEY_BYTES))
    if given and given != (made or known or read_visitor_key(stage, account)):
        raise CommandError(
            f"VISITOR_KEY differs from the key in {stage.visitor_key_parameter}, which stage "
            f"{stage.name} uses. With another key, everyone who has a user_id would become a "
            "new visitor. Remove VISITOR_KEY: the functions read the key from there."
        )
    return made is not None


def delete_visitor_key(stage: Stage, account: Account) -> None:
    try:
        account.client("ssm").delete_parameter(Name=stage.visitor_key_parameter)
    except ClientError as error:
        if error_code(error) != "ParameterNotFound":
            raise


def _create(stage: Stage, account: Account, key: str) -> str | None:
    """None where somebody else was faster."""
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
        return None
    return key
