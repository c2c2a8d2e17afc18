"""What each feature of the tracker weighs: `python -m benchmarks.tracker_features`.

The source is built again without it, and the difference of the gzipped files is its weight. The
table of docs/tracker.md is kept the same by a test; the command writes it.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from local.assets import SMALL, TRACKER, minify
from local.paths import ROOT

DOCS = ROOT / "docs" / "tracker.md"
TABLE = re.compile(r"(<!-- table: weights -->\n).*?(<!-- end -->)", re.DOTALL)
Cut = tuple[str, str]  # what is left out, as a regular expression, and what is there instead

FEATURES: dict[str, Sequence[Cut]] = {
    "clicks and forms": [
        (r"  // Count what a click.*?\n  }\)\n\n(?=  // Name the user)", ""),
        (r"    on\('click auxclick submit focus', onAction\)\n", ""),
    ],
    "of these, shadow roots": [
        (r"    nodes\.map\(node => node\.mode.*?\n", ""),
        (r"event\.type == 'focus' \|\| ", ""),
        (r" \|\| lastAction == event\) return\n    lastAction = event\n", ") return\n"),
    ],
    "of these, dialogs and the button's own address": [
        (r"event\.submitter\?\.getAttribute\('form' \+ name\) \|\| ", ""),
        (r" \|\| isForm && /dialog/i\.test\(attribute\('method'\)\)", ""),
    ],
    "of these, labels": [
        (r" && tagged != clicked", ""),
        (r"      clicked = tagged\n      setTimeout.*?\n", ""),
    ],
    "patterns for paths, types and downloads": [
        (r"const match = .*?\n  }\)\n", "const match = () => 0\n"),
        (r"  const decode = .*?\n", ""),
        (r"options\.include \|\| '\*\*'", "1"),
    ],
    "of these, in any script": [(r"decode\((\w+)\)", r"\1"), (r"  const decode = .*?\n", "")],
    "routing by the part after #": [
        (
            r"const pathOf = url => .*?\n    : url\.pathname",
            "const pathOf = url => url.pathname",
        )
    ],
    "waiting until the page is seen": [
        (r"      if \(!waiting\) (return run.*?)\n      waiting\.push.*?\n", r"      \1\n"),
        (r"  const start = .*?\n  }\n", ""),
        (r"  on\('prerenderingchange.*?\n  start\(\)\n", ""),
    ],
    "apps: Navigation API, and browsers without": [
        (r"    if \(window\.navigation\).*?TITLE_MS\)\n", "")
    ],
    "engagement goes with the next page": [
        (r"    on\('pageswap'.*?\n    }\)\n", ""),
        (r"      nextPage \|\| ", "      "),
    ],
    "a report every 20 minutes": [(r"    setInterval\(\(\) => report.*?\n", "")],
    "properties that JSON cannot hold": [
        (r"const copyProps = .*?\n  }\)\n", "const copyProps = props => props\n")
    ],
    "libraries that change JSON": [
        (r"JSON\.stringify\(value, function .*?\n  }\)\n", "JSON.stringify(value)\n")
    ],
    "user ids that the collector rejects": [
        (r"const idOf = id => {.*?\n  }\n", "const idOf = id => id && id + ''\n")
    ],
    "warnings, and the file of texts": [
        (r"  const tell = .*?\n  }\n", ""),
        (r"    tell\('id', id\)\n", ""),
        (r"      tell\('error', reason\)\n", ""),
        (r"      if \(isDebugging \|\| !answer\.ok.*?\n      }\n", ""),
        (r"      if \(isDebugging\) tell.*?\n", ""),
        (r"  const isDebugging = .*?\n", ""),
    ],
}


def weights() -> Iterator[tuple[str, int]]:
    """Of each feature, in bytes."""
    source = TRACKER.read_text("utf-8")
    whole = gzipped(source)
    for feature, cuts in FEATURES.items():
        yield feature, whole - gzipped(without(source, cuts))


def without(source: str, cuts: Sequence[Cut]) -> str:
    for wanted, instead in cuts:
        source, found = re.subn(wanted, instead, source, flags=re.DOTALL)
        if not found:
            raise ValueError(f"tracker.js has nothing like {wanted}")
    return source


def gzipped(source: str) -> int:
    with TemporaryDirectory() as folder:
        written, built = Path(folder) / "tracker.js", Path(folder) / "tracker.min.js"
        written.write_text(source, "utf-8")
        minify(written, built, *SMALL)
        return len(gzip.compress(built.read_bytes(), compresslevel=9, mtime=0))


def table() -> str:
    rows = [f"| {feature} | {weight} |\n" for feature, weight in weights()]
    return "".join(["| feature | bytes |\n| --- | ---: |\n", *rows])


def written(text: str) -> str:
    """The page with the table as it is now."""
    new = table()
    return TABLE.sub(lambda found: found[1] + new + found[2], text)


if __name__ == "__main__":
    DOCS.write_text(written(DOCS.read_text("utf-8")), "utf-8")
    print(table())
