"""Roll back: restore the code of the previous release. Tables, tokens and settings stay."""

from __future__ import annotations

from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.stage import Stage
from operate.build.chalice_app import ChaliceApp
from operate.console import current_user, echo
from operate.errors import CommandError
from operate.versions.releases import Download, Releases, download


def roll_back(stage: Stage, account: Account, fetch: Download = download) -> None:
    store = open_store(stage, account)
    with store.lock("rollback", current_user()):
        api_id = ChaliceApp(stage, account, store).api_id()
        if api_id is None:
            raise CommandError(f"Stage {stage.name} is not deployed.")
        release = Releases(stage, account, store, fetch).roll_back(api_id)
    echo(
        f"Release {release.number} (version {release.app_version}, of {release.made_at}) is "
        "deployed again. Tables and tokens have not changed. To deploy this checkout again: "
        f"make deploy STAGE={stage.name}"
    )
