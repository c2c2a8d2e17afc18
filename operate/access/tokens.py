"""The read tokens of a stage: the account keeps their names and SHA-256, the functions get the
SHA-256. A token itself is shown once, when it is made, and is nowhere after that."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from devkit.local_secrets import SECRET_BYTES, token_hash
from operate.aws.account import Account
from operate.aws.deployment_store import DeploymentStore, open_store
from operate.aws.stage import Stage, settings_of
from operate.build.chalice_app import ChaliceApp
from operate.build.environment_size import check_environment
from operate.console import current_user, echo
from operate.errors import CommandError

MAX_TOKENS = 40  # with all variables, a function's environment has 4 KB


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    hash: str
    made_on: str  # YYYY-MM-DD


def load_tokens(record: DeploymentStore) -> list[Token]:
    return [Token(**token) for token in record.get("tokens") or []]


def save_tokens(record: DeploymentStore, tokens: list[Token]) -> None:
    record.put("tokens", [asdict(token) for token in tokens])


def create_token(name: str) -> tuple[str, Token]:
    """A token that may read, and what is kept of it."""
    text = secrets.token_urlsafe(SECRET_BYTES)
    return text, Token(name, token_hash(text), datetime.now(UTC).date().isoformat())


def add_token(tokens: list[Token], token: Token) -> list[Token]:
    if any(other.name == token.name for other in tokens):
        raise CommandError(
            f"There is a token {token.name!r} already. ROTATE={token.name} makes a new one in "
            "its place, REMOVE= takes it away."
        )
    if len(tokens) >= MAX_TOKENS:
        raise CommandError(f"A stage has room for {MAX_TOKENS} tokens. Remove one first.")
    return [*tokens, token]


def remove_token(tokens: list[Token], name: str) -> list[Token]:
    left = [token for token in tokens if token.name != name]
    if len(left) == len(tokens):
        names = ", ".join(token.name for token in tokens) or "none"
        raise CommandError(f"There is no token {name!r}; there is {names}.")
    return left


def active_hashes(stage: Stage, tokens: list[Token]) -> str:
    """READ_TOKEN_HASHES as the functions get it: config.json's and those kept here."""
    named = stage.environment.get("READ_TOKEN_HASHES", "")
    hashes = {part.strip().lower() for part in named.split(",") if part.strip()}
    return ",".join(sorted(hashes | {token.hash for token in tokens}))


def change_tokens(
    stage: Stage, account: Account, *, new: str = "", rotate: str = "", remove: str = ""
) -> None:
    record = open_store(stage, account)
    if not record.exists():
        raise CommandError(
            f"Stage {stage.name} is not deployed: make deploy STAGE={stage.name}."
        )
    with record.lock("token", current_user()):
        tokens, made = load_tokens(record), None
        gone = remove or rotate
        if gone:
            tokens = remove_token(tokens, gone)
        if new or rotate:
            made, token = create_token(new or rotate)
            tokens = add_token(tokens, token)
        _apply(stage, account, record, tokens)
    if made:
        echo(f"Read token {new or rotate}, shown this once: {made}")
    if gone:
        echo(f"The {'old ' if rotate else ''}token {gone} does not read any more.")


def print_tokens(stage: Stage, account: Account) -> None:
    tokens = load_tokens(open_store(stage, account))
    for token in tokens:
        echo(f"{token.name:<20} made on {token.made_on}, SHA-256 {token.hash[:12]}...")
    named = stage.environment.get("READ_TOKEN_HASHES", "")
    if named:
        echo(f"And in .chalice/config.json: {len(named.split(','))} by hash.")
    if not tokens and not named:
        echo("There is no token; nobody reads.")


def _apply(
    stage: Stage, account: Account, record: DeploymentStore, tokens: list[Token]
) -> None:
    """The functions first: what is kept and not in force would look right and be wrong."""
    client = account.client("lambda")
    hashes = active_hashes(stage, tokens)
    settings_of(stage, {"READ_TOKEN_HASHES": hashes})
    functions = ChaliceApp(stage, account, record).functions()
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
    save_tokens(record, tokens)
    if not functions:
        echo("The app is not deployed; the next deployment takes this along.")
