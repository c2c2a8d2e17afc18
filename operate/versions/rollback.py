"""Put the code of the release before back in place; tables, tokens and settings stay.

python -m operate.versions.rollback --stage prod
"""

from __future__ import annotations

from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.stage import Stage
from operate.build.chalice_app import ChaliceApp
from operate.console import current_user, echo
from operate.errors import CommandError
from operate.versions.releases import Download, Releases, download


def roll_back(stage: Stage, account: Account, fetch: Download = download) -> None:
    record = open_store(stage, account)
    with record.lock("rollback", current_user()):
        api_id = ChaliceApp(stage, account, record).api_id()
        if api_id is None:
            raise CommandError(f"Stage {stage.name} is not deployed.")
        release = Releases(stage, account, record, fetch).roll_back(api_id)
    echo(
        f"Release {release.number} (version {release.app_version}, of {release.made_at}) runs "
        f"again. Tables and tokens are as they were. make deploy STAGE={stage.name} goes "
        "forward again."
    )
