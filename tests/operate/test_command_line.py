"""The command line itself: help, options, and how errors are reported."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime

import click
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from devkit.project_paths import ROOT
from operate import __main__
from operate.__main__ import SECTIONS, cli
from operate.commands.option_types import ASSIGNMENT, DAY, DURATION, TIME
from operate.commands.shared_options import PROGRAM
from operate.errors import CommandError
from tests.makefile import operator_targets, recipes
from tests.operate.command_line import run_command

COMMANDS = [one for commands in SECTIONS.values() for one in commands]


def names() -> list[str]:
    return [str(one.name) for one in COMMANDS]


def test_every_command_has_a_make_target():
    assert sorted(names()) == sorted({*operator_targets(), "package"})
    for name in names():
        assert f"$(OPERATE) {name}" in recipes()[name]


def test_help_lists_all_commands_by_section(capsys: pytest.CaptureFixture[str]):
    run_command("--help")

    printed = capsys.readouterr().out
    listed = re.findall(r"^  ([a-z-]+)  +[A-Z]", printed, re.MULTILINE)
    assert [name for name in listed if not name.startswith("-")] == names()
    assert re.findall(r"^(\w+):$", printed, re.MULTILINE) == ["Options", *SECTIONS]
    assert "..." not in printed.replace("ARGS]...", "")  # no description is cut


@pytest.mark.parametrize("name", names())
def test_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]):
    run_command(name, "--help")

    printed = capsys.readouterr().out
    (example,) = re.findall(rf"Example:\n +{PROGRAM} (.*)\n", printed)
    assert example.split()[0] == name
    for option in re.findall(r"--[a-z-]+", example):
        assert f" {option} " in printed.partition("Options:")[2]


@pytest.mark.parametrize("name", names())
def test_example_is_accepted(name: str):
    """The example is parsed, but not run."""
    command = cli.commands[name]
    example = str(command.epilog).split(PROGRAM)[1]

    command.make_context(name, shlex.split(example)[1:])


@pytest.mark.parametrize("command", COMMANDS, ids=names())
def test_every_option_has_a_description(command: click.Command):
    options = [one for one in command.params if isinstance(one, click.Option)]

    assert [one.name for one in options if not one.help] == []


@pytest.mark.parametrize("name", names())
def test_make_passes_options_that_the_command_has(name: str):
    recipe = recipes()[name]
    known = {option for one in cli.commands[name].params for option in one.opts}

    assert set(re.findall(r"(--[a-z-]+)", recipe)) <= known


def test_help_imports_no_aws_package():
    code = (
        "import sys; from operate.__main__ import cli\n"
        "cli.main(['deploy', '--help'], standalone_mode=False)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'boto3', 'chalice'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def fails_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def read_stage(_: str) -> None:
        raise error

    monkeypatch.setattr("operate.aws.stage.read_stage", read_stage)
    monkeypatch.setattr(sys, "argv", ["operate", "status"])


@pytest.mark.parametrize(
    ("error", "printed"),
    [
        (CommandError("There is no such stage."), "Error: There is no such stage.\n"),
        (
            ClientError(
                {"Error": {"Code": "AccessDenied", "Message": "not you"}}, "CreateFunction"
            ),
            "Error: AWS rejected CreateFunction: not you\n",
        ),
        (
            NoCredentialsError(),
            "Error: AWS could not be reached: Unable to locate credentials\n",
        ),
    ],
)
def test_error_is_one_sentence_without_a_traceback(
    error: Exception,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    fails_with(monkeypatch, error)

    with pytest.raises(SystemExit) as ended:
        __main__.main()

    assert ended.value.code == 1
    assert capsys.readouterr().err == printed


def test_interrupted_command_says_how_to_resume(monkeypatch: pytest.MonkeyPatch):
    fails_with(monkeypatch, KeyboardInterrupt())

    with pytest.raises(SystemExit) as ended:
        __main__.main()

    assert ended.value.code == "Interrupted. Run the same command again to resume."


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86_400)]
)
def test_duration(text: str, seconds: int):
    assert DURATION.convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "1w", "-5m"])
def test_invalid_duration_is_rejected(text: str):
    with pytest.raises(click.BadParameter, match="is not a number with s, m, h or d"):
        DURATION.convert(text, None, None)


def test_time_without_an_offset_is_utc():
    nine = datetime(2026, 11, 20, 9, tzinfo=UTC)

    assert TIME.convert("2026-11-20T09:00:00", None, None) == nine
    assert TIME.convert("2026-11-20T10:00:00+01:00", None, None) == nine


@pytest.mark.parametrize("text", ["2026-02-30", "20261101", "monday", ""])
def test_invalid_day_is_rejected(text: str):
    with pytest.raises(click.BadParameter, match="is not a day such as 2026-11-01"):
        DAY.convert(text, None, None)


def test_value_of_an_assignment_may_contain_equals_signs():
    assert ASSIGNMENT.convert("Name=a=b", None, None) == ("Name", "a=b")
