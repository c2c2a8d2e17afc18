"""The docs are complete: every route, setting, drop reason and command is documented, and links
work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib import telemetry
from chalicelib.domain.exclusions.drop_reason import DropReason
from chalicelib.domain.metrics.counters import Metrics
from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.settings import Settings
from chalicelib.version import __version__
from devkit.infrastructure.cfn_template import read_template
from tests.makefile import operator_targets, recipes

ROOT = Path(__file__).parent.parent
DOCS = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
}


def routes() -> list[tuple[str, str]]:
    from app import app

    return sorted((method, path) for path, methods in app.routes.items() for method in methods)


@pytest.mark.parametrize(("method", "path"), routes())
def test_route_is_documented(method: str, path: str):
    assert f"{method} {path}" in DOCS["docs/reference/api.md"]


@pytest.mark.parametrize("name", Settings.__slots__)
def test_setting_is_documented(name: str):
    variable = name.upper().replace("TIMEOUT_MS", "TIMEOUT_SECONDS")

    assert f"`{variable}`" in DOCS["docs/reference/settings.md"]


@pytest.mark.parametrize("reason", DropReason)
def test_drop_reason_is_documented(reason: DropReason):
    assert f"| `{reason}` |" in DOCS["docs/reference/api.md"]


@pytest.mark.parametrize("name", [*Metrics._fields, *DIMENSIONS, "prop:NAME"])
def test_metric_is_defined_in_two_lines(name: str):
    entries = re.split(r"\n- (?=\*\*`)", DOCS["docs/reference/metrics.md"])
    (entry,) = [entry for entry in entries if entry.startswith(f"**`{name}`**: ")]

    assert "\n  Elsewhere: " in entry


def test_make_commands_exist():
    named = {
        name
        for text in DOCS.values()
        for name in re.findall(r"(?:`|^)make ([a-z]+(?:-[a-z]+)*)\b", text, re.MULTILINE)
    }

    assert named >= {"run", "test", "check"}
    assert named <= recipes().keys()


@pytest.mark.parametrize("target", sorted(operator_targets()))
def test_operator_command_is_documented(target: str):
    assert f"`make {target}`" in DOCS["docs/reference/commands.md"]


def alarms() -> list[tuple[str, str]]:
    """Yield the name in prod of each alarm, and its description."""
    resources = read_template(ROOT / "infra" / "resources.yaml")["Resources"]
    return [
        (
            resource["Properties"]["AlarmName"]["Fn::If"][1],
            resource["Properties"]["AlarmDescription"],
        )
        for resource in resources.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


@pytest.mark.parametrize(("name", "description"), alarms())
def test_alarm_has_a_section(name: str, description: str):
    (section,) = re.findall(r'See docs/reference/alarms\.md, "([^"]+)"\.$', description)
    text = DOCS["docs/reference/alarms.md"]

    assert f"\n## {section}\n" in text
    own = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    assert f"\n`{name}`\n" in own
    assert [part for part in ("Meaning", "Check", "Fix") if f"\n**{part}.** " not in own] == []


def test_there_are_at_least_eight_alarms():
    assert len(alarms()) >= 8


FOLDERS = [
    path
    for path in ROOT.glob("[a-z]*")
    if path.is_dir() and path.name not in ("docs", "node_modules")
]
SOURCES = [
    path
    for path in [*ROOT.glob("*"), *(path for folder in FOLDERS for path in folder.rglob("*"))]
    if path.suffix in (".py", ".ts", ".tsx", ".mjs", ".yaml") or path.name == "Makefile"
    if path.name != "api_types.ts"  # generated from docs/openapi.yaml
]


def references() -> list[tuple[str, str]]:
    """Yield each page, with its section, that code, a template or a message names."""
    texts = [re.sub(r"[\s'#]+", " ", path.read_text("utf-8")) for path in SOURCES]
    results = {
        results
        for text in texts
        for results in re.findall(r'\b(docs/[a-z0-9/-]+\.(?:md|yaml))(?:, "([^"{]+)")?', text)
    }
    return sorted(results)


@pytest.mark.parametrize(("page", "section"), references())
def test_section_that_code_links_to_exists(page: str, section: str):
    text = (ROOT / page).read_text("utf-8")

    assert not section or f"\n## {section}\n" in text


def metrics() -> list[str]:
    """Return the names of the metrics in telemetry.py."""
    words = re.findall(r'"([A-Z][A-Za-z]+)"', Path(telemetry.__file__).read_text("utf-8"))
    return sorted({word for word in words if not word.isupper()} - _OF_THE_FORMAT)


_OF_THE_FORMAT = {
    "CloudWatchMetrics", "Dimensions", "LiveInsight", "Metrics", "Milliseconds", "Name",
    "Namespace", "Reason", "Seconds", "Site", "Stage", "Timestamp", "Unit",
}  # fmt: skip


@pytest.mark.parametrize("metric", metrics())
def test_metric_is_documented(metric: str):
    assert f"`{metric}`" in DOCS["docs/reference/logs-and-metrics.md"]


PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_have_targets(page: Path):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))

    assert [link for link in links if "://" not in link and not leads(page, link)] == []


def test_index_lists_every_page():
    index = ROOT / "docs" / "README.md"
    links = set(re.findall(r"\]\(([^)#\s]+)\)", index.read_text("utf-8")))
    pages = {str(path.relative_to(ROOT / "docs")) for path in ROOT.glob("docs/*/*.md")}

    assert pages - links == set()


def leads(page: Path, link: str) -> bool:
    """Return whether a link has an existing file and, after `#`, one of its headings."""
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    return not heading or heading in anchors(target)


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize(
    "page", [*ROOT.glob("docs/decisions/*.md")], ids=lambda page: str(page.name)
)
def test_decision_has_a_context_and_a_cost(page: Path):
    headings = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)

    assert headings == ["Context", "Decision", "Cost"]


MODULES = re.compile(r"python -m ([a-z_]+(?:\.[a-z_]+)+)")


def named_files() -> list[tuple[str, str]]:
    """Yield each page with the files and modules that it names."""
    return sorted(
        {
            (page, path)
            for page, text in DOCS.items()
            for path in [
                *re.findall(r"`((?:[a-z_]+/)+[a-z_-]+\.(?:py|yaml|json))`", text),
                *(f"{name.replace('.', '/')}.py" for name in MODULES.findall(text)),
            ]
        }
    )


@pytest.mark.parametrize(("page", "path"), named_files())
def test_file_named_in_the_docs_exists(page: str, path: str):
    assert any((folder / path).exists() for folder in (ROOT, ROOT / "chalicelib")), page


def test_version_is_the_same_everywhere():
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_repository_contains_no_machine_paths_or_registry_addresses():
    expected = re.compile(r"/work/|/root/|registry\.npmjs|files\.pythonhosted|pypi\.org/simple")
    files = [
        path
        for pattern in (
            "*.md",
            "docs/**/*.md",
            "*.json",
            "*.txt",
            "*.toml",
            "Makefile",
            "local/*.py",
        )
        for path in ROOT.glob(pattern)
    ]

    assert [str(path) for path in files if expected.search(path.read_text("utf-8"))] == []


COVERAGE = "docs/reference/test-coverage.md"


def first_cells(page: str, section: str) -> list[str]:
    """Return the first cells of the tables of a section."""
    text = re.split(rf"^#+ {section}$", DOCS[page], flags=re.MULTILINE)[1]
    text = re.split(r"^#+ ", text, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return [cell for cell in cells if not cell.startswith(("---", "limit", "command", "alarm"))]


def test_every_command_lists_where_it_was_tested():
    tried = [cell.strip("`") for cell in first_cells(COVERAGE, "Commands")]

    assert sorted(tried) == sorted(f"make {target}" for target in operator_targets())


def test_every_alarm_lists_how_it_was_tested():
    resources = read_template(ROOT / "infra" / "resources.yaml")["Resources"]
    there = [name for name, one in resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"]

    assert sorted(first_cells(COVERAGE, "Alarms")) == sorted(there)


def test_every_limit_lists_how_it_was_tested():
    limits, tried = (
        first_cells("docs/reference/limits.md", "Limits"),
        first_cells(COVERAGE, "Limits"),
    )

    assert len(limits) > 10
    assert [limit for limit in limits if limit not in tried] == []
