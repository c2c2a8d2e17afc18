"""The read tokens of a stage. The account stores their names and SHA-256, and the functions get
the SHA-256. A token itself is shown once, when it is created, and stored nowhere."""

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

MAX_TOKENS = 40  # all variables of a function share 4 KB


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    hash: str
    made_on: str  # YYYY-MM-DD


def load_tokens(store: DeploymentStore) -> list[Token]:
    return [Token(**token) for token in store.get("tokens") or []]


def save_tokens(store: DeploymentStore, tokens: list[Token]) -> None:
    store.put("tokens", [asdict(token) for token in tokens])


def create_token(name: str) -> tuple[str, Token]:
    """Return a new token, and what is stored of it."""
    text = secrets.token_urlsafe(SECRET_BYTES)
    return text, Token(name, token_hash(text), datetime.now(UTC).date().isoformat())


def add_token(tokens: list[Token], token: Token) -> list[Token]:
    if any(other.name == token.name for other in tokens):
        raise CommandError(
            f"There is already a token {token.name!r}. Replace it with ROTATE={token.name}, or "
            "revoke it with REMOVE=."
        )
    if len(tokens) >= MAX_TOKENS:
        raise CommandError(f"A stage can have at most {MAX_TOKENS} tokens. Revoke one first.")
    return [*tokens, token]


def remove_token(tokens: list[Token], name: str) -> list[Token]:
    left = [token for token in tokens if token.name != name]
    if len(left) == len(tokens):
        names = ", ".join(token.name for token in tokens) or "none"
        raise CommandError(f"There is no token {name!r}. Tokens: {names}.")
    return left


def active_hashes(stage: Stage, tokens: list[Token]) -> str:
    """Return READ_TOKEN_HASHES for the functions: the hashes in config.json and of these."""
    named = stage.environment.get("READ_TOKEN_HASHES", "")
    hashes = {part.strip().lower() for part in named.split(",") if part.strip()}
    return ",".join(sorted(hashes | {token.hash for token in tokens}))


def change_tokens(
    stage: Stage, account: Account, *, new: str = "", rotate: str = "", remove: str = ""
) -> None:
    """Create, replace or revoke a token, and print a new one."""
    store = open_store(stage, account)
    if not store.exists():
        raise CommandError(
            f"Stage {stage.name} is not deployed: make deploy STAGE={stage.name}."
        )
    created, revoked = new or rotate, remove or rotate
    secret = ""
    with store.lock("token", current_user()):
        tokens = load_tokens(store)
        if revoked:
            tokens = remove_token(tokens, revoked)
        if created:
            secret, token = create_token(created)
            tokens = add_token(tokens, token)
        _apply(stage, account, store, tokens)
    if created:
        echo(f"Read token {created}, shown this once: {secret}")
    if revoked:
        echo(f"The {'old ' if rotate else ''}token {revoked} has been revoked.")


def print_tokens(stage: Stage, account: Account) -> None:
    tokens = load_tokens(open_store(stage, account))
    for token in tokens:
        echo(f"{token.name:<20} created on {token.made_on}, SHA-256 {token.hash[:12]}...")
    configured = stage.environment.get("READ_TOKEN_HASHES", "")
    if configured:
        echo(f"Hashes in .chalice/config.json: {len(configured.split(','))}")
    if not tokens and not configured:
        echo("There are no tokens, so the API cannot be read.")


def _apply(stage: Stage, account: Account, store: DeploymentStore, tokens: list[Token]) -> None:
    """Update the functions first: a token must not be listed before it works."""
    client = account.client("lambda")
    hashes = active_hashes(stage, tokens)
    settings_of(stage, {"READ_TOKEN_HASHES": hashes})
    functions = ChaliceApp(stage, account, store).functions()
    environments = {
        name: {**function["Environment"]["Variables"], "READ_TOKEN_HASHES": hashes}
        for name, function in functions.items()
    }
    for variables in environments.values():
        check_environment(variables)
    for name, variables in environments.items():
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
    save_tokens(store, tokens)
    if not functions:
        echo("The app is not deployed. The next deployment applies the change.")
