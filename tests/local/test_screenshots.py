"""The screenshots of the dashboard are small, complete and used."""

from __future__ import annotations

import pytest

from devkit.project_paths import ROOT
from local.screenshots import FOLDER, SCREENSHOTS

MOST_BYTES = 200_000
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", SCREENSHOTS)
def test_screenshot_is_small_and_used(name: str):
    content = (FOLDER / f"{name}.png").read_bytes()
    pages = [path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")]

    assert content.startswith(PNG)
    assert len(content) < MOST_BYTES
    assert any(f"../images/{name}.png" in page for page in pages)


def test_every_image_is_a_screenshot():
    assert {path.stem for path in FOLDER.glob("*")} == set(SCREENSHOTS)
