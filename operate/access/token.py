"""The tokens that may read a stage: list them, make one, replace one, take one away.

    python -m operate.access.token --stage prod [--new NAME] [--rotate NAME] [--remove NAME]

A change takes effect within seconds, without a deployment.
"""

from __future__ import annotations

from collections.abc import Sequence

from operate.access.tokens import (
    Token,
    hashes_in_force,
    keep_tokens,
    kept_tokens,
    new_token,
    with_token,
    without_token,
)
from operate.aws.account import Account
from operate.aws.deployment_store import Record, open_record
from operate.aws.region import account_of
from operate.aws.stage import Stage, read_stage, settings_of
from operate.build.chalice_app import App
from operate.build.environment_size import check_environment
from operate.console import operator, parser, run, say
from operate.errors import Refused


def change(
    stage: Stage, account: Account, *, new: str = "", rotate: str = "", remove: str = ""
) -> None:
    record = open_record(stage, account)
    if not record.exists():
        raise Refused(f"Stage {stage.name} is not deployed: make deploy STAGE={stage.name}.")
    with record.lock("token", operator()):
        tokens, made = kept_tokens(record), None
        gone = remove or rotate
        if gone:
            tokens = without_token(tokens, gone)
        if new or rotate:
            made, token = new_token(new or rotate)
            tokens = with_token(tokens, token)
        _put_in_force(stage, account, record, tokens)
    if made:
        say(f"Read token {new or rotate}, shown this once: {made}")
    if gone:
        say(f"The {'old ' if rotate else ''}token {gone} does not read any more.")


def show(stage: Stage, account: Account) -> None:
    tokens = kept_tokens(open_record(stage, account))
    for token in tokens:
        say(f"{token.name:<20} made on {token.made_on}, SHA-256 {token.hash[:12]}...")
    named = stage.environment.get("READ_TOKEN_HASHES", "")
    if named:
        say(f"And in .chalice/config.json: {len(named.split(','))} by hash.")
    if not tokens and not named:
        say("There is no token; nobody reads.")


def _put_in_force(stage: Stage, account: Account, record: Record, tokens: list[Token]) -> None:
    """The functions first: what is kept and not in force would look right and be wrong."""
    client = account.client("lambda")
    hashes = hashes_in_force(stage, tokens)
    settings_of(stage, {"READ_TOKEN_HASHES": hashes})
    functions = App(stage, account, record).functions()
    changed = {
        name: {**found["Environment"]["Variables"], "READ_TOKEN_HASHES": hashes}
        for name, found in functions.items()
    }
    for variables in changed.values():
        check_environment(variables)
    for name, variables in changed.items():
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
    keep_tokens(record, tokens)
    if not functions:
        say("The app is not deployed; the next deployment takes this along.")


def main(arguments: Sequence[str]) -> None:
    options = parser("access.token", __doc__)
    options.add_argument("--new", default="", metavar="NAME", help="make one")
    options.add_argument("--rotate", default="", metavar="NAME", help="make it anew")
    options.add_argument("--remove", default="", metavar="NAME", help="take it away")
    chosen = options.parse_args(arguments)
    if sum(map(bool, (chosen.new, chosen.rotate, chosen.remove))) > 1:
        raise Refused("Use one of NEW=, ROTATE= and REMOVE= at a time.")
    stage = read_stage(chosen.stage)
    account = account_of(stage, chosen.region)
    if chosen.new or chosen.rotate or chosen.remove:
        change(stage, account, new=chosen.new, rotate=chosen.rotate, remove=chosen.remove)
    else:
        show(stage, account)


if __name__ == "__main__":
    run(main)
