"""The AWS region of a stage. Its first deployment chooses it, .chalice/config.json keeps it and
every later command uses it, so that data never lands in another country by default."""

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


def account_of(stage: Stage, wanted: str | None = None) -> Account:
    """The account in the stage's region. `wanted` is what the operator named, if anything."""
    return open_account(region_of(stage, wanted))


def first_account_of(stage: Stage, wanted: str | None = None) -> Account:
    """The account, also before the first deployment: the region may be chosen now."""
    return open_account(choose_region(stage, wanted))


def region_of(stage: Stage, wanted: str | None = None) -> str:
    """Raise Refused if the stage has none yet, or if the operator means another one."""
    region = stage.region
    if not region:
        raise CommandError(
            f"Stage {stage.name} has no region in .chalice/config.json. Its first make deploy "
            f"stores one: make deploy STAGE={stage.name} REGION=eu-central-1. If the stage is "
            'deployed already, or by a pipeline, add "region": "eu-central-1" to its part of '
            "that file, with the region that is right."
        )
    _check_meant(stage.name, region, {"REGION": wanted, "AWS_REGION": _exported()})
    return check_region(region)


def choose_region(stage: Stage, wanted: str | None = None, ask: Ask | None = None) -> str:
    """The stage's region or, at its first deployment, the operator's choice. `ask` is for
    questions; left out, they are asked on the terminal if there is one."""
    if stage.region:
        return region_of(stage, wanted)
    region = wanted or _asked(stage.name, ask or _on_terminal())
    _check_meant(stage.name, region, {"AWS_REGION": _exported()})
    return check_region(region)


def save_region(stage: Stage, region: str, project: Path = ROOT) -> Stage:
    """Write it into the stage's part of config.json, if it is not there."""
    if stage.region == region:
        return stage
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(_with_region(config, stage.name, region), encoding="utf-8")
    kept = json.loads(_with_region(stage.config, stage.name, region))
    return replace(stage, config=kept)


def check_region(region: str) -> str:
    """Raise Refused for one that does not exist, or that lies in another partition."""
    try:
        partition = botocore.session.get_session().get_partition_for_region(region)
    except UnknownRegionError:
        raise CommandError(f"{region!r} is not an AWS region. Examples: {EXAMPLES}.") from None
    check_partition(partition)
    return region


def _check_meant(stage: str, region: str, named: Mapping[str, str | None]) -> None:
    for variable, other in named.items():
        if other and other != region:
            raise CommandError(
                f"{variable} is {other}, but the region of stage {stage} is {region}. Unset "
                f"{variable}. A stage stays in its region: to use {other}, deploy another "
                "stage there."
            )


def _exported() -> str | None:
    """AWS_DEFAULT_REGION and the profile's region are defaults, which the stage's overrides."""
    return os.environ.get("AWS_REGION")


def _asked(stage: str, ask: Ask | None) -> str:
    if ask is None:
        raise CommandError(
            f"Stage {stage} has no region yet. Name the one that is to hold its data: "
            f"make deploy STAGE={stage} REGION=eu-central-1."
        )
    usual = _exported() or botocore.session.get_session().get_config_variable("region") or ""
    answer = ask(
        f"Which AWS region is to hold the data of stage {stage}? It cannot be changed later.\n"
        f"Examples: {EXAMPLES}.\nRegion{f' [{usual}]' if usual else ''}: "
    ).strip()
    if not answer and not usual:
        raise CommandError("No region was named, so nothing was changed.")
    return answer or usual


def _on_terminal() -> Ask | None:
    return input if sys.stdin.isatty() else None


def _with_region(config: Mapping[str, Any], stage: str, region: str) -> str:
    stages = {**config["stages"], stage: {"region": region, **config["stages"][stage]}}
    text = json.dumps({**config, "stages": stages}, indent=2, ensure_ascii=False)
    return f"{text}\n"
