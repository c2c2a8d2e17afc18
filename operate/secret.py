"""The visitor key of a stage: made once, kept encrypted in the account, never printed.

Another key would make every visitor who has a user_id a new one. It lies in Parameter Store and
not in a table: whoever may read Rollups must not find beside the hashes what they were made
with.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operate.account import Account, code_of
from operate.refusal import Refused

if TYPE_CHECKING:
    from operate.stage import Stage

KEY_BYTES = 32


def parameter_name(stage: Stage) -> str:
    return f"/liveinsight/{stage.name}/visitor-key"


def visitor_key(stage: Stage, account: Account) -> str | None:
    """None where none has been made."""
    try:
        found = account.client("ssm").get_parameter(
            Name=parameter_name(stage), WithDecryption=True
        )
    except ClientError as error:
        if code_of(error) == "ParameterNotFound":
            return None
        raise
    return str(found["Parameter"]["Value"])


def kept_visitor_key(stage: Stage, account: Account) -> str:
    """The stage's key; the first to ask makes it, out of config.json's where that has one."""
    named = stage.environment.get("VISITOR_KEY", "")
    kept = visitor_key(stage, account)
    if kept is None:
        kept = _make(stage, account, named or secrets.token_urlsafe(KEY_BYTES))
    if named and named != kept:
        raise Refused(
            "VISITOR_KEY in .chalice/config.json is not the one that this stage has used so "
            "far. With another, everyone who has a user_id becomes a new visitor. Leave it "
            'empty ("") there: the account keeps the right one.'
        )
    return kept


def forget_visitor_key(stage: Stage, account: Account) -> None:
    try:
        account.client("ssm").delete_parameter(Name=parameter_name(stage))
    except ClientError as error:
        if code_of(error) != "ParameterNotFound":
            raise


def _make(stage: Stage, account: Account, key: str) -> str:
    try:
        account.client("ssm").put_parameter(
            Name=parameter_name(stage),
            Description=f"LiveInsight, stage {stage.name}: hashes user_ids. Do not change it.",
            Value=key,
            Type="SecureString",
            Overwrite=False,
        )
    except ClientError as error:
        if code_of(error) != "ParameterAlreadyExists":
            raise
        return visitor_key(stage, account) or key  # somebody was faster
    return key
