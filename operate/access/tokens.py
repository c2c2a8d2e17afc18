"""The read tokens of a stage: the account keeps their names and SHA-256, the functions get the
SHA-256. A token itself is shown once, when it is made, and is nowhere after that."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from devkit.local_secrets import SECRET_BYTES, token_hash
from operate.aws.deployment_store import Record
from operate.aws.stage import Stage
from operate.errors import Refused

MOST_TOKENS = 40  # with all variables, a function's environment has 4 KB


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    hash: str
    made_on: str  # YYYY-MM-DD


def kept_tokens(record: Record) -> list[Token]:
    return [Token(**token) for token in record.get("tokens") or []]


def keep_tokens(record: Record, tokens: list[Token]) -> None:
    record.put("tokens", [asdict(token) for token in tokens])


def new_token(name: str) -> tuple[str, Token]:
    """A token that may read, and what is kept of it."""
    text = secrets.token_urlsafe(SECRET_BYTES)
    return text, Token(name, token_hash(text), datetime.now(UTC).date().isoformat())


def with_token(tokens: list[Token], token: Token) -> list[Token]:
    if any(other.name == token.name for other in tokens):
        raise Refused(
            f"There is a token {token.name!r} already. ROTATE={token.name} makes a new one in "
            "its place, REMOVE= takes it away."
        )
    if len(tokens) >= MOST_TOKENS:
        raise Refused(f"A stage has room for {MOST_TOKENS} tokens. Remove one first.")
    return [*tokens, token]


def without_token(tokens: list[Token], name: str) -> list[Token]:
    left = [token for token in tokens if token.name != name]
    if len(left) == len(tokens):
        names = ", ".join(token.name for token in tokens) or "none"
        raise Refused(f"There is no token {name!r}; there is {names}.")
    return left


def hashes_in_force(stage: Stage, tokens: list[Token]) -> str:
    """READ_TOKEN_HASHES as the functions get it: config.json's and those kept here."""
    named = stage.environment.get("READ_TOKEN_HASHES", "")
    hashes = {part.strip().lower() for part in named.split(",") if part.strip()}
    return ",".join(sorted(hashes | {token.hash for token in tokens}))
