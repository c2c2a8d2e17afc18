"""Take a stage out of the account. It asks first, and says what is left.

    python -m operate.resources.destroy --stage prod [--only app]
        [--yes prod] [--data "delete the data"]

The data goes only with the explicit words, asked for or given; without them the tables, the
export and the visitor key stay, and the next `make deploy` goes on with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from operate.aws.account import Account
from operate.aws.deployment_store import open_record
from operate.aws.region import account_of
from operate.aws.stage import Stage, read_stage
from operate.build.chalice_app import App
from operate.console import listed, operator, parser, run, say
from operate.errors import Refused
from operate.resources.inventory import (
    Part,
    app_parts,
    data_parts,
    delete,
    log_parts,
    stack_parts,
)
from operate.versions.releases import Releases

DATA_WORDS = "delete the data"
DATA = ("table", "bucket", "parameter")

Ask = Callable[[str], str]


def destroy(
    stage: Stage, account: Account, ask: Ask = input, *, only_app: bool = False
) -> list[Part]:
    """What is left, which is nothing, or the data."""
    there = [*app_parts(stage, account), *stack_parts(stage, account)]
    data = data_parts(stage, account)
    if not there and not data:
        say(f"Stage {stage.name} has nothing in {account.region} of account {account.id}.")
        return []
    say(f"Stage {stage.name} in {account.region} of account {account.id} has:")
    for part in [*there, *data]:
        say(f"  {part}")
    if ask(f"Type {stage.name} to delete it: ").strip() != stage.name:
        raise Refused("Nothing has been deleted.")
    with_data = not only_app and data and _says_so(ask)
    record = open_record(stage, account)
    if record.exists():
        with record.lock("destroy", operator()):
            _delete_app(stage, account)
            App(stage, account, record).forget()
            Releases(stage, account, record).forget_all()
    else:
        _delete_app(stage, account)
    if with_data:
        _delete(data_parts(stage, account))
    return _left(stage, account, kept=not with_data)


def _says_so(ask: Ask) -> bool:
    return ask(f"Type {DATA_WORDS} to delete tables and export too: ").strip() == DATA_WORDS


def _delete_app(stage: Stage, account: Account) -> None:
    """First what stands before the app, last what it stands on. If a pipeline deployed the
    stage, its one stack goes first and takes the functions along: they would be missing from it
    otherwise."""
    stacks = stack_parts(stage, account)
    _delete([part for part in stacks if part.name != stage.resources_stack])
    _delete(app_parts(stage, account))
    _delete([part for part in stacks if part.name == stage.resources_stack])
    _delete(log_parts(stage, account))


def _delete(parts: list[Part]) -> None:
    for part in delete(parts):
        say(f"Deleted: {part}")


def _left(stage: Stage, account: Account, *, kept: bool) -> list[Part]:
    left = [
        *app_parts(stage, account),
        *stack_parts(stage, account),
        *log_parts(stage, account),
        *data_parts(stage, account),
    ]
    if not left:
        say("Nothing is left but backups of the tables, which DynamoDB keeps for 35 days.")
    elif kept:
        say(f"Left: {listed([str(part) for part in left])}.")
        say(f"make deploy STAGE={stage.name} goes on with them.")
    else:
        say(f"Still there: {listed([str(part) for part in left])}. Run the command again.")
    return left


def main(arguments: Sequence[str]) -> None:
    options = parser("resources.destroy", __doc__)
    options.add_argument("--only", choices=["app"], help="leave the data")
    options.add_argument("--yes", default="", help="the stage's name, instead of being asked")
    options.add_argument("--data", default="", help=f'"{DATA_WORDS}", instead of being asked')
    chosen = options.parse_args(arguments)
    answers = [chosen.yes, chosen.data]

    def answer(question: str) -> str:
        return answers.pop(0) if chosen.yes else input(question)

    stage = read_stage(chosen.stage)
    account = account_of(stage, chosen.region)
    left = destroy(stage, account, answer, only_app=chosen.only == "app")
    if any(part.what not in DATA for part in left):
        raise Refused("It is not all gone yet.")


if __name__ == "__main__":
    run(main)
