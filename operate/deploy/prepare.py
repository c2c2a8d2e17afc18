"""Make this copy of the repository ready for `chalice deploy --stage STAGE` typed by hand.

    python -m operate.deploy.prepare --stage prod

It makes the tables and the rest of infra/resources.yaml, puts Chalice's record where Chalice
looks for it, and writes the hashes of the read tokens into .chalice/config.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from chalicelib.version import __version__
from devkit.project_paths import ROOT
from operate.access.tokens import hashes_in_force, kept_tokens
from operate.access.visitor_key_parameter import make_visitor_key
from operate.aws.account import Account, open_account
from operate.aws.deployment_store import open_record
from operate.aws.region import chosen_region, keep_region
from operate.aws.stage import Stage, read_stage, settings_of
from operate.build.build_copy import Project, config_with
from operate.build.chalice_app import App
from operate.console import operator, parser, run, say
from operate.deploy import preflight
from operate.resources.resource_stack import Resources
from operate.versions.compatibility import check_readable, note_written
from operate.versions.migrations import READS


def prepare(stage: Stage, account: Account, source: Path = ROOT) -> None:
    preflight.check_settings(stage, settings_of(stage))
    preflight.check_policies(stage, source)
    stage = keep_region(stage, account.region, source)
    record = open_record(stage, account)
    check_readable(record, READS, f"Version {__version__}")
    template = source / "infra" / "resources.yaml"
    Resources(stage, account, {}, template=template).bring_up_to_date()
    with record.lock("prepare", operator()):
        make_visitor_key(stage, account)
        kept = {"READ_TOKEN_HASHES": hashes_in_force(stage, kept_tokens(record))}
        project = Project(source, stage.name)
        text = json.dumps(config_with(stage, kept), indent=2)
        project.config_file.write_text(f"{text}\n", encoding="utf-8")
        App(stage, account, record, source=source).place_record(project)
        note_written(record)
    note = preflight.by_hand_note()
    if note:
        say(f"Note: {note}")
    say(
        f"Ready: AWS_DEFAULT_REGION={account.region} .venv/bin/chalice deploy --stage "
        f"{stage.name}. Chalice does not know the region of the stage. Afterwards make deploy "
        f"STAGE={stage.name} sets what Chalice cannot."
    )


def main(arguments: Sequence[str]) -> None:
    chosen = parser("deploy.prepare", __doc__).parse_args(arguments)
    stage = read_stage(chosen.stage)
    prepare(stage, open_account(chosen_region(stage, chosen.region)))


if __name__ == "__main__":
    run(main)
