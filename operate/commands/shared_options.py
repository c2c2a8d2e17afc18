"""What all commands share: how they are defined, their stage, and how they report errors.

    @command("status", example="status --stage prod")
    @on_stage
    def status(target: Target) -> None:
        \"\"\"Show ...\"\"\"

A command imports what it runs when it runs, so that `--help` does not wait for boto3.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from operate.commands.option_types import DAY
from operate.errors import CommandError

if TYPE_CHECKING:
    from operate.aws.account import Account
    from operate.aws.stage import ConnectedStage, Stage

PROGRAM = "python -m operate"

Function = Callable[..., None]


@dataclass(frozen=True)
class Target:
    """The stage that a command works on, and its account."""

    name: str
    region: str | None

    @cached_property
    def stage(self) -> Stage:
        from operate.aws.stage import read_stage

        return read_stage(self.name)

    @cached_property
    def account(self) -> Account:
        """The account, in the region that the stage has."""
        from operate.aws.region import account_of

        return account_of(self.stage, self.region)

    def connect(self) -> ConnectedStage:
        """Connect to the stage's tables, and read its settings."""
        from operate.aws.stage import connect_stage

        return connect_stage(self.stage, self.account)

    @cached_property
    def first_account(self) -> Account:
        """The account, in a region that is chosen now if the stage has none yet."""
        from operate.aws.region import first_account_of

        return first_account_of(self.stage, self.region)


class Command(click.Command):
    """A command that reports an error of AWS in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        from chalicelib.storage.aws.retries import Unavailable

        try:
            return super().invoke(ctx)
        except ClientError as error:
            reason = error.response["Error"]["Message"]
            raise CommandError(f"AWS rejected {error.operation_name}: {reason}") from None
        except (BotoCoreError, Unavailable) as error:
            raise CommandError(f"AWS could not be reached: {error}") from None


def command(name: str, *, example: str) -> Callable[[Function], click.Command]:
    """Define a command whose help ends with this example."""
    return click.command(name, cls=Command, epilog=f"\b\nExample:\n  {PROGRAM} {example}")


def on_stage(function: Function) -> Function:
    """Add --stage and --region. The function gets them as its first argument, a Target."""

    @click.option(
        "--stage", default="prod", show_default=True, help="A stage of .chalice/config.json."
    )
    @click.option(
        "--region", help="The stage's region. Only its first deployment needs to name it."
    )
    @functools.wraps(function)
    def with_target(*, stage: str, region: str | None, **options: Any) -> None:
        function(Target(stage, region), **options)

    return with_target


def on_days(function: Function) -> Function:
    """Add --stage, --region, --site, --from and --to. The function gets a Target and
    DayOptions."""

    @on_stage
    @click.option("--site", help="The hostname of a site. Without it: all sites.")
    @click.option("--from", "first", type=DAY, help="The first day. Without it: the earliest.")
    @click.option("--to", "last", type=DAY, help="The last day. Without it: today.")
    @functools.wraps(function)
    def with_days(
        target: Target, *, site: str | None, first: str | None, last: str | None, **options: Any
    ) -> None:
        from operate.data.day_options import DayOptions

        function(target, DayOptions(site, first, last), **options)

    return with_days
