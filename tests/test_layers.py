"""The house: imports point down only, and the centre is pure.

app -> web -> services -> presentation, storage -> settings -> domain
telemetry imports nothing of ours
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
    "services": {"presentation", "storage", "domain", "settings", "telemetry"},
    "presentation": {"domain", "settings"},
    "storage": {"domain", "settings"},
    "domain": set(),
    "settings": {"domain"},
    "telemetry": set(),
    "version": set(),
    "local_emulator": set(),
}
# The folders of the domain and of the services: each imports only from those before it.
FOLDERS = {
    "domain": (
        "urls", "collection", "exclusions", "attributes", "sessions", "packs", "query", "scan",
        "metrics",
    ),
    "services": ("", "collect", "reports", "jobs"),
}  # fmt: skip
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


def folder(module: str) -> str:
    """The folder of a module of the domain or the services, `` for the package itself."""
    parts = module.split(".")
    return parts[2] if len(parts) > 3 else ""


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if layer(path) in FOLDERS and path.name != "__init__.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_folders_import_from_those_before_them(path: Path):
    own = layer(path)
    order = FOLDERS[own]
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    modules = {name for name in imports(path) if is_module(name, f"chalicelib.{own}.")}
    above = order[: order.index(folder(module)) + 1]
    assert {folder(name) for name in modules} <= set(above)


def is_module(name: str, package: str) -> bool:
    return name.startswith(package) and (ROOT / f"{name.replace('.', '/')}.py").exists()


@pytest.mark.parametrize(
    "folder",
    [path.parent for path in (ROOT / "chalicelib").rglob("__init__.py")],
    ids=lambda folder: str(folder.relative_to(ROOT)),
)
def test_folder_holds_at_most_ten_modules(folder: Path):
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= 10


def test_no_module_has_the_name_of_another():
    names = [path.stem for path in FILES if path.name != "__init__.py"]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


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
