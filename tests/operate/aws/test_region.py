"""The first deployment of a stage chooses its region, and every command stays in it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from devkit.emulated_aws.emulator import REGION
from devkit.project_paths import ROOT
from operate.aws import region
from operate.aws.region import check_region, choose_region, region_of, save_region
from operate.aws.stage import Stage, read_stage
from operate.errors import CommandError
from operate.resources import restore
from tests.operate.chalices import quick_chalice
from tests.operate.command_line import run_command
from tests.operate.stages import Aws

FIRST = ["deploy", "prepare", "doctor"]  # these also work before a stage has a region
LATER = [
    ["destroy"],
    ["edge"],
    ["erase", "--user", "u", "--site", "shop.example"],
    ["export"],
    ["logs"],
    ["rebuild"],
    ["recount"],
    ["restore", "--from", "prod"],
    ["rollback"],
    ["visitor-key"],
    ["status"],
    ["token"],
    ["upgrade"],
    ["verify"],
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr("operate.deploy.preflight.check_built", lambda *_: None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".chalice").mkdir()
    shutil.copy2(ROOT / ".chalice" / "config.json", tmp_path / ".chalice")
    return tmp_path


def stage(in_region: str | None = None) -> Stage:
    own = {"region": in_region} if in_region else {}
    return Stage("prod", {"stages": {"prod": own}}, {})


def answering(text: str, questions: list[str] | None = None) -> Callable[[str], str]:
    def ask(question: str) -> str:
        (questions if questions is not None else []).append(question)
        return text

    return ask


def test_first_deployment_uses_the_given_region():
    assert choose_region(stage(), "eu-central-1") == "eu-central-1"


def test_first_deployment_asks_for_the_region():
    questions: list[str] = []

    assert choose_region(stage(), None, answering(" eu-west-3 ", questions)) == "eu-west-3"

    assert "store the data of stage prod" in questions[0]
    assert questions[0].endswith("Region: ")


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_region_of_the_environment_is_suggested_but_not_assumed(
    variable: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, "eu-west-1")
    questions: list[str] = []

    assert choose_region(stage(), None, answering("", questions)) == "eu-west-1"

    assert questions[0].endswith("Region [eu-west-1]: ")


def test_empty_answer_selects_no_region():
    with pytest.raises(CommandError, match="No region was chosen"):
        choose_region(stage(), None, answering(""))


@pytest.mark.parametrize("exported", ["", "us-east-1"])
def test_region_is_required_without_a_terminal(exported: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_REGION", exported)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)

    with pytest.raises(CommandError, match=r"no region yet.*make deploy STAGE=prod REGION="):
        choose_region(stage())


def test_stored_region_is_used_without_a_question(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # a default, so overridden
    monkeypatch.setenv("AWS_REGION", "eu-central-1")

    assert choose_region(stage("eu-central-1")) == "eu-central-1"
    assert region_of(stage("eu-central-1"), "eu-central-1") == "eu-central-1"


@pytest.mark.parametrize("of", [region_of, choose_region])
def test_region_that_differs_from_the_stored_one_is_rejected(
    of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(
        CommandError, match=r"REGION is us-east-1, .* stage prod is eu-central-1"
    ):
        of(stage("eu-central-1"), "us-east-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(CommandError, match=r"AWS_REGION is us-east-1, .* prod is eu-central-1"):
        of(stage("eu-central-1"))
    with pytest.raises(CommandError, match=r"AWS_REGION is us-east-1, .* prod is eu-central-1"):
        choose_region(stage(), "eu-central-1")


@pytest.mark.parametrize(
    "name", ["europe-west1", "eu-central", "EU-CENTRAL-1", "Frankfurt", ""]
)
def test_unknown_region_is_rejected(name: str):
    with pytest.raises(CommandError, match=r"is not an AWS region. Examples: eu-central-1"):
        check_region(name)


@pytest.mark.parametrize(
    ("name", "partition"),
    [
        ("cn-north-1", "AWS China"),
        ("us-gov-east-1", "AWS GovCloud"),
        ("eusc-de-east-1", "the AWS European Sovereign Cloud"),
        ("us-iso-east-1", "aws-iso"),
    ],
)
def test_region_of_another_partition_is_rejected(name: str, partition: str):
    with pytest.raises(
        CommandError, match=f"commercial regions of AWS only, not in {partition}"
    ):
        choose_region(stage(), name)
    with pytest.raises(
        CommandError, match=f"commercial regions of AWS only, not in {partition}"
    ):
        region_of(stage(name))


def test_region_is_stored_in_the_stage_file_and_nothing_else_changes(project: Path):
    path = project / ".chalice" / "config.json"
    before = path.read_text("utf-8")

    kept = save_region(read_stage("prod", project), "eu-central-1", project)

    assert kept == read_stage("prod", project)
    assert kept.region == "eu-central-1"
    assert read_stage("dev", project).region is None
    assert path.read_text("utf-8").replace('      "region": "eu-central-1",\n', "") == before
    assert save_region(kept, "eu-central-1", project) == kept


def test_secrets_of_the_environment_are_not_written_to_the_file(project: Path):
    """The stage in memory may have been completed; the file keeps its content."""
    path = project / ".chalice" / "config.json"
    read = read_stage("prod", project)
    config = json.loads(json.dumps(read.config))
    config["stages"]["prod"]["environment_variables"]["SITES"] = "shop.example"

    save_region(replace(read, config=config), "eu-central-1", project)

    assert "shop.example" not in path.read_text("utf-8")


def test_package_for_a_pipeline_uses_the_stored_region(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Otherwise the pipeline's own default would decide where the data is stored."""
    monkeypatch.setattr("operate.deploy.package.package", lambda *_: pytest.fail("packaged"))
    for name, why in ((None, "Stage prod has no region"), ("cn-north-1", "AWS China")):
        in_region(name, monkeypatch)
        with pytest.raises(CommandError, match=why):
            run_command("package", str(tmp_path))


class Stopped(Exception):
    pass


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the regions in which commands open an account; they go no further."""
    regions: list[str] = []

    def open_account(region: str) -> None:
        regions.append(region)
        raise Stopped

    monkeypatch.setattr(region, "open_account", open_account)
    return regions


def in_region(name: str | None, patch: pytest.MonkeyPatch) -> None:
    """Give every stage in config.json this region."""
    patch.setattr("operate.aws.stage.read_stage", lambda _: stage(name))


@pytest.mark.parametrize("words", [*LATER, *([name] for name in FIRST)], ids=" ".join)
def test_command_runs_in_the_region_of_its_stage(
    words: list[str], opened: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    in_region("eu-central-1", monkeypatch)

    with pytest.raises(Stopped):
        run_command(*words)

    assert opened == ["eu-central-1"]


@pytest.mark.parametrize("words", LATER, ids=" ".join)
def test_command_sends_nothing_to_aws_without_a_region(
    words: list[str], opened: list[str], monkeypatch: pytest.MonkeyPatch
):
    in_region(None, monkeypatch)
    with pytest.raises(CommandError, match="Stage prod has no region"):
        run_command(*words)

    in_region("eu-central-1", monkeypatch)
    with pytest.raises(CommandError, match="REGION is us-east-1"):
        run_command(*words, "--region", "us-east-1")

    in_region("cn-north-1", monkeypatch)
    with pytest.raises(CommandError, match="AWS China"):
        run_command(*words)

    assert opened == []


@pytest.mark.parametrize("name", FIRST)
def test_command_before_the_first_deployment_accepts_a_region(
    name: str, opened: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(CommandError, match="no region yet"):
        run_command(name)
    with pytest.raises(CommandError, match="AWS China"):
        run_command(name, "--region", "cn-northwest-1")
    assert opened == []

    with pytest.raises(Stopped):
        run_command(name, "--region", "eu-central-1")
    assert opened == ["eu-central-1"]


def test_tables_are_restored_in_their_region():
    with pytest.raises(
        CommandError, match=r"prod is in eu-central-1 and stage again in us-east-1"
    ):
        restore.check_same_region(
            stage("eu-central-1"),
            replace(
                stage("us-east-1"),
                name="again",
                config={"stages": {"again": {"region": "us-east-1"}}},
            ),
        )


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ([], ""),
        (["REGION=eu-central-1"], "--region=eu-central-1"),
        (["REGION=eu-central-1", "PLAN=1"], "--region=eu-central-1 --plan"),
        (["NO_CHECK=1"], "--no-check"),
        (["CHECK=0"], "--no-check"),
    ],
)
def test_make_passes_the_region_and_the_check_option(given: list[str], options: str):
    environment = {name: text for name, text in os.environ.items() if name != "REGION"}
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "deploy", "STAGE=dev", *given],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    words = shlex.split(done.stdout.splitlines()[-1])
    assert words[2:] == ["operate", "deploy", "--stage=dev", *options.split()]


def forget_region(aws: Aws, name: str) -> None:
    path = aws.source / ".chalice" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    del config["stages"][name]["region"]
    path.write_text(json.dumps(config), "utf-8")


@pytest.mark.slow
def test_first_deployment_stores_its_region_and_the_second_changes_nothing(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    name = aws.new_stage().name
    forget_region(aws, name)

    aws.deployment(aws.stage(name), chalice=quick_chalice).run()

    assert aws.stage(name).region == REGION
    output = capsys.readouterr().out
    assert f"The region of stage {name} is now {REGION}." in output
    aws.deployment(aws.stage(name), chalice=quick_chalice).run()
    output = capsys.readouterr().out
    assert "App: up to date." in output
    assert "is now" not in output


@pytest.mark.slow
def test_plan_stores_no_region(aws: Aws):
    name = aws.new_stage().name
    forget_region(aws, name)

    aws.deployment(aws.stage(name), chalice=quick_chalice).check()

    assert aws.stage(name).region is None
