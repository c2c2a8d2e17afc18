"""Imports point down only, the domain is pure, and a folder holds few modules.

app -> web -> services -> presentation, storage -> settings -> domain
operate, local, benchmarks -> testing, traffic_model -> devkit -> chalicelib
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APP = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
TOOLS = ("devkit", "traffic_model", "testing", "operate", "local", "benchmarks")
FILES = [*APP, *(path for tool in TOOLS for path in sorted((ROOT / tool).rglob("*.py")))]

# The layers that a layer of the app may import, besides itself.
ALLOWED = {
    "app": {"web", "services", "telemetry", "settings", "version", "chalice_local"},
    "web": {
        "services",
        "presentation",
        "storage",
        "domain",
        "settings",
        "telemetry",
        "version",
    },
    "services": {"presentation", "storage", "domain", "settings", "telemetry"},
    "presentation": {"domain", "settings"},
    "storage": {"domain", "settings"},
    "domain": set(),
    "settings": {"domain"},
    "telemetry": set(),
    "version": set(),
    "chalice_local": set(),
}
# The packages that a package beside the app may import, besides itself.
ALLOWED_TOOLS = {
    "chalicelib": set(),
    "devkit": {"app", "chalicelib"},
    "traffic_model": {"chalicelib"},
    "testing": {"chalicelib", "devkit"},
    "operate": {"chalicelib", "devkit", "traffic_model"},
    "local": {"app", "chalicelib", "devkit", "traffic_model"},
    "benchmarks": {"app", "chalicelib", "devkit", "traffic_model", "testing"},
}
# The folders of a package, in order: each imports only from itself and those before it. A
# package's own modules are "", but for its __main__.
FOLDERS = {
    "chalicelib.domain": (
        "urls", "collection", "exclusions", "attributes", "sessions", "packs", "query", "scan",
        "metrics",
    ),
    "chalicelib.storage": ("aws", "active_table", "rollup_table", ""),
    "chalicelib.services": ("", "collect", "scanning", "reports", "jobs"),
    "devkit": ("", "infrastructure", "emulated_aws"),
    "testing": ("", "fake_dynamodb"),
    "testing.fake_dynamodb": ("expressions", ""),
    "operate": (
        "", "aws", "build", "access", "versions", "resources", "deploy", "data", "inspect",
        "commands", "__main__",
    ),
    "benchmarks": ("harness", "targets", "load", "suites", "", "__main__"),
    "benchmarks.suites": ("work", "size", "price"),
}  # fmt: skip
# Packages from outside that only one layer of the app may import.
ONLY = {"boto3": "storage", "botocore": "storage", "chalice": "web"}
IMPURE = {"os", "time", "random", "socket", "subprocess", "boto3", "botocore", "chalice"}
MAX_MODULES = 10


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def layer(path: Path) -> str:
    parts = name_of(path).split(".")
    return parts[0] if parts[0] == "app" else parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Return the full names of all modules that the file imports, also within functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


MODULES = {name_of(path): path for path in FILES if path.name != "__init__.py"}


def imported_modules(path: Path) -> set[str]:
    """Return the modules of this repository that the file imports."""
    return imports(path) & MODULES.keys()


def ours(path: Path) -> set[str]:
    """Return the layers of the app that the file imports."""
    names = [name.split(".") for name in imports(path)]
    return {name[1] for name in names if name[0] == "chalicelib" and len(name) > 1}


@pytest.mark.parametrize("path", APP, ids=name_of)
def test_imports_point_down(path: Path):
    if path.name == "__init__.py":
        assert path.read_text("utf-8") == ""
        return
    own = layer(path)
    assert ours(path) - {own} <= ALLOWED[own]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_packages_import_only_those_below_them(path: Path):
    own = name_of(path).split(".")[0]
    known = {"tests", "app", "chalicelib", *TOOLS}
    packages = {name.split(".")[0] for name in imports(path)} & known

    assert packages - {own} <= ALLOWED_TOOLS.get(own, {"chalicelib"})


def folder(module: str, package: str) -> str | None:
    """Return the folder of a module in the package, or None for other packages."""
    if not module.startswith(f"{package}."):
        return None
    first, _, rest = module.removeprefix(f"{package}.").partition(".")
    return first if rest or first == "__main__" else ""


@pytest.mark.parametrize("package", FOLDERS)
def test_folders_import_only_from_earlier_ones(package: str):
    order = FOLDERS[package]
    inside = {name: path for name, path in MODULES.items() if name.startswith(f"{package}.")}
    assert {folder(name, package) for name in inside} == set(order)
    for name, path in inside.items():
        own = folder(name, package) or ""
        result = {folder(other, package) for other in imported_modules(path)} - {None}
        assert result <= set(order[: order.index(own) + 1]), name


def test_imports_have_no_cycles():
    """Imports within functions count too."""
    graph = {name: imported_modules(path) - {name} for name, path in MODULES.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODULES.values()} - {ROOT}))
def test_folder_holds_at_most_ten_modules(folder: Path):
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MAX_MODULES


def test_module_names_are_unique():
    names = [path.stem for path in MODULES.values() if path.name != "__main__.py"]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


@pytest.mark.parametrize("path", APP, ids=name_of)
def test_each_external_package_has_one_layer(path: Path):
    outside = {name.split(".")[0] for name in imports(path)} & set(ONLY)
    assert {ONLY[name] for name in outside} <= {layer(path)} | (
        {"web"} if layer(path) == "app" else set()
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "chalicelib" / "domain").rglob("*.py")), ids=name_of
)
def test_domain_is_pure(path: Path):
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE
    text = path.read_text("utf-8")
    assert ".now(" not in text
    assert ".today(" not in text


def test_wrong_imports_are_detected(tmp_path: Path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from chalicelib.web import reply\n    import boto3\n")

    assert ours(wrong) == {"web"}
    assert "boto3" in imports(wrong)
