"""The house: imports point down only, and the centre is pure.

app -> web, services -> storage -> settings -> domain          telemetry: nothing of ours
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]

# Which of our layers a layer may import; its own always.
ALLOWED = {
    "app": {"web", "services", "telemetry", "settings", "version", "local_emulator"},
    "web": {"services", "storage", "domain", "settings", "telemetry", "version"},
    "services": {"storage", "domain", "settings", "telemetry"},
    "storage": {"domain", "settings"},
    "domain": set(),
    "settings": {"domain"},
    "telemetry": set(),
    "version": set(),
    "local_emulator": set(),
}
# What only one layer may import from outside.
ONLY = {"boto3": "storage", "botocore": "storage", "chalice": "web"}
IMPURE = {"os", "time", "random", "socket", "subprocess", "boto3", "botocore", "chalice"}


def layer(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "app" else parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Full names of all modules that the file imports, also within functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def ours(path: Path) -> set[str]:
    """The layers of ours that the file imports."""
    names = [name.split(".") for name in imports(path)]
    return {name[1] for name in names if name[0] == "chalicelib" and len(name) > 1}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path):
    if path.name == "__init__.py":
        assert path.read_text("utf-8") == ""
        return
    own = layer(path)
    assert ours(path) - {own} <= ALLOWED[own]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_part_of_the_outside_has_one_door(path: Path):
    outside = {name.split(".")[0] for name in imports(path)} & set(ONLY)
    assert {ONLY[name] for name in outside} <= {layer(path)} | (
        {"web"} if layer(path) == "app" else set()
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "chalicelib" / "domain").rglob("*.py")), ids=lambda path: path.name
)
def test_domain_is_pure(path: Path):
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE
    text = path.read_text("utf-8")
    assert ".now(" not in text
    assert ".today(" not in text


def test_this_test_can_fail(tmp_path: Path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from chalicelib.web import reply\n    import boto3\n")

    assert ours(wrong) == {"web"}
    assert "boto3" in imports(wrong)
