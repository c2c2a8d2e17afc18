from __future__ import annotations

import json
import stat
from pathlib import Path

from chalicelib.settings import Settings
from devkit.local_secrets import read_token, token_hash
from devkit.stage_environment import app_environment, environment_file, write_environment

EMULATOR = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}


def test_environment_has_valid_settings_and_a_local_token(tmp_path: Path):
    environment = app_environment(tmp_path, EMULATOR)
    settings = Settings.from_environment(environment)

    assert settings.events_table == "LiveInsight-Events-dev"
    assert settings.read_token_hashes == {token_hash(read_token(tmp_path))}
    assert len(settings.visitor_key) >= 16
    assert environment["AWS_ENDPOINT_URL"] == EMULATOR["AWS_ENDPOINT_URL"]


def test_saved_environment_is_readable_by_its_owner_only(tmp_path: Path):
    write_environment(tmp_path, {"SITES": "*"})

    path = environment_file(tmp_path)
    assert json.loads(path.read_text("utf-8")) == {"SITES": "*"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
