"""Destroy a stage: delete the app, its stacks and, if the operator confirms it explicitly, its
data.

If the tables, the export and the visitor key stay, the next `make deploy` uses them again.
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
    """Delete the stage after asking. Return what is left."""
    resources = [*app_resources(stage, account), *stack_resources(stage, account)]
    data = data_resources(stage, account)
    if not resources and not data:
        echo(f"Stage {stage.name} has nothing in {account.region} of account {account.id}.")
        return []
    echo(f"Stage {stage.name} in {account.region} of account {account.id} has:")
    for resource in [*resources, *data]:
        echo(f"  {resource}")
    if ask(f"Type {stage.name} to delete it: ").strip() != stage.name:
        raise CommandError("Nothing was deleted.")
    with_data = not only_app and data and _confirms_data(ask)
    store = open_store(stage, account)
    if store.exists():
        with store.lock("destroy", current_user()):
            _delete_app(stage, account)
            ChaliceApp(stage, account, store).clear()
            Releases(stage, account, store).delete_all()
    else:
        _delete_app(stage, account)
    if with_data:
        _delete(data_resources(stage, account))
    return _left(stage, account, kept=not with_data)


def _confirms_data(ask: Ask) -> bool:
    return (
        ask(f"Type {DATA_WORDS} to also delete the tables and the export: ").strip()
        == DATA_WORDS
    )


def _delete_app(stage: Stage, account: Account) -> None:
    """Delete what uses the app first, and what the app uses last. The single stack of a
    pipeline comes first, with the functions: deleting them separately would break the stack."""
    stacks = stack_resources(stage, account)
    _delete([stack for stack in stacks if stack.name != stage.resources_stack])
    _delete(app_resources(stage, account))
    _delete([stack for stack in stacks if stack.name == stage.resources_stack])
    _delete(log_resources(stage, account))


def _delete(resources: list[Resource]) -> None:
    for resource in delete_all(resources):
        echo(f"Deleted: {resource}")


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
        echo(f"Left: {join_words([str(resource) for resource in left])}.")
        echo(f"make deploy STAGE={stage.name} would use them again.")
    else:
        names = join_words([str(resource) for resource in left])
        echo(f"Still there: {names}. Run the command again.")
    return left
