"""Take a stage out of the account. It asks first, and says what is left.

    python -m operate.resources.destroy --stage prod [--only app]
        [--yes prod] [--data "delete the data"]

The data goes only with the explicit words, asked for or given; without them the tables, the
export and the visitor key stay, and the next `make deploy` goes on with them.
"""

from __future__ import annotations

from collections.abc import Callable

from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.stage import Stage
from operate.build.chalice_app import ChaliceApp
from operate.console import current_user, echo, join_words
from operate.errors import CommandError
from operate.resources.inventory import (
    Resource,
    app_resources,
    data_resources,
    delete_all,
    log_resources,
    stack_resources,
)
from operate.versions.releases import Releases

DATA_WORDS = "delete the data"
DATA = ("table", "bucket", "parameter")

Ask = Callable[[str], str]


def destroy_stage(
    stage: Stage, account: Account, ask: Ask = input, *, only_app: bool = False
) -> list[Resource]:
    """What is left, which is nothing, or the data."""
    there = [*app_resources(stage, account), *stack_resources(stage, account)]
    data = data_resources(stage, account)
    if not there and not data:
        echo(f"Stage {stage.name} has nothing in {account.region} of account {account.id}.")
        return []
    echo(f"Stage {stage.name} in {account.region} of account {account.id} has:")
    for part in [*there, *data]:
        echo(f"  {part}")
    if ask(f"Type {stage.name} to delete it: ").strip() != stage.name:
        raise CommandError("Nothing has been deleted.")
    with_data = not only_app and data and _says_so(ask)
    record = open_store(stage, account)
    if record.exists():
        with record.lock("destroy", current_user()):
            _delete_app(stage, account)
            ChaliceApp(stage, account, record).clear()
            Releases(stage, account, record).delete_all()
    else:
        _delete_app(stage, account)
    if with_data:
        _delete(data_resources(stage, account))
    return _left(stage, account, kept=not with_data)


def _says_so(ask: Ask) -> bool:
    return ask(f"Type {DATA_WORDS} to delete tables and export too: ").strip() == DATA_WORDS


def _delete_app(stage: Stage, account: Account) -> None:
    """First what stands before the app, last what it stands on. If a pipeline deployed the
    stage, its one stack goes first and takes the functions along: they would be missing from it
    otherwise."""
    stacks = stack_resources(stage, account)
    _delete([part for part in stacks if part.name != stage.resources_stack])
    _delete(app_resources(stage, account))
    _delete([part for part in stacks if part.name == stage.resources_stack])
    _delete(log_resources(stage, account))


def _delete(parts: list[Resource]) -> None:
    for part in delete_all(parts):
        echo(f"Deleted: {part}")


def _left(stage: Stage, account: Account, *, kept: bool) -> list[Resource]:
    left = [
        *app_resources(stage, account),
        *stack_resources(stage, account),
        *log_resources(stage, account),
        *data_resources(stage, account),
    ]
    if not left:
        echo("Nothing is left but backups of the tables, which DynamoDB keeps for 35 days.")
    elif kept:
        echo(f"Left: {join_words([str(part) for part in left])}.")
        echo(f"make deploy STAGE={stage.name} goes on with them.")
    else:
        echo(f"Still there: {join_words([str(part) for part in left])}. Run the command again.")
    return left
