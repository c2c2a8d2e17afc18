"""vocabulary.json lists what the API and the dashboard agree on; the tests of both read it."""

from __future__ import annotations

import json
from typing import Any

from devkit.project_paths import ROOT

VOCABULARY: dict[str, Any] = json.loads((ROOT / "tests" / "vocabulary.json").read_text("utf-8"))
