"""Package the app as `chalice deploy` would upload it, and say how large it is.

    python -m operate.deploy.package --stage prod [--region eu-central-1] FOLDER

FOLDER then has sam.json and deployment.zip, and stack.json: everything in one stack.

It needs no AWS account, but the network for the packages of requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from devkit.emulated_aws.emulator import REGION
from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import RESOURCES, ROOT
from devkit.stage_environment import stage_environment
from operate.aws.region import region_of
from operate.aws.stage import read_stage, settings_of
from operate.build.build_copy import project_copy
from operate.build.chalice_command import run_chalice_command
from operate.build.single_stack import one_stack
from operate.deploy.preflight import check_proxies
from operate.errors import Refused

MOST_BYTES = 1_600_000  # a Lambda starts the slower the more there is to unpack


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m operate.deploy.package")
    parser.add_argument("--stage", default="prod")
    parser.add_argument("--region", help="only for a stage that has none yet")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        stage = read_stage(options.stage)
        if stage.region or not options.region:
            region_of(stage, options.region)  # a pipeline must not choose one by accident
        check_proxies(stage, settings_of(stage))
        package(ROOT, options.stage, options.folder)
    except Refused as refused:
        sys.exit(str(refused))
    write_one_stack(options.stage, options.folder)
    size = (options.folder / "deployment.zip").stat().st_size
    print(f"{options.folder / 'deployment.zip'}: {size / 1e6:.2f} MB")
    if size > MOST_BYTES:
        sys.exit(f"That is more than {MOST_BYTES / 1e6} MB. What has got into it?")


def package(source: Path, stage: str, folder: Path) -> None:
    """`source` is the repository."""
    with project_copy(read_stage(stage, source), {}, source) as project:
        failed = run_chalice_command(
            [
                *("--project-dir", str(project.folder)),
                *("package", "--stage", stage, str(folder.resolve())),
            ],
            {**os.environ, "AWS_DEFAULT_REGION": REGION, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    if failed:
        raise Refused("chalice package did not finish; it says why above.")


def write_one_stack(stage: str, folder: Path) -> None:
    """Beside what `package` has made of that stage."""
    app = json.loads((folder / "sam.json").read_text(encoding="utf-8"))
    stack = one_stack(app, read_template(RESOURCES), stage, stage_environment(stage))
    text = json.dumps(stack, indent=2)
    (folder / "stack.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
