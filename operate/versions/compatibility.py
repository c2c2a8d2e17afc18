"""Which releases can read the items of a stage.

The deployment store has the newest version of items that the stage's code may have written, and
each release has the versions that it reads. A release that is too old for the items is neither
deployed nor rolled back to: it would misread them or fail.
"""

from __future__ import annotations

from collections.abc import Mapping

from operate.aws.deployment_store import DeploymentStore
from operate.console import join_words
from operate.errors import CommandError
from operate.versions.migrations import CURRENT_VERSIONS, FIRST_VERSION, MIGRATIONS

WRITTEN = "written"  # its name in the deployment store


def record_written_versions(store: DeploymentStore) -> None:
    """Record, before the code is deployed, that it will write items of the current versions."""
    noted = store.get(WRITTEN) or {}
    versions = {
        table: max(_version(noted, table), CURRENT_VERSIONS[table])
        for table in CURRENT_VERSIONS
    }
    summaries = {
        table: noted.get(table, {}).get("migrations", {})
        | {str(m.to): m.summary for m in MIGRATIONS if m.table == table}
        for table in CURRENT_VERSIONS
    }
    record = {
        table: {"version": versions[table], "migrations": summaries[table]}
        for table in CURRENT_VERSIONS
    }
    if noted != record:
        store.put(WRITTEN, record)


def copy_versions(source: DeploymentStore, target: DeploymentStore) -> None:
    """Copy the versions to the stage that the tables were restored into."""
    for name in (WRITTEN, "schema"):
        noted = source.get(name)
        if noted is not None:
            target.put(name, noted)


def check_readable(store: DeploymentStore, reads: Mapping[str, int], code: str) -> None:
    """Raise CommandError if the stage may have items that the code cannot read. `reads` has the
    newest version that it reads, by table."""
    noted = store.get(WRITTEN) or {}
    reasons = [
        _reason(table, since, noted[table])
        for table in sorted(noted)
        if _version(noted, table) > (since := reads.get(table, FIRST_VERSION))
    ]
    if reasons:
        raise CommandError(
            f"{code} cannot read the items of this stage: {join_words(reasons)}. Deploy "
            "a version that can read them."
        )


def _version(noted: Mapping[str, Mapping[str, int]], table: str) -> int:
    return noted.get(table, {}).get("version", FIRST_VERSION)


def _reason(table: str, since: int, noted: Mapping[str, dict[str, str]]) -> str:
    """Return "events have version 2 (...), but it reads at most version 1"."""
    steps = [summary for to, summary in sorted(noted["migrations"].items()) if int(to) > since]
    changes = f" ({'; '.join(steps)})" if steps else ""
    newest = noted["version"]
    return f"{table} have version {newest}{changes}, but it reads at most version {since}"
