"""The frontend: its unit tests pass in Node, and the dashboard's imports point down."""

from __future__ import annotations

import re
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from devkit.frontend_build import FRONTEND, tool

DASHBOARD = FRONTEND / "dashboard"
# The folders and the single modules, in order: each imports only from itself and those before
# it. An `import()` loads a module on demand and may go anywhere.
ORDER = (
    "query", "i18n", "format", "api", "state", "answers", "components", "export", "shortcuts",
    "lazy_views", "chart", "cards", "header", "menus", "overview", "views", "app", "main",
)  # fmt: skip
IMPORT = re.compile(r"^(?:import|export|\}).*?\bfrom '(\.[^']*)'", re.MULTILINE)
MAX_MODULES = 10

MODULES = {
    str(path.relative_to(DASHBOARD).with_suffix("")): path
    for path in sorted(DASHBOARD.rglob("*.ts*"))
    if not path.name.endswith(".d.ts")
}


def imported_modules(name: str) -> set[str]:
    path = MODULES[name]
    found = IMPORT.findall(path.read_text("utf-8"))
    paths = [(path.parent / one).resolve() for one in found]
    return {str(one.relative_to(DASHBOARD)) for one in paths if one.is_relative_to(DASHBOARD)}


def place(name: str) -> int:
    return ORDER.index(name.split("/")[0])


def test_unit_tests_of_the_frontend_pass():
    done = subprocess.run(
        [tool("node"), FRONTEND / "test.mjs"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_modules_import_those_below_them(name: str):
    found = imported_modules(name)

    assert found <= MODULES.keys()
    assert all(place(one) <= place(name) for one in found), found


def test_no_module_imports_itself_through_others():
    try:
        list(
            TopologicalSorter({name: imported_modules(name) for name in MODULES}).static_order()
        )
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODULES.values()}))
def test_folder_holds_at_most_ten_modules(folder: Path):
    modules = [path for path in MODULES.values() if path.parent == folder]

    assert len(modules) <= MAX_MODULES


def test_modules_have_different_names():
    names = [path.stem for path in MODULES.values()]

    assert len(names) == len(set(names))
