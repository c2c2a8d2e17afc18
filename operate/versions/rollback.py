"""Put the code of the release before back in place; tables, tokens and settings stay.

python -m operate.versions.rollback --stage prod
"""

from __future__ import annotations

from collections.abc import Sequence

from operate.aws.account import Account
from operate.aws.deployment_store import open_record
from operate.aws.region import account_of
from operate.aws.stage import Stage, read_stage
from operate.build.chalice_app import App
from operate.console import operator, parser, run, say
from operate.errors import Refused
from operate.versions.releases import Download, Releases, download


def roll_back(stage: Stage, account: Account, fetch: Download = download) -> None:
    record = open_record(stage, account)
    with record.lock("rollback", operator()):
        api_id = App(stage, account, record).api_id()
        if api_id is None:
            raise Refused(f"Stage {stage.name} is not deployed.")
        release = Releases(stage, account, record, fetch).go_back(api_id)
    say(
        f"Release {release.number} (version {release.app_version}, of {release.made_at}) runs "
        f"again. Tables and tokens are as they were. make deploy STAGE={stage.name} goes "
        "forward again."
    )


def main(arguments: Sequence[str]) -> None:
    chosen = parser("versions.rollback", __doc__).parse_args(arguments)
    stage = read_stage(chosen.stage)
    roll_back(stage, account_of(stage, chosen.region))


if __name__ == "__main__":
    run(main)
