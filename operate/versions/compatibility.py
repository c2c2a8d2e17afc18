"""Which code can read the items of a stage.

The stage's record has the newest version of items that its code may have written, and each
release has the versions that its code reads. Code that is too old for the items is neither
deployed nor rolled back to: it would misread or fail on them.
"""

from __future__ import annotations

from collections.abc import Mapping

from operate.aws.deployment_store import DeploymentStore
from operate.console import join_words
from operate.errors import CommandError
from operate.versions.migrations import CURRENT_VERSIONS, FIRST_VERSION, MIGRATIONS

WRITTEN = "written"  # the name of the record


def record_written_versions(record: DeploymentStore) -> None:
    """Before code is deployed, that it is going to write items of today's versions."""
    noted = record.get(WRITTEN) or {}
    versions = {
        table: max(_version(noted, table), CURRENT_VERSIONS[table])
        for table in CURRENT_VERSIONS
    }
    summaries = {
        table: noted.get(table, {}).get("migrations", {})
        | {str(m.to): m.summary for m in MIGRATIONS if m.table == table}
        for table in CURRENT_VERSIONS
    }
    wanted = {
        table: {"version": versions[table], "migrations": summaries[table]}
        for table in CURRENT_VERSIONS
    }
    if noted != wanted:
        record.put(WRITTEN, wanted)


def copy_versions(source: DeploymentStore, target: DeploymentStore) -> None:
    """For tables that were restored as those of another stage."""
    for name in (WRITTEN, "schema"):
        noted = source.get(name)
        if noted is not None:
            target.put(name, noted)


def check_readable(record: DeploymentStore, reads: Mapping[str, int], code: str) -> None:
    """Raise Refused if the stage may have items that the code does not read. `reads` has the
    newest version by table."""
    noted = record.get(WRITTEN) or {}
    reasons = [
        _reason(table, since, noted[table])
        for table in sorted(noted)
        if _version(noted, table) > (since := reads.get(table, FIRST_VERSION))
    ]
    if reasons:
        raise CommandError(
            f"{code} cannot read the items of this stage: {join_words(reasons)}. Stay on a "
            "version that reads them, and fix forward."
        )


def _version(noted: Mapping[str, Mapping[str, int]], table: str) -> int:
    return noted.get(table, {}).get("version", FIRST_VERSION)


def _reason(table: str, since: int, noted: Mapping[str, dict[str, str]]) -> str:
    """Say: events are of version 2 (pages lose their query), and it reads version 1."""
    steps = [summary for to, summary in sorted(noted["migrations"].items()) if int(to) > since]
    told = f" ({'; '.join(steps)})" if steps else ""
    return f"{table} are of version {noted['version']}{told}, and it reads version {since}"
