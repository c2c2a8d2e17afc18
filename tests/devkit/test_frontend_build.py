"""The files that are built for browsers: every import exists, and there are no other files."""

from __future__ import annotations

import gzip
import re

import pytest

from devkit import frontend_build
from devkit.frontend_build import STATIC, find_tool

LINK = re.compile(r"[\"'](?:\./|static/)([\w.-]+\.(?:js|css))[\"']")


def test_built_files_name_only_built_files():
    texts = (path for path in STATIC.iterdir() if path.suffix != ".gz")
    built = {path.name: path.read_text("utf-8") for path in texts}

    assert {"dashboard.html", "tracker.js", "tracker_more.js"} <= built.keys()
    named = {name for text in built.values() for name in LINK.findall(text)}
    assert len(named) > 10
    assert named <= built.keys()


@pytest.mark.parametrize("name", ["tracker.js", "tracker_more.js"])
def test_compressed_tracker_is_the_tracker(name: str):
    packed = (STATIC / f"{name}.gz").read_bytes()

    assert gzip.decompress(packed) == (STATIC / name).read_bytes()


def test_first_script_imports_nothing_before_it_runs():
    page = (STATIC / "dashboard.html").read_text("utf-8")
    script = next(name for name in LINK.findall(page) if name.endswith(".js"))

    assert not re.search(r"^import\b(?!\()", (STATIC / script).read_text("utf-8"), re.MULTILINE)


def test_old_node_is_skipped(tmp_path, monkeypatch):
    for name, version in (("old", "v20.20.2"), ("new", "v24.1.0")):
        (tmp_path / name).mkdir()
        for program in ("node", "npm"):
            (tmp_path / name / program).write_text(f"#!/bin/sh\necho {version}\n", "utf-8")
            (tmp_path / name / program).chmod(0o755)
    path = f"{tmp_path}/old:{tmp_path}/new"
    monkeypatch.setattr(frontend_build, "search_path", lambda: path)

    assert find_tool("npm", (18,)) == f"{tmp_path}/old/npm"
    assert find_tool("npm", (22, 12)) == f"{tmp_path}/new/npm"
    assert find_tool("npm", (25,)) is None
