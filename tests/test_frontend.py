"""The frontend: its unit tests pass in Node, and its imports point down. The tracker and the
dashboard share nothing."""

from __future__ import annotations

import re
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from devkit.frontend_build import FRONTEND, tool

# The folders and the single modules of each part, in order: each imports only from itself and
# those before it. An `import()` loads a module on demand and may go anywhere.
ORDER = {
    "dashboard": (
        "query", "i18n", "format", "api", "state", "answers", "components", "export",
        "shortcuts", "lazy_views", "chart", "cards", "header", "menus", "overview", "views",
        "app", "main",
    ),
    "tracker": (
        "tracker_event", "same_site", "exclusions", "core", "more", "tracker", "tracker_more",
    ),
}  # fmt: skip
IMPORT = re.compile(r"^(?:import|export|\}).*?\bfrom '(\.[^']*)'", re.MULTILINE)
MAX_MODULES = 10

MODULES = {
    str(path.relative_to(FRONTEND).with_suffix("")): path
    for part in ORDER
    for path in sorted((FRONTEND / part).rglob("*.ts*"))
    if not path.name.endswith(".d.ts")
}
API_TYPES = "api_types"  # generated from docs/openapi.yaml


def imported_modules(name: str) -> set[str]:
    path = MODULES[name]
    matches = IMPORT.findall(path.read_text("utf-8"))
    paths = [(path.parent / one).resolve() for one in matches]
    return {str(one.relative_to(FRONTEND)) for one in paths} - {API_TYPES}


def place(name: str) -> tuple[str, int]:
    part, first, *_ = name.split("/")
    return part, ORDER[part].index(first)


def test_unit_tests_of_the_frontend_pass():
    done = subprocess.run(
        [tool("node"), FRONTEND / "test.mjs"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_modules_import_only_those_below_them(name: str):
    result = imported_modules(name)

    assert result <= MODULES.keys()
    part, own_place = place(name)
    for one in result:
        assert place(one)[0] == part
        assert place(one)[1] <= own_place


def test_files_of_the_tracker_do_not_import_each_other():
    """Browsers load tracker_more.js by itself, with a copy of what both use."""
    core = [name for name in MODULES if name.startswith("tracker/core/")]
    more = [name for name in MODULES if name.startswith("tracker/more/")]

    assert all("/more/" not in one for name in core for one in imported_modules(name))
    assert all("/core/" not in one for name in more for one in imported_modules(name))


def test_imports_have_no_cycles():
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


def test_module_names_are_unique():
    names = [path.stem for path in MODULES.values()]

    assert len(names) == len(set(names))
