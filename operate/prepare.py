"""Make this copy of the repository ready for `chalice deploy --stage STAGE` typed by hand.

    python -m operate.prepare --stage prod

It makes the tables and the rest of infra/resources.yaml, puts Chalice's record where Chalice
looks for it, and writes the hashes of the read tokens into .chalice/config.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from chalicelib.version import __version__
from local.paths import ROOT
from operate import checks
from operate.account import Account, open_account
from operate.app import App
from operate.command import operator, parser, run, say
from operate.compatibility import check_readable, note_written
from operate.migrations import READS
from operate.project import Project, config_with
from operate.record import open_record
from operate.region import chosen_region, keep_region
from operate.resources import Resources
from operate.secret import make_visitor_key
from operate.stage import Stage, read_stage, settings_of
from operate.tokens import hashes_in_force, kept_tokens


def prepare(stage: Stage, account: Account, source: Path = ROOT) -> None:
    checks.check_settings(stage, settings_of(stage))
    checks.check_policies(stage, source)
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
    note = checks.by_hand_note()
    if note:
        say(f"Note: {note}")
    say(
        f"Ready: AWS_DEFAULT_REGION={account.region} .venv/bin/chalice deploy --stage "
        f"{stage.name}. Chalice does not know the region of the stage. Afterwards make deploy "
        f"STAGE={stage.name} sets what Chalice cannot."
    )


def main(arguments: Sequence[str]) -> None:
    chosen = parser("prepare", __doc__).parse_args(arguments)
    stage = read_stage(chosen.stage)
    prepare(stage, open_account(chosen_region(stage, chosen.region)))


if __name__ == "__main__":
    run(main)
