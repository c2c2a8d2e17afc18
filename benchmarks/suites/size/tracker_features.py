"""The size of each feature of the tracker.

    python -m benchmarks.suites.size.tracker_features

The source is built again without the feature; the difference of the gzipped files is its size.
The command writes the table of docs/reference/tracker.md, and a test compares it.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from devkit.frontend_build import FRONTEND, minify
from devkit.project_paths import ROOT

DOCS = ROOT / "docs" / "reference" / "tracker.md"
TABLE = re.compile(r"(<!-- table: weights -->\n).*?(<!-- end -->)", re.DOTALL)
TRACKER = FRONTEND / "tracker" / "tracker.js"
TRACKER_MORE = FRONTEND / "tracker" / "tracker_more.js"
SMALL = ("ecma=2020,passes=4,unsafe=true,unsafe_arrows=true", "--ecma", "2020")
Cut = tuple[str, str]  # what is left out, as a regular expression, and what is there instead

FEATURES: dict[str, Sequence[Cut]] = {
    "clicks and forms": [
        (r"  // `www\.` is the same site.*?\n  }\)\n\n(?=  // Name the user)", ""),
        (r"    on\('click auxclick submit focus', onAction\)\n", ""),
    ],
    "of these, shadow roots": [
        (r"      if \(node\.mode\).*?\n", ""),
        (r"event\.type == 'focus' \|\| ", ""),
        (r" \|\| lastAction == event\) return\n    lastAction = event\n", ") return\n"),
    ],
    "of these, dialogs and the button's own address": [
        (r"button\?\.attributes\.formaction \|\| ", ""),
        (r" \|\| \(button\?\.formMethod \|\| link\.method\) == 'dialog'", ""),
        (r"    const button = .*?\n", ""),
    ],
    "of these, labels": [
        (r" && tagged != clicked", ""),
        (r"      clicked = tagged\n      setTimeout.*?\n", ""),
    ],
    "engagement": [
        (r"  // Note how far down.*?\n  }\n\n(?=  // Count a view of)", ""),
        (r"      reportEngagement\(\)\n", ""),
        (r"    reportEngagement\(\)\n", ""),
        (r"    on\('focus blur scroll.*?\n    }\)\n", ""),
        (r"    setInterval\(\(\) => report.*?\n", ""),
        (r"engagementEvent = reportedMs = engagedMs = maxScroll = ", ""),
    ],
    "engagement goes with the next page": [
        (r"    on\('pageswap'.*?\n    }\)\n", ""),
        (r"      nextPage \|\| ", "      "),
    ],
    "a report every 20 minutes": [(r"    setInterval\(\(\) => report.*?\n", "")],
    "waiting until the page is seen": [
        (r"    if \(document\.hidden \|\| !wasSeen\).*?\n    else ", "    "),
    ],
    "apps: Navigation API, and browsers without": [
        (r"    if \(window\.navigation\).*?TITLE_MS\)\n", "")
    ],
    "options, in a second file": [
        (r"  // A tag with options.*?\(location\)\n", "  const needsMore = 0\n"),
        (r"(?<=wasSeen => {\n)(.*?)    else if \(needsMore\).*?\n", r"\1"),
        (r"    if \(changes\).*?\n", ""),
        (r"    begin\?\.\(\)\n", ""),
    ],
    "warnings, in the same file": [
        (r"      tellMore\(reason, args\)\n", ""),
        (r"      if \(needsMore \|\| !answer\.ok.*?\n      }\n", ""),
    ],
}
MORE_FEATURES: dict[str, Sequence[Cut]] = {
    "patterns for paths and types": [
        (r"(?<=const match = ).*?\n}\)\n", "() => 0\n"),
        (r"const decode = .*?\n", ""),
    ],
    "routing by the part after #": [
        (r"  // Count the views of an app.*?\n  }\n", ""),
        (r"    if \('hash' in options && .*?\n    }\n", ""),
        (r"'hash' in options\n  \? .*?\n  : (url\.pathname)", r"\1"),
    ],
    "properties that JSON cannot hold": [
        (r"  if \(props && !attempt.*?\n  } else if \(reason", "  if (reason")
    ],
    "libraries that change JSON": [
        (r"JSON\.stringify\(value, function .*?\n}\)\n", "JSON.stringify(value)\n")
    ],
    "user ids that the collector rejects": [
        (r"    return /\^user_id/.*?\n", ""),
        (r"  // A user id that the.*?\n  }\n", ""),
    ],
    "data-debug": [
        (r"    print\('Not.*?\n", ""),
        (r"    print\(type.*?\n", ""),
        (r"// Give the reason.*?'local'\n", "const reasonOf = () => 1\n"),
    ],
}


def weights() -> Iterator[tuple[str, str, int]]:
    """Yield the file, the name and the bytes of each feature."""
    for file, options, features in (
        (TRACKER, SMALL, FEATURES),
        (TRACKER_MORE, (*SMALL, "--module"), MORE_FEATURES),
    ):
        source = file.read_text("utf-8")
        whole = gzipped(source, options)
        for feature, cuts in features.items():
            yield file.name, feature, whole - gzipped(without(source, cuts), options)


def without(source: str, cuts: Sequence[Cut]) -> str:
    for wanted, instead in cuts:
        source, found = re.subn(wanted, instead, source, flags=re.DOTALL)
        if not found:
            raise ValueError(f"The tracker does not match {wanted}")
    return source


def gzipped(source: str, options: Sequence[str]) -> int:
    with TemporaryDirectory() as folder:
        written, built = Path(folder) / "tracker.js", Path(folder) / "tracker.min.js"
        written.write_text(source, "utf-8")
        minify(written, built, *options)
        return len(gzip.compress(built.read_bytes(), compresslevel=9, mtime=0))


def table() -> str:
    rows = [f"| `{file}` | {feature} | {weight} |\n" for file, feature, weight in weights()]
    return "".join(["| file | feature | bytes |\n| --- | --- | ---: |\n", *rows])


def written(text: str) -> str:
    """Return the page with the current table."""
    new = table()
    return TABLE.sub(lambda found: found[1] + new + found[2], text)


if __name__ == "__main__":
    DOCS.write_text(written(DOCS.read_text("utf-8")), "utf-8")
    print(table())
