"""Prepare this checkout for `chalice deploy --stage STAGE` by hand: create or update
infra/resources.yaml, restore Chalice's record of what it deployed, and write the hashes of the
read tokens to .chalice/config.json."""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.version import __version__
from devkit.project_paths import ROOT
from operate.access.tokens import active_hashes, load_tokens
from operate.access.visitor_key_parameter import ensure_visitor_key
from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.region import save_region
from operate.aws.stage import Stage, settings_of
from operate.build.build_copy import BuildCopy, config_with
from operate.build.chalice_app import ChaliceApp
from operate.console import current_user, echo
from operate.deploy import preflight
from operate.resources.resource_stack import ResourceStack
from operate.versions.compatibility import check_readable, record_written_versions
from operate.versions.migrations import READABLE_VERSIONS


def prepare_checkout(stage: Stage, account: Account, source: Path = ROOT) -> None:
    preflight.check_settings(stage, settings_of(stage))
    preflight.check_policies(stage, source)
    stage = save_region(stage, account.region, source)
    store = open_store(stage, account)
    check_readable(store, READABLE_VERSIONS, f"Version {__version__}")
    template = source / "infra" / "resources.yaml"
    ResourceStack(stage, account, {}, template=template).apply()
    with store.lock("prepare", current_user()):
        ensure_visitor_key(stage, account)
        stored = {"READ_TOKEN_HASHES": active_hashes(stage, load_tokens(store))}
        project = BuildCopy(source, stage.name)
        text = json.dumps(config_with(stage, stored), indent=2)
        project.config_file.write_text(f"{text}\n", encoding="utf-8")
        ChaliceApp(stage, account, store, source=source).restore_chalice_state(project)
        record_written_versions(store)
    note = preflight.by_hand_note()
    if note:
        echo(f"Note: {note}")
    echo(
        f"Ready: AWS_DEFAULT_REGION={account.region} .venv/bin/chalice deploy --stage "
        f"{stage.name}. Chalice does not know the region of the stage. Afterwards, run "
        f"make deploy STAGE={stage.name}, which configures what Chalice cannot."
    )
