"""A release as it is kept in this folder, and how its code, or that of today, is run.

0.1.0/code.zip       app.py and chalicelib without the files for browsers
0.1.0/items.json     what is in its tables after `visits.before()`
0.1.0/release.json   its settings, its policies, and the versions of items that it writes
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from devkit.project_paths import ROOT
from devkit.stage_environment import stage_environment
from testing.table_definitions import table_definitions
from tests.releases.visits import SITE, Step
from tests.world import TABLES, TOKEN_HASH

FOLDER = Path(__file__).parent
RUN_CODE = FOLDER / "run_code.py"
KEY = "the visitor key of a stage"
# What an owner may have set, each to something valid; a later release must still take it.
CHOSEN = {
    "SITES": SITE,
    "READ_TOKEN_HASHES": TOKEN_HASH,
    "REPORT_TIMEZONE": "Europe/Berlin",
    "EVENT_RETENTION_DAYS": "60",
    "SESSION_RETENTION_DAYS": "400",
    "SESSION_TIMEOUT_SECONDS": "1800",
    "TRUSTED_PROXIES": "0",
    "EXCLUDED_ADDRESSES": "203.0.113.0/24,2001:db8::1",
    "EXCLUDED_PATHS": "/admin/*",
    "REMOVED_QUERY_PARAMETERS": "token,session",
    "CORS_ORIGIN": "*",
    "RATE_LIMIT_PER_MINUTE": "1000",
    "LOG_LEVEL": "WARNING",
}

Items = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Run:
    """The result of each step, and the items afterwards."""

    steps: list[Any]
    items: Items


@dataclass(frozen=True, slots=True)
class Code:
    """One version of the app's code with one environment. `parameters` are those of Parameter
    Store; `python` runs it."""

    folder: Path
    environment: Mapping[str, str]
    parameters: Mapping[str, str]
    python: Path = Path(sys.executable)

    def run(self, steps: Sequence[Step], items: Items | None = None) -> Run:
        """Run the steps in a separate process, on tables that contain the items."""
        job = {
            "code": str(self.folder),
            "environment": self.environment,
            "parameters": self.parameters,
            "tables": table_definitions(),
            "items": items or {},
            "steps": steps,
        }
        result = json.loads(_output(self.python, self.folder, json.dumps(job)))
        return Run(result["steps"], result["items"])


@cache
def _output(python: Path, folder: Path, job: str) -> str:
    """Run a job once: the same job has the same result."""
    done = subprocess.run(
        [str(python), str(RUN_CODE)],
        input=job,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@dataclass(frozen=True, slots=True)
class Release:
    """A recorded release."""

    folder: Path

    @property
    def version(self) -> str:
        return self.folder.name

    @property
    def items(self) -> Items:
        result: Items = json.loads((self.folder / "items.json").read_text("utf-8"))
        return result

    @property
    def notes(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((self.folder / "release.json").read_text("utf-8"))
        return result

    def code(
        self, unpacked: Path, python: Path, environment: Mapping[str, str] | None = None
    ) -> Code:
        with zipfile.ZipFile(self.folder / "code.zip") as packed:
            packed.extractall(unpacked)
        parameters = self.notes["parameters"]
        return Code(unpacked, environment or self.notes["environment"], parameters, python)


def releases() -> list[Release]:
    return [Release(path.parent) for path in sorted(FOLDER.glob("*/release.json"))]


def todays_environment() -> tuple[dict[str, str], dict[str, str]]:
    """Return the environment that `make deploy` gives the functions today, and the parameters
    in Parameter Store."""
    environment = {**stage_environment("dev"), **CHOSEN, **TABLES}
    name = environment.get("VISITOR_KEY_PARAMETER")
    if name:
        return environment, {name: KEY}
    return environment | {"VISITOR_KEY": KEY}, {}


def todays_code(python: Path, environment: Mapping[str, str] | None = None) -> Code:
    todays, parameters = todays_environment()
    return Code(ROOT, environment or todays, parameters, python)
