"""What is built for browsers: modules joined into one file, and every import found."""

from __future__ import annotations

import re

import pytest

from devkit import frontend_build
from devkit.frontend_build import BUNDLES, OLD_DASHBOARD, STATIC, find_tool, join

LINK = re.compile(r"[\"']\./([\w.]+\.js)[\"']")


def test_modules_of_a_bundle_become_one():
    first = "import {\n  a,\n  b,\n} from './dashboard_dom.js'\nexport const x = a(b)\n"
    imports = (
        "import { x } from './dashboard_cards.js'\nimport { b, c } from './dashboard_api.js'\n"
    )
    second = f"{imports}x(c)\n"

    joined = join("dashboard_panels", [first, second])

    assert joined.count("import") == 1
    assert joined.startswith("import { a, b, c } from './dashboard.js'\n")
    assert joined.index("export const x = a(b)") < joined.index("x(c)")


@pytest.mark.parametrize(
    ("name", "found_in"),
    [
        pytest.param("dashboard_keys", "dashboard_panels", id="in a bundle"),
        pytest.param("dashboard_export", "dashboard_export", id="by itself"),
    ],
)
def test_what_is_imported_on_demand_is_looked_for_where_it_is(name: str, found_in: str):
    joined = join("dashboard", [f"const later = () => import('./{name}.js')\n"])

    assert f"import('./{found_in}.js')" in joined


def test_other_imports_stay():
    chart = "import uPlot from './uPlot.esm.js'\n"

    assert join("dashboard_panels", [chart]) == chart


def test_every_module_of_a_bundle_exists_and_is_in_one_only():
    parts = [part for bundle in BUNDLES.values() for part in bundle]

    assert len(parts) == len(set(parts))
    assert all((OLD_DASHBOARD / f"{part}.js").exists() for part in parts)
    assert all(name in bundle for name, bundle in BUNDLES.items())


def test_what_is_built_imports_only_what_is_built():
    built = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.js")}

    assert {"dashboard.js", "dashboard_panels.js", "tracker.js"} <= built.keys()
    links = {link for text in built.values() for link in LINK.findall(text)}
    assert links <= built.keys()


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
