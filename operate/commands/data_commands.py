"""Commands on what a stage has stored."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from operate import clock
from operate.commands.option_types import TIME
from operate.commands.shared_options import Target, command, on_days, on_stage
from operate.console import echo, pluralize
from operate.errors import CommandError

if TYPE_CHECKING:
    from operate.data.day_options import DayOptions

MAX_DIFFERENCES_SHOWN = 200
DEMO_SITE, DEMO_SESSIONS = "demo.example", 150


@command("recount", example="recount --stage prod --site example.com --from 2026-11-01")
@on_days
def recount(target: Target, days: DayOptions) -> None:
    """Compare the stored metrics with the stored events.

    It names every difference and changes nothing. It exits with 1 if there is one; `rebuild`
    fixes it.
    """
    from operate.data import audit
    from operate.data.day_options import open_sites

    differences = 0
    now = clock.now_ms()
    for sources, span in open_sites(target.connect(), days, now=now, only_with_events=True):
        result = audit.recount(sources, *span, now=now)
        for sentence in result.differences[:MAX_DIFFERENCES_SHOWN]:
            echo(f"{sources.site} {sentence}")
        differences += len(result.differences)
        sessions = pluralize(result.sessions, "session")
        named = pluralize(len(result.differences), "difference")
        echo(f"{sources.site}: {sessions} from {span[0]} to {span[1]}, {named}.")
    if differences:
        sys.exit(1)


@command("rebuild", example="rebuild --stage prod --site example.com --from 2026-11-01")
@on_days
def rebuild(target: Target, days: DayOptions) -> None:
    """Recompute the metrics of a period from the stored events and sessions.

    Run it after a change of REPORT_TIMEZONE or of the rules for sources or devices, or if
    `recount` finds a difference. A second run changes nothing. If it is interrupted, run it
    again.
    """
    from operate.data.day_options import open_sites
    from operate.data.rebuild import Rebuild

    now = clock.now_ms()
    for sources, span in open_sites(target.connect(), days, now=now):
        changed = Rebuild(sources, *span, now=now).run(echo)
        echo(
            f"{sources.site}: {pluralize(len(changed), 'day')} of {span[0]} to {span[1]} "
            "changed."
        )


@command("export", example="export --stage prod --from 2026-10-01 --to 2026-10-31")
@on_days
def export(target: Target, days: DayOptions) -> None:
    """Export past days to the export bucket.

    The command only marks the days; the job writes them within minutes. A second run writes
    the same files.
    """
    from operate.data.backfill_export import mark_days
    from operate.data.day_options import open_sites

    now = clock.now_ms()
    for sources, span in open_sites(target.connect(), days, now=now):
        marked = mark_days(sources, *span, now=now)
        echo(f"{sources.site}: {pluralize(len(marked), 'day')} will be written within minutes.")


@command("erase", example="erase --stage prod --user ann --site example.com")
@on_stage
@click.option("--user", help="The user ID that the site passed.")
@click.option("--site", help="The hostname of a site. With --user: all sites if left out.")
@click.option("--yes", metavar="SITE", help="The site again, to confirm erasing all of it.")
def erase(target: Target, *, user: str | None, site: str | None, yes: str | None) -> None:
    """Delete all data of a user or of a site.

    Backups and exports are not changed: docs/how-to/manage-data.md describes how to handle
    them.
    """
    from operate.data.day_options import all_sites, open_sources
    from operate.data.erase import erase_site, erase_user

    if not user and not site:
        raise click.UsageError("Specify --user, or --site for all data of a site.")
    if not user and yes != site:
        raise CommandError(
            f"This deletes all data of {site} and cannot be undone. To confirm, add YES={site} "
            f"to make, or --yes {site} to this command."
        )
    stage, now = target.connect(), clock.now_ms()
    for one in [site] if site else all_sites(stage):
        with open_sources(stage, one, now=now) as sources:
            erased = erase_user(sources, user, now=now) if user else erase_site(sources)
        echo(f"{one}: {erased.describe()}.")


@command("restore", example="restore --from prod --stage copy --at 2026-11-20T09:00:00Z")
@on_stage
@click.option("--from", "source", required=True, help="The stage to restore the data of.")
@click.option("--at", type=TIME, help="The time to restore. Without it: the latest possible.")
def restore(target: Target, *, source: str, at: datetime | None) -> None:
    """Restore the data of one stage into another stage.

    The data is as it was at a time in the last 35 days. The target stage must be in
    .chalice/config.json and must not have tables yet. Nothing in the source stage changes.

    Sessions that were active at that time are not restored: their table has no backup, because
    a backup would keep the salts.
    """
    from operate.aws.stage import read_stage
    from operate.resources.restore import restore_stage

    restored_at = restore_stage(read_stage(source), target.stage, target.region, at)
    echo(f"{target.name} has the data of {source} as it was at {restored_at.isoformat()}.")
    echo(f"Now run: make deploy STAGE={target.name}")


@command("demo", example="demo --url https://ID.execute-api.eu-central-1.amazonaws.com/prod")
@click.option("--url", required=True, help="The URL of the deployment, which `status` shows.")
@click.option(
    "--site", default=DEMO_SITE, show_default=True, help="The hostname of a site in SITES."
)
@click.option(
    "--sessions",
    type=int,
    default=DEMO_SESSIONS,
    show_default=True,
    help="The number of sessions.",
)
def demo(*, url: str, site: str, sessions: int) -> None:
    """Send a day of sample traffic through the API, as trackers do.

    All of it belongs to one site, so `erase --site demo.example` removes it again.
    """
    from operate.data.seed_traffic import send_traffic

    stored = send_traffic(url.rstrip("/"), site, sessions, now=clock.now_ms())
    echo(f"{url} stored {pluralize(stored, 'event')} of {site}.")
    echo(f"To remove them: make erase SITE={site} YES={site}")


COMMANDS = (recount, rebuild, erase, export, restore, demo)
