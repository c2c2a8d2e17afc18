"""Commands that deploy a stage, change its version, or delete it."""

from __future__ import annotations

from pathlib import Path

import click

from operate.commands.option_types import ASSIGNMENT
from operate.commands.shared_options import Target, command, on_stage
from operate.console import echo
from operate.errors import CommandError


@command("deploy", example="deploy --stage prod --region eu-central-1 --email you@example.com")
@on_stage
@click.option("--plan", is_flag=True, help="Show the plan, and change nothing.")
@click.option("--no-check", is_flag=True, help="Do not check your IAM permissions.")
@click.option("--email", metavar="ADDRESS", help="The address that alarms are emailed to.")
@click.option("--max-usd", metavar="USD", help="The most that the tables can cost per day.")
@click.option(
    "--budget", default="", metavar="USD", help="Email that address before a month costs more."
)
@click.option(
    "--parameter",
    "parameters",
    type=ASSIGNMENT,
    multiple=True,
    help="A parameter of infra/resources.yaml. Can be repeated.",
)
def deploy(  # noqa: PLR0913 - one for each option
    target: Target,
    *,
    plan: bool,
    no_check: bool,
    email: str | None,
    max_usd: str | None,
    budget: str,
    parameters: tuple[tuple[str, str], ...],
) -> None:
    """Deploy or update a stage.

    It creates or updates the tables and alarms, the app, and what Chalice cannot configure. A
    second run changes only what differs. If it is interrupted, run it again.
    """
    from operate.deploy.deploy import Deployment

    named = {"AlarmEmail": email, "MaxUsdPerDay": max_usd}
    deployment = Deployment(
        target.stage,
        target.first_account,
        {name: value for name, value in named.items() if value} | dict(parameters),
        checks_permissions=not no_check,
        budget_usd=budget,
    )
    if plan:
        deployment.check()
    else:
        deployment.run()


@command("upgrade", example="upgrade --stage prod")
@on_stage
def upgrade(target: Target) -> None:
    """Migrate stored items that an earlier version wrote, while the app runs.

    It also applies a changed retention to the sessions that are stored. If it is interrupted,
    run it again.
    """
    from operate.versions.upgrade import upgrade_stage

    for sentence in upgrade_stage(target.stage, target.account):
        echo(sentence)


@command("rollback", example="rollback --stage prod")
@on_stage
def rollback(target: Target) -> None:
    """Restore the code of the previous release. Tables, tokens and settings stay."""
    from operate.versions.rollback import roll_back

    roll_back(target.stage, target.account)


@command("package", example="package --stage prod .build/prod")
@on_stage
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def package(target: Target, *, folder: Path | None) -> None:
    """Build what is deployed, for a pipeline: stack.json is one CloudFormation stack.

    FOLDER, by default .build/STAGE, then has sam.json, deployment.zip and stack.json. The
    command needs no AWS account, but PyPI for the packages of requirements.txt.
    """
    from operate.deploy.package import package_stage

    package_stage(target.stage, folder or Path(".build") / target.name, target.region)


@command("prepare", example="prepare --stage prod")
@on_stage
def prepare(target: Target) -> None:
    """Prepare this checkout for `chalice deploy --stage STAGE` by hand.

    It creates or updates infra/resources.yaml, restores Chalice's record of what is deployed,
    and writes the hashes of the read tokens to .chalice/config.json.
    """
    from operate.deploy.prepare import prepare_checkout

    prepare_checkout(target.stage, target.first_account)


@command("destroy", example="destroy --stage dev --only app")
@on_stage
@click.option("--only", type=click.Choice(["app"]), help="Keep the data.")
@click.option("--yes", default="", metavar="STAGE", help="The stage again, to confirm.")
@click.option("--data", default="", metavar="WORDS", help='"delete the data", to confirm.')
def destroy(target: Target, *, only: str | None, yes: str, data: str) -> None:
    """Delete a stage, with or without its data. It asks first.

    The tables, the export and the visitor key are only deleted if you also confirm with
    "delete the data". If they stay, the next `deploy` uses them again.
    """
    from operate.resources.destroy import DATA, destroy_stage

    answers = iter((yes, data))

    def answer(question: str) -> str:
        return next(answers) if yes else input(question)

    left = destroy_stage(target.stage, target.account, answer, only_app=only == "app")
    if any(resource.kind not in DATA for resource in left):
        raise CommandError("Some resources have not been deleted yet.")


COMMANDS = (deploy, upgrade, rollback, package, prepare, destroy)
