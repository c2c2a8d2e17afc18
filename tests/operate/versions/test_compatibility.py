"""Code that cannot read the items of a stage is neither deployed nor rolled back to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from operate.aws.deployment_store import DeploymentStore
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.versions import compatibility, migrations, releases, upgrade
from operate.versions.compatibility import (
    check_readable,
    copy_versions,
    record_written_versions,
)
from operate.versions.migrations import CURRENT_VERSIONS, Migration
from operate.versions.releases import Release, Releases
from operate.versions.rollback import roll_back
from tests.operate.chalices import code, quick_chalice
from tests.operate.stages import Aws
from tests.world import TABLES, World

NEWER = {**CURRENT_VERSIONS, "events": CURRENT_VERSIONS["events"] + 1}
MIGRATION = Migration("events", NEWER["events"], lambda item: item, "pages lose their query")


@pytest.fixture
def record(world: World) -> DeploymentStore:
    return DeploymentStore(world.tables.database, TABLES["ROLLUPS_TABLE"], "prod")


@pytest.fixture
def newer_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code here write and read a newer version of events from now on."""
    monkeypatch.setattr(compatibility, "CURRENT_VERSIONS", NEWER)
    monkeypatch.setattr(compatibility, "MIGRATIONS", (*migrations.MIGRATIONS, MIGRATION))
    monkeypatch.setattr(releases, "READABLE_VERSIONS", NEWER)


def test_first_deployment_accepts_any_code(record: DeploymentStore):
    check_readable(record, {}, "Version 0.1.0")


def test_code_reads_what_it_writes(record: DeploymentStore):
    record_written_versions(record)

    check_readable(record, migrations.READABLE_VERSIONS, "Version 0.1.0")


def test_older_code_is_rejected_with_the_migration(record: DeploymentStore, newer_code: None):
    record_written_versions(record)

    with pytest.raises(CommandError) as raised:
        check_readable(record, CURRENT_VERSIONS, "Release 4 (version 0.1.0)")
    assert str(raised.value) == (
        "Release 4 (version 0.1.0) cannot read the items of this stage: events have version "
        f"{NEWER['events']} (pages lose their query), but it reads at most version "
        f"{CURRENT_VERSIONS['events']}. Deploy a version that can read them."
    )
    check_readable(record, NEWER, "Release 5 (version 0.2.0)")


def test_older_code_does_not_lower_the_noted_version(
    record: DeploymentStore, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(compatibility, "CURRENT_VERSIONS", NEWER)
        record_written_versions(record)
    record_written_versions(record)

    with pytest.raises(CommandError):
        check_readable(record, CURRENT_VERSIONS, "Version 0.1.0")


def test_restored_tables_keep_their_version_notes(record: DeploymentStore, newer_code: None):
    record_written_versions(record)
    other = DeploymentStore(record.database, record.table, "again")

    copy_versions(record, other)

    with pytest.raises(CommandError, match="pages lose their query"):
        check_readable(other, CURRENT_VERSIONS, "Version 0.1.0")


def release(**changes: Any) -> Release:
    return Release(1, "0.1.0", "2026-09-05", {}, {}, "d1", dict(CURRENT_VERSIONS), **changes)


def test_record_of_a_newer_release_is_read():
    kept = asdict(release()) | {"something": "that 0.9 has added"}

    assert Release.from_record(kept) == release()


def test_release_without_a_note_reads_the_first_version():
    kept = asdict(release())
    del kept["reads"]

    assert Release.from_record(kept).reads == {}


def test_upgrade_waits_for_the_code_that_reads_its_items(monkeypatch: pytest.MonkeyPatch):
    upgrade.check_deployed_code(release())
    upgrade.check_deployed_code(None)
    monkeypatch.setattr(upgrade, "CURRENT_VERSIONS", NEWER)

    with pytest.raises(
        CommandError, match=r"does not read the new version of events.*make deploy"
    ):
        upgrade.check_deployed_code(release())


slow = pytest.mark.slow


def newer_release(aws: Aws, stage: Stage) -> Release:
    """Record a release of other code, as `make deploy` does."""
    (api,) = aws.gateway.of_stage(stage.name)
    client, record = aws.account().client("lambda"), aws.record(stage)
    for name in stage.functions:
        client.update_function_code(FunctionName=name, ZipFile=code("newer"))
    record_written_versions(record)
    aws.gateway._deploy(api.id, {"stageName": stage.name})
    return Releases(stage, aws.account(), record).record_release("0.2.0", api.id)


@slow
def test_rollback_past_a_migration_is_rejected_and_changes_nothing(aws: Aws, newer_code: None):
    stage = aws.new_stage()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compatibility, "CURRENT_VERSIONS", CURRENT_VERSIONS)
        patch.setattr(releases, "READABLE_VERSIONS", CURRENT_VERSIONS)
        aws.deployment(stage, chalice=quick_chalice).run()
    newer = newer_release(aws, stage)
    aws.gateway.calls.clear()

    with pytest.raises(
        CommandError, match=r"Release 1 .* events have version .*lose their query"
    ):
        roll_back(stage, aws.account(), lambda _: code("first"))

    assert aws.gateway.changes() == []
    assert Releases(stage, aws.account(), aws.record(stage)).current() == newer


@slow
def test_rollback_to_code_that_reads_the_newer_items_works(aws: Aws, newer_code: None):
    stage = aws.new_stage()
    with pytest.MonkeyPatch.context() as patch:
        # It only reads the newer version.
        patch.setattr(compatibility, "CURRENT_VERSIONS", CURRENT_VERSIONS)
        aws.deployment(stage, chalice=quick_chalice).run()
    newer_release(aws, stage)

    roll_back(stage, aws.account(), lambda _: code("first"))

    current = Releases(stage, aws.account(), aws.record(stage)).current()
    assert current
    assert current.number == 1


@slow
def test_older_code_is_not_deployed_over_newer_items(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compatibility, "CURRENT_VERSIONS", NEWER)
        record_written_versions(aws.record(stage))
    aws.gateway.calls.clear()

    with pytest.raises(CommandError, match="cannot read the items of this stage"):
        aws.deployment(stage, chalice=quick_chalice).run()

    assert aws.gateway.changes() == []


@slow
def test_interrupted_deployment_has_noted_the_versions_it_may_have_written(
    aws: Aws, newer_code: None
):
    stage = aws.new_stage()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aws.deployment(stage, chalice=dies).run()

    with pytest.raises(CommandError, match="pages lose their query"):
        check_readable(aws.record(stage), CURRENT_VERSIONS, "Version 0.1.0")
