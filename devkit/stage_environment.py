"""The environment of the app in a local run: that of stage dev, and local secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from devkit.local_secrets import read_token, token_hash, visitor_key
from devkit.project_paths import ROOT

STAGE = "dev"


def app_environment(state: Path, emulator: Mapping[str, str]) -> dict[str, str]:
    """Return the environment; `emulator` has the variables that reach the emulated AWS."""
    return {
        **stage_environment(STAGE),
        "READ_TOKEN_HASHES": token_hash(read_token(state)),
        "VISITOR_KEY": visitor_key(state),
        **emulator,
    }


def stage_environment(stage: str) -> dict[str, str]:
    """Return the variables that `chalice deploy --stage STAGE` gives the API function."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    shared: dict[str, str] = config.get("environment_variables", {})
    own: dict[str, str] = config["stages"][stage].get("environment_variables", {})
    return {**shared, **own}


def write_environment(state: Path, environment: Mapping[str, str]) -> None:
    """Save it for `chalice local` (chalicelib/chalice_local.py). The file holds secrets."""
    path = environment_file(state)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(dict(environment), indent=2), encoding="utf-8")
    part.replace(path)


def environment_file(state: Path) -> Path:
    return state / "environment.json"
