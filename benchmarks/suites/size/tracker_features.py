"""The size of each feature of the tracker.

    python -m benchmarks.suites.size.tracker_features

The source is built again without the feature; the difference of the gzipped files is its size.
The command writes the table of docs/reference/tracker.md, and a test compares it.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from devkit.frontend_build import FRONTEND, run, tool
from devkit.project_paths import ROOT

DOCS = ROOT / "docs" / "reference" / "tracker.md"
TABLE = re.compile(r"(<!-- table: weights -->\n).*?(<!-- end -->)", re.DOTALL)
SOURCES = FRONTEND / "tracker"
# A source file, a regular expression for the code to cut, and the code to put there instead.
Cut = tuple[str, str, str]

FEATURES: dict[str, Sequence[Cut]] = {
    "clicks and forms": [
        ("tracker.ts", r"  on\('click auxclick submit focus', onClick\)\n", ""),
    ],
    "of these, shadow roots": [
        ("core/clicks.ts", r"    if \(node\.mode\).*?\n", ""),
        ("core/clicks.ts", r"event\.type == 'focus' \|\| ", ""),
        (
            "core/clicks.ts",
            r" \|\| lastAction == event\) return\n  lastAction = event\n",
            ") return\n",
        ),
    ],
    "of these, dialogs and the button's own address": [
        ("core/clicks.ts", r"button\?\.attributes\.formaction \|\| ", ""),
        ("core/clicks.ts", r" \|\| \(button\?\.formMethod \|\| link\.method\) == 'dialog'", ""),
        ("core/clicks.ts", r"  const button = .*?\n", ""),
    ],
    "of these, labels": [
        ("core/clicks.ts", r" && tagged != clicked", ""),
        ("core/clicks.ts", r"    clicked = tagged\n    setTimeout.*?\n", ""),
    ],
    "engagement": [
        ("tracker.ts", r"  reportEngagement\(\)\n", ""),
        ("tracker.ts", r"  on\('focus blur scroll.*?\n  }\)\n", ""),
        ("tracker.ts", r"  setInterval\(\(\) => report.*?\n", ""),
        ("core/page_view.ts", r"    reportEngagement\(\)\n", ""),
        (
            "core/page_view.ts",
            r"currentView = engagementEvent = reportedMs = engagedMs = maxScroll = 0",
            "currentView = 0",
        ),
    ],
    "engagement goes with the next page": [
        ("tracker.ts", r"  followTab\(\)\n", ""),
        ("core/queue.ts", r"\(nextPage \|\| ", "("),
        ("core/queue.ts", r"  nextPage = 0\n", ""),
    ],
    "a report every 20 minutes": [("tracker.ts", r"  setInterval\(\(\) => report.*?\n", "")],
    "waiting until the page is seen": [
        ("tracker.ts", r"  document\.hidden \|\| !wasSeen\n.*?    : (?=needs)", "  "),
    ],
    "apps: Navigation API, and browsers without": [
        ("tracker.ts", r"  if \(window\.navigation\).*?TITLE_MS\)\n", "")
    ],
    "options, in a second file": [
        (
            "core/second_file.ts",
            r"needsSecondFile =\n.*?\(location\)\n",
            "needsSecondFile = 0\n",
        ),
        ("tracker.ts", r"needsSecondFile\n.*?      : run", "run"),
        ("tracker.ts", r"  begin\?\.\(\)\n", ""),
    ],
    "warnings, in the same file": [
        ("core/safely.ts", r"      tellSecondFile\(reason, args\)\n", ""),
        ("core/queue.ts", r"    if \(needsSecondFile \|\| !answer\.ok.*?\n    }\n", ""),
    ],
}
MORE_FEATURES: dict[str, Sequence[Cut]] = {
    "patterns for paths and types": [
        ("more/patterns.ts", r"(?<=const match = ).*?\n  }\)\n", "() => undefined\n"),
    ],
    "routing by the part after #": [
        ("more/start.ts", r"  if \('hash' in options && .*?\n  }\n", ""),
        ("more/start.ts", r"'hash' in options \? .*? : (url\.pathname)", r"\1"),
    ],
    "properties that JSON cannot hold": [
        (
            "more/failure.ts",
            r"  if \(props && !attempt.*?\n  } else if \(reason",
            "  if (reason",
        )
    ],
    "libraries that change JSON": [
        (
            "more/safe_json.ts",
            r"JSON\.stringify\(value, function .*?\n  }\)\n",
            "JSON.stringify(value)\n",
        )
    ],
    "user ids that the collector rejects": [
        ("more/answer.ts", r"    return /\^user_id/.*?\n", ""),
        ("more/answer.ts", r"  // A user id that the.*?\n  }\n", ""),
    ],
    "data-debug": [
        ("more/start.ts", r"  print\('Not.*?\n", ""),
        ("more/answer.ts", r"    print\(type.*?\n", ""),
        ("more/start.ts", r"reasonOf\(exclusion === 1.*?\)\)\n", "1\n"),
    ],
}


def weights() -> Iterator[tuple[str, str, int]]:
    """Yield the file, the name and the bytes of each feature."""
    features = [
        *(("tracker.js", feature, cuts) for feature, cuts in FEATURES.items()),
        *(("tracker_more.js", feature, cuts) for feature, cuts in MORE_FEATURES.items()),
    ]
    with TemporaryDirectory() as temporary:
        folders = [Path(temporary) / str(number) for number in range(len(features) + 1)]
        for folder in folders:
            shutil.copytree(SOURCES, folder)
        for (_, _, cuts), folder in zip(features, folders[1:], strict=True):
            for cut in cuts:
                cut_from(folder, cut)
        run([tool("node"), str(FRONTEND / "build_tracker.mjs"), *map(str, folders)])
        for (file, feature, _), folder in zip(features, folders[1:], strict=True):
            yield file, feature, gzipped(folders[0] / file) - gzipped(folder / file)


def cut_from(folder: Path, cut: Cut) -> None:
    name, unwanted, instead = cut
    source, replacements = re.subn(
        unwanted, instead, (folder / name).read_text("utf-8"), flags=re.DOTALL
    )
    if not replacements:
        raise ValueError(f"{name} does not match {unwanted}")
    (folder / name).write_text(source, "utf-8")


def gzipped(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), compresslevel=9, mtime=0))


def table() -> str:
    rows = [f"| `{file}` | {feature} | {weight} |\n" for file, feature, weight in weights()]
    return "".join(["| file | feature | bytes |\n| --- | --- | ---: |\n", *rows])


def written(text: str) -> str:
    """Return the page with the current table."""
    new = table()
    return TABLE.sub(lambda match: match[1] + new + match[2], text)


if __name__ == "__main__":
    DOCS.write_text(written(DOCS.read_text("utf-8")), "utf-8")
    print(table())
