"""README.ko.md has the sections, commands, examples and links of README.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGLISH, KOREAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))


def blocks(text: str) -> list[str]:
    """Return the fenced blocks without comments."""
    matches = re.findall(r"^```(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s+# .*$", "", block, flags=re.MULTILINE) for block in matches]


def commands(text: str) -> list[str]:
    """Return the commands within sentences."""
    without_blocks = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return sorted(set(re.findall(r"`([^`\n]+)`", without_blocks)))


def links(text: str) -> list[str]:
    matches = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    return sorted({"".join(each) for each in matches} - {"README.md", "README.ko.md"})


@pytest.mark.parametrize("part", [blocks, commands, links], ids=lambda part: part.__name__)
def test_korean_readme_has_the_same_links_and_commands(part):
    assert part(ENGLISH)
    assert part(KOREAN) == part(ENGLISH)


def test_korean_readme_has_the_same_sections():
    sections = [re.findall(r"^#+ ", text, re.MULTILINE) for text in (ENGLISH, KOREAN)]

    assert sections[0] == sections[1]


def test_readmes_link_to_each_other():
    assert "](README.ko.md)" in ENGLISH
    assert "](README.md)" in KOREAN


def test_pictures_exist():
    pictures = [link for link in links(ENGLISH) if link.endswith(".png")]

    assert pictures
    assert [name for name in pictures if not (ROOT / name).exists()] == []
