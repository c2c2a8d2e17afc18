"""What is looked at before a deployment begins; nothing here changes anything."""

from __future__ import annotations

import sys
from pathlib import Path

from botocore.loaders import Loader
from botocore.model import ServiceModel
from chalice.config import Config

from chalicelib.settings import Settings
from local.paths import ROOT
from operate.refusal import Refused
from operate.stage import Stage

PLACEHOLDERS = {("example.com",)}
BUILT = ("chalicelib/static/vendor", "chalicelib/static/tracker.js")


def runtime() -> str:
    """The runtime that the functions get: that of this Python, which Chalice offers no choice
    about. Raise Refused where Lambda has none such."""
    wanted: str = Config().lambda_python_version
    running = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if wanted != running or wanted not in lambda_runtimes():
        raise Refused(
            f"Lambda has no {running}, and Chalice deploys for the Python that it runs on. "
            "Name another one: make deploy PYTHON=python3.13."
        )
    return wanted


def lambda_runtimes() -> frozenset[str]:
    """As the pinned AWS client knows them."""
    model = ServiceModel(Loader().load_service_model("lambda", "service-2"))
    return frozenset(model.shape_for("Runtime").enum)


def check_settings(stage: Stage, settings: Settings) -> None:
    """What is valid and yet cannot be meant."""
    if settings.sites in PLACEHOLDERS:
        raise Refused(
            f"SITES of stage {stage.name} is still {settings.sites[0]}. Put the host names of "
            "your sites there, in .chalice/config.json."
        )
    if settings.session_timeout_ms < 1_800_000:
        raise Refused("SESSION_TIMEOUT_SECONDS is for tests; leave it out of config.json.")


def warnings(stage: Stage, settings: Settings) -> list[str]:
    """What works, and may surprise."""
    found = []
    if settings.sites == ("*",):
        found.append("SITES is *: whoever knows the address can fill your tables.")
    if stage.environment.get("VISITOR_KEY"):
        found.append(
            "VISITOR_KEY is in .chalice/config.json. The account keeps it from now on; take "
            "it out there, so that it is in no commit."
        )
    return found


def check_built(source: Path = ROOT) -> None:
    missing = [name for name in BUILT if not (source / name).exists()]
    if missing:
        raise Refused(f"{missing[0]} is missing. Run make build.")
