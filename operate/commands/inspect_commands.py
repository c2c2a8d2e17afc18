"""Commands that look at a stage and change nothing."""

from __future__ import annotations

import time

import click

from operate import clock
from operate.commands.option_types import DURATION
from operate.commands.shared_options import Target, command, on_stage
from operate.console import echo, pluralize
from operate.errors import CommandError

FOLLOW_SECONDS = 3


@command("status", example="status --stage prod")
@on_stage
def status(target: Target) -> None:
    """Show what is deployed, active alarms, and the job's backlog."""
    from operate.inspect.status import describe_stage

    for line in describe_stage(target.stage, target.account, now=clock.now_ms()):
        echo(line)


@command("doctor", example="doctor --stage prod")
@on_stage
def doctor(target: Target) -> None:
    """Check the account and the stage, and suggest fixes.

    Each line begins with `ok`, `look` (it works, but is worth knowing) or `wrong`. The command
    changes nothing. It exits with 1 if something is wrong.
    """
    from operate.inspect.doctor import examine, print_findings
    from operate.inspect.findings import CheckContext

    stage, account = target.stage, target.first_account  # also before it is deployed
    echo(f"Stage {stage.name}, account {account.id}, region {account.region}")
    wrong = print_findings(examine(CheckContext(stage, account, clock.now().date())))
    if wrong:
        raise CommandError(f"{pluralize(wrong, 'check')} found something wrong.")


@command("verify", example="verify --stage prod --token TOKEN")
@on_stage
@click.option("--url", help="The address to check. Without it: the stage's own.")
@click.option(
    "--token",
    default="",
    envvar="LIVEINSIGHT_TOKEN",
    help="A read token; LIVEINSIGHT_TOKEN in the environment also works. Without one, "
    "collecting and reading are not checked.",
)
def verify(target: Target, *, url: str | None, token: str) -> None:
    """Check a deployment with a test event, and remove the event again.

    The event belongs to the site verify.invalid, which no list of sites shows, so your metrics
    do not change.
    """
    from operate.aws.stage import connect_stage
    from operate.inspect.smoke_test import check_deployment, print_checks, stage_url
    from operate.resources.configure_collect import function_url

    stage, account = target.stage, target.account
    collecting = None if url else function_url(stage, account)
    url = (url or stage_url(stage, account)).rstrip("/")
    checks = check_deployment(url, connect_stage(stage, account), token, collecting)
    passed = print_checks(checks)
    if not token:
        echo(
            "Collecting and reading were not checked. Pass a read token: TOKEN=... to make, or "
            "LIVEINSIGHT_TOKEN in the environment."
        )
    if not passed:
        raise CommandError(f"{url} failed one or more checks.")
    echo(f"{url} passed all checks.")


@command("logs", example="logs --stage prod --since 2h --errors")
@on_stage
@click.option(
    "--since",
    "since_seconds",
    type=DURATION,
    default="15m",
    show_default=True,
    help="How far to look back: a number with s, m, h or d.",
)
@click.option("--filter", "pattern", default="", help="A filter pattern of CloudWatch Logs.")
@click.option("--errors", is_flag=True, help="Show errors only.")
@click.option("--follow", is_flag=True, help="Show new entries until Ctrl-C.")
def logs(
    target: Target, *, since_seconds: int, pattern: str, errors: bool, follow: bool
) -> None:
    """Show the functions' logs, oldest first."""
    from operate.inspect.logs import ERRORS, print_logs

    def again() -> bool:
        if follow:
            time.sleep(FOLLOW_SECONDS)
        return follow

    print_logs(
        target.stage,
        target.account,
        since_ms=clock.now_ms() - since_seconds * 1000,
        pattern=ERRORS if errors else pattern,
        follow=again,
    )


@command("cost", example="cost --stage prod")
@on_stage
def cost(target: Target) -> None:
    """Price the last 30 days, by route and by table.

    Usage comes from CloudWatch, prices from infra/prices.json. Reading the usage costs
    0.01 USD per 1,000 metrics and 0.005 USD per GB of one week's logs.
    """
    from operate.inspect.cost import describe_cost

    for line in describe_cost(target.stage, target.account, now=clock.now_ms()):
        echo(line)


COMMANDS = (status, doctor, verify, logs, cost)
