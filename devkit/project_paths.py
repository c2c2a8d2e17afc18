"""Paths in the repository that several tools use."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL_STATE = ROOT / ".local"  # the data and logs of `make run`
RESOURCES = ROOT / "infra" / "resources.yaml"
PRICE_LIST = ROOT / "infra" / "prices.json"  # AWS list prices
DEMO_SITE = ROOT / "local" / "demo_site"
