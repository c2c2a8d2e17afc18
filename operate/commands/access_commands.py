"""Commands for read tokens, the visitor key, and an edge or another proxy."""

from __future__ import annotations

import os

import click

from operate import clock
from operate.commands.shared_options import Target, command, on_stage
from operate.console import echo, join_words, pluralize


@command("token", example="token --stage prod --new ann")
@on_stage
@click.option("--new", default="", metavar="NAME", help="Create a token.")
@click.option("--rotate", default="", metavar="NAME", help="Replace a token by a new one.")
@click.option("--remove", default="", metavar="NAME", help="Revoke a token.")
def token(target: Target, *, new: str, rotate: str, remove: str) -> None:
    """List, create, rotate or revoke read tokens.

    Without an option, it lists the tokens. A change takes effect within seconds, without a
    deployment.
    """
    from operate.access.tokens import change_tokens, print_tokens

    if sum(map(bool, (new, rotate, remove))) > 1:
        raise click.UsageError("Use only one of --new, --rotate and --remove.")
    if new or rotate or remove:
        change_tokens(target.stage, target.account, new=new, rotate=rotate, remove=remove)
    else:
        print_tokens(target.stage, target.account)


@command("visitor-key", example="visitor-key --stage prod")
@on_stage
def visitor_key(target: Target) -> None:
    """Create the key that hashes user IDs, unless there is one.

    The key is stored in Parameter Store and never printed. With another key, everyone who has
    a user ID would become a new visitor.

    If VISITOR_KEY is in the environment, it becomes the key: a stage whose pipeline has passed
    it to the stack so far keeps it. `deploy` creates the key too.
    """
    from operate.access.visitor_key_parameter import ensure_visitor_key

    given = os.environ.get("VISITOR_KEY", "").strip()
    created = ensure_visitor_key(target.stage, target.account, given)
    name = target.stage.visitor_key_parameter
    echo(f"Stored the visitor key in {name}." if created else f"{name} has the visitor key.")


@command("edge", example="edge --stage prod")
@on_stage
@click.argument("bucket", default="")
def edge(target: Target, *, bucket: str) -> None:
    """Upload the tracker and the dashboard to the bucket of infra/edge.yaml.

    Run it after each update of the app. Without BUCKET, it uploads to the output FilesBucket
    of the stack liveinsight-STAGE-edge.
    """
    from operate.deploy.preflight import check_built
    from operate.deploy.upload_assets import edge_bucket, upload
    from operate.resources.inventory import EDGE_REGION

    check_built()
    account = target.account.in_region(EDGE_REGION)
    bucket = bucket or edge_bucket(target.stage, account)
    done = upload(bucket, account.client("s3"), clock.now())
    echo(f"Uploaded {pluralize(len(done.uploaded), 'file')} to {bucket}.")
    if done.deleted:
        echo(f"Deleted {join_words(done.deleted)}: the previous upload had none of them.")
    if done.kept:
        echo(f"Kept {join_words(done.kept)} from an earlier upload, for pages open now.")
    echo("Visitors get the new dashboard at once, and the new tracker within a day.")


@command("edge-secret", example="edge-secret")
def edge_secret() -> None:
    """Create the secret by which CloudFront or your proxy identifies itself.

    The command changes nothing: you give the secret to the proxy and its hash to the app.
    """
    from operate.access.edge_secret import create_edge_secret

    secret, hashed = create_edge_secret()
    echo(f"Secret, shown this once: {secret}")
    echo(f"Its hash:                {hashed}")
    echo()
    echo("1. Give the secret to the proxy: to infra/edge.yaml as the parameter EdgeSecret, to")
    echo("   any other proxy as the value of the request header X-LiveInsight-Edge.")
    echo("2. Add the hash to EDGE_SECRET_HASHES in .chalice/config.json, and run make deploy.")
    echo("   To replace a secret, list both hashes, separated by a comma, until the proxy has")
    echo("   the new secret.")


COMMANDS = (token, visitor_key, edge, edge_secret)
