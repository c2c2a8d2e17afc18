"""The docs keep up: every route, setting, reason and command is in them, and every link leads
somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.domain.refusal import Refusal
from chalicelib.settings import Settings
from chalicelib.version import __version__

ROOT = Path(__file__).parent.parent
DOCS = {
    path.name: path.read_text("utf-8") for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
}


def routes() -> list[tuple[str, str]]:
    from app import app

    return sorted((method, path) for path, methods in app.routes.items() for method in methods)


@pytest.mark.parametrize(("method", "path"), routes())
def test_route_is_documented(method: str, path: str):
    assert f"{method} {path}" in DOCS["api.md"]


@pytest.mark.parametrize("name", Settings.__slots__)
def test_setting_is_documented(name: str):
    variable = name.upper().replace("TIMEOUT_MS", "TIMEOUT_SECONDS")

    assert f"`{variable}`" in DOCS["architecture.md"]


@pytest.mark.parametrize("reason", Refusal)
def test_reason_is_documented(reason: Refusal):
    assert f"| `{reason}` |" in DOCS["api.md"]


def test_make_commands_exist():
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    named = {name for text in DOCS.values() for name in re.findall(r"\bmake ([a-z]+)\b", text)}

    assert named & {"run", "test", "check"} == {"run", "test", "check"}
    assert {name for name in named if name in _COMMANDS} <= targets


_COMMANDS = {"run", "test", "check", "format", "build", "package", "clean", "bench", "deploy"}


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_somewhere(name: str):
    folder = ROOT if (ROOT / name).exists() else ROOT / "docs"
    links = re.findall(r"\]\(([^)#\s]+)", DOCS[name])

    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


def test_version_is_one():
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_repository_names_no_machine_and_no_registry():
    wanted = re.compile(r"/work/|/root/|registry\.npmjs|files\.pythonhosted|pypi\.org/simple")
    files = [
        path
        for pattern in (
            "*.md",
            "docs/*.md",
            "*.json",
            "*.txt",
            "*.toml",
            "Makefile",
            "local/*.py",
        )
        for path in ROOT.glob(pattern)
    ]

    assert [str(path) for path in files if wanted.search(path.read_text("utf-8"))] == []
