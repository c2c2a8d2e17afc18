"""Where things lie in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"  # all that a run leaves behind
RESOURCES = ROOT / "infra" / "resources.yaml"
PRICES = ROOT / "infra" / "prices.json"  # AWS list prices
DEMO_SITE = ROOT / "local" / "demo_site"
