"""How long browsers and the edge cache a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.web import static_files
from chalicelib.web.static_files import DAILY, IMMUTABLE, SHORT, asset


@pytest.mark.parametrize(
    ("name", "cache_control"),
    [
        pytest.param("dashboard-ABCDEF27.js", IMMUTABLE, id="hash of the content in its name"),
        pytest.param("tracker.js", DAILY, id="the same name in each release"),
        pytest.param("tracker_more.js", DAILY, id="second file of the tracker"),
        pytest.param("licenses.txt", SHORT, id="any other file"),
        pytest.param("dashboard-settings.js", SHORT, id="a word after the hyphen"),
    ],
)
def test_hashed_file_is_cached_as_immutable(
    name: str, cache_control: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(static_files, "STATIC", tmp_path)
    (tmp_path / name).touch()

    result = asset(name)

    assert result
    assert result.cache_control == cache_control


def test_file_name_cannot_be_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(static_files, "STATIC", tmp_path / "static")
    (tmp_path / "static").mkdir()
    (tmp_path / "secret.txt").touch()

    assert asset("../secret.txt") is None
