"""Make a secret by which the edge, or another proxy, proves that it forwards a request.

    python -m operate.access.edge_secret

It changes nothing: you hand the secret to the proxy, and its hash to the app.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from devkit.local_secrets import SECRET_BYTES, token_hash
from operate.console import parser, run, say


def main(arguments: Sequence[str]) -> None:
    parser("access.edge_secret", __doc__).parse_args(arguments)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    say(f"Secret, shown this once: {secret}")
    say(f"Its hash:                {token_hash(secret)}")
    say()
    say("1. Hand the secret to the proxy. infra/edge.yaml takes it as the parameter")
    say("   EdgeSecret; any other proxy sends it in the header X-LiveInsight-Edge.")
    say("2. Put the hash into EDGE_SECRET_HASHES in .chalice/config.json, and make deploy.")
    say("   To replace a secret, list both hashes, with a comma, until the proxy has the new")
    say("   one.")


if __name__ == "__main__":
    run(main)
