"""The AWS region of a stage. Its first deployment chooses it, .chalice/config.json stores it,
and every later command uses it, so that data never moves to another country by default."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import UnknownRegionError

from devkit.project_paths import ROOT
from operate.aws.account import Account, check_partition, open_account
from operate.aws.stage import Stage
from operate.errors import CommandError

EXAMPLES = "eu-central-1 (Frankfurt), us-east-1 (N. Virginia) or ap-northeast-2 (Seoul)"

Ask = Callable[[str], str]


def account_of(stage: Stage, requested: str | None = None) -> Account:
    """Return the account in the stage's region. `requested` is the operator's --region, if
    any."""
    return open_account(region_of(stage, requested))


def first_account_of(stage: Stage, requested: str | None = None) -> Account:
    """Return the account, also before the first deployment: the region can be chosen now."""
    return open_account(choose_region(stage, requested))


def region_of(stage: Stage, requested: str | None = None) -> str:
    """Raise CommandError if the stage has no region yet, or if the operator names another."""
    region = stage.region
    if not region:
        raise CommandError(
            f"Stage {stage.name} has no region in .chalice/config.json. The first deployment "
            f"stores one: make deploy STAGE={stage.name} REGION=eu-central-1. If the stage is "
            'already deployed, or by a pipeline, add "region": "eu-central-1" (or its own '
            "region) to the stage in that file."
        )
    _check_same(stage.name, region, {"REGION": requested, "AWS_REGION": _environment_region()})
    return check_region(region)


def choose_region(stage: Stage, requested: str | None = None, ask: Ask | None = None) -> str:
    """Return the stage's region or, at its first deployment, the operator's choice. `ask` asks
    the operator; by default on the terminal, if there is one."""
    if stage.region:
        return region_of(stage, requested)
    region = requested or _ask_for_region(stage.name, ask or _on_terminal())
    _check_same(stage.name, region, {"AWS_REGION": _environment_region()})
    return check_region(region)


def save_region(stage: Stage, region: str, project: Path = ROOT) -> Stage:
    """Store the region in config.json, unless it is there already."""
    if stage.region == region:
        return stage
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(_with_region(config, stage.name, region), encoding="utf-8")
    kept = json.loads(_with_region(stage.config, stage.name, region))
    return replace(stage, config=kept)


def check_region(region: str) -> str:
    """Raise CommandError unless the region exists and is in the commercial partition."""
    try:
        partition = botocore.session.get_session().get_partition_for_region(region)
    except UnknownRegionError:
        raise CommandError(f"{region!r} is not an AWS region. Examples: {EXAMPLES}.") from None
    check_partition(partition)
    return region


def _check_same(stage: str, region: str, named: Mapping[str, str | None]) -> None:
    for variable, other in named.items():
        if other and other != region:
            raise CommandError(
                f"{variable} is {other}, but the region of stage {stage} is {region}. Unset "
                f"{variable}. A stage cannot be moved: to use {other}, deploy another stage "
                "there."
            )


def _environment_region() -> str | None:
    """Return AWS_REGION only: AWS_DEFAULT_REGION and the profile's region are defaults, which
    the stage's region overrides."""
    return os.environ.get("AWS_REGION")


def _ask_for_region(stage: str, ask: Ask | None) -> str:
    if ask is None:
        raise CommandError(
            f"Stage {stage} has no region yet. Choose where to store its data: "
            f"make deploy STAGE={stage} REGION=eu-central-1."
        )
    default = (
        _environment_region()
        or botocore.session.get_session().get_config_variable("region")
        or ""
    )
    answer = ask(
        f"Which region should store the data of stage {stage}? It cannot be changed later.\n"
        f"Examples: {EXAMPLES}.\nRegion{f' [{default}]' if default else ''}: "
    ).strip()
    if not answer and not default:
        raise CommandError("No region was chosen, so nothing was changed.")
    return answer or default


def _on_terminal() -> Ask | None:
    return input if sys.stdin.isatty() else None


def _with_region(config: Mapping[str, Any], stage: str, region: str) -> str:
    stages = {**config["stages"], stage: {"region": region, **config["stages"][stage]}}
    text = json.dumps({**config, "stages": stages}, indent=2, ensure_ascii=False)
    return f"{text}\n"
