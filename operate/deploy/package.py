"""Package the app as `chalice deploy` would upload it, and as one stack: sam.json,
deployment.zip and stack.json."""

from __future__ import annotations

import json
import os
from pathlib import Path

from devkit.emulated_aws.emulator import REGION
from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import RESOURCES, ROOT
from devkit.stage_environment import stage_environment
from operate.aws.region import region_of
from operate.aws.stage import Stage, read_stage, settings_of
from operate.build.build_copy import build_copy
from operate.build.chalice_command import run_chalice_command
from operate.build.single_stack import single_stack_template
from operate.console import echo
from operate.deploy.preflight import check_proxies
from operate.errors import CommandError

MAX_PACKAGE_BYTES = 1_600_000  # a larger package makes cold starts slower


def package_stage(stage: Stage, folder: Path, region: str | None) -> None:
    """Package the stage into the folder and print the size. `region` is only needed for a stage
    that has none yet."""
    if stage.region or not region:
        region_of(stage, region)  # a pipeline must not choose one by accident
    check_proxies(stage, settings_of(stage))
    package(ROOT, stage.name, folder)
    write_single_stack(stage.name, folder)
    size = (folder / "deployment.zip").stat().st_size
    echo(f"{folder / 'deployment.zip'}: {size / 1e6:.2f} MB")
    if size > MAX_PACKAGE_BYTES:
        raise CommandError(f"The package is larger than {MAX_PACKAGE_BYTES / 1e6} MB.")


def package(source: Path, stage: str, folder: Path) -> None:
    """Package the app into the folder. `source` is the repository."""
    with build_copy(read_stage(stage, source), {}, source) as project:
        failed = run_chalice_command(
            [
                *("--project-dir", str(project.folder)),
                *("package", "--stage", stage, str(folder.resolve())),
            ],
            {**os.environ, "AWS_DEFAULT_REGION": REGION, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    if failed:
        raise CommandError("chalice package did not finish. Its reason is above.")


def write_single_stack(stage: str, folder: Path) -> None:
    """Write stack.json next to what `package` has written."""
    app = json.loads((folder / "sam.json").read_text(encoding="utf-8"))
    stack = single_stack_template(
        app, read_template(RESOURCES), stage, stage_environment(stage)
    )
    text = json.dumps(stack, indent=2)
    (folder / "stack.json").write_text(text, encoding="utf-8")
