"""The state of a stage: what is deployed, active alarms, and the job's backlog."""

from __future__ import annotations

from collections.abc import Iterator

from operate.access.tokens import active_hashes, load_tokens
from operate.aws.account import Account
from operate.aws.deployment_store import DeploymentStore, open_store
from operate.aws.stage import (
    ConnectedStage,
    Stage,
    connect_stage,
    deployed_environment,
    settings_of,
)
from operate.aws.stage_alarms import alarms_of
from operate.build.chalice_app import ChaliceApp, api_url
from operate.console import join_words, pluralize
from operate.resources.configure_collect import function_url
from operate.versions.migrations import CURRENT_VERSIONS
from operate.versions.releases import Releases
from operate.versions.retention import is_applied


def describe_stage(stage: Stage, account: Account, *, now: int) -> Iterator[str]:
    """Yield the lines that the command prints. `now` in ms."""
    store = open_store(stage, account)
    yield f"Stage {stage.name}, account {account.id}, region {account.region}"
    if not store.exists():
        yield f"It is not deployed: make deploy STAGE={stage.name}."
        return
    yield from _release(stage, account, store)
    yield from _functions(stage, account, store)
    yield from _alarms(stage, account)
    yield from _sessions(connect_stage(stage, account), now)
    yield from _tables(stage, account, store)


def _release(stage: Stage, account: Account, store: DeploymentStore) -> Iterator[str]:
    releases = Releases(stage, account, store)
    current, kept = releases.current(), releases.all()
    if current is None:
        yield "Release:   none (not deployed by make deploy)"
        return
    newest = kept[-1].number
    back = f", rolled back from {newest}" if current.number < newest else ""
    yield (
        f"Release:   {current.number}{back}, version {current.app_version}, of "
        f"{current.made_at}; {len(kept)} kept"
    )
    api_id = ChaliceApp(stage, account, store).api_id()
    yield f"URL:       {api_url(stage, account, api_id)}/" if api_id else "URL:       no API"
    collecting = function_url(stage, account)
    if collecting:
        yield f"Collect:   {collecting}/"


def _functions(stage: Stage, account: Account, store: DeploymentStore) -> Iterator[str]:
    functions = ChaliceApp(stage, account, store).functions()
    missing = [name for name in stage.functions if name not in functions]
    if missing:
        yield f"Missing:   {join_words(missing)}; make deploy STAGE={stage.name} creates them"
    hashes = active_hashes(stage, load_tokens(store))
    for name, function in functions.items():
        yield (
            f"Function:  {name}, {function['Runtime']}, {function['MemorySize']} MB, changed "
            f"{function['LastModified'][:16]}"
        )
        variables = function.get("Environment", {}).get("Variables", {})
        configured = {name: text for name, text in deployed_environment(stage).items() if text}
        different = [key for key, text in configured.items() if variables.get(key) != text]
        different += ["VISITOR_KEY"] if variables.get("VISITOR_KEY") else []
        if variables.get("READ_TOKEN_HASHES", "") != hashes:
            different.append("READ_TOKEN_HASHES")
        if int(variables.get("TRUSTED_PROXIES") or 0) and not variables.get(
            "EDGE_SECRET_HASHES"
        ):
            yield (
                "           TRUSTED_PROXIES has no effect, because EDGE_SECRET_HASHES is "
                'empty: see docs/how-to/use-your-own-domain.md, "Proxies"'
            )
        if different:
            yield (
                f"           differs in {', '.join(sorted(set(different)))}; "
                f"make deploy STAGE={stage.name} updates it"
            )


def _alarms(stage: Stage, account: Account) -> Iterator[str]:
    alarms = alarms_of(stage, account)
    active = [alarm for alarm in alarms if alarm["StateValue"] == "ALARM"]
    yield f"Alarms:    {len(alarms)}, {len(active) or 'none'} in ALARM"
    for alarm in active:
        yield f"           {alarm['AlarmName']}: {alarm['AlarmDescription']}"


def _sessions(opened: ConnectedStage, now: int) -> Iterator[str]:
    settings = opened.settings
    contents = opened.tables.active_scan.read()
    waiting = [
        now - due
        for row in contents.rows
        if (
            due := max(row.expires_at(settings.session_timeout_ms) * 1000, row.last_received_at)
            + settings.close_after_ms
        )
        <= now
    ]
    yield (
        f"Sessions:  {pluralize(len(contents.rows) - len(waiting), 'active session')}, "
        f"{len(waiting)} pending close"
    )
    if waiting and max(waiting) > 120_000:
        yield (
            f"           the oldest for {max(waiting) // 60_000} minutes: see "
            'docs/reference/alarms.md, "The job is behind"'
        )
    if contents.unreadable:
        yield f"           {pluralize(len(contents.unreadable), 'unreadable row')}"


def _tables(stage: Stage, account: Account, store: DeploymentStore) -> Iterator[str]:
    client = account.client("dynamodb")
    for name in stage.tables:
        table = client.describe_table(TableName=name)["Table"]
        yield (
            f"Table:     {name}, about {pluralize(table['ItemCount'], 'item')}, "
            f"{table['TableSizeBytes'] / 1e6:.1f} MB"
        )
    schema = store.get("schema") or CURRENT_VERSIONS
    behind = [
        table for table, version in CURRENT_VERSIONS.items() if schema.get(table, 1) < version
    ]
    if behind:
        yield f"           items of an earlier version in {', '.join(behind)}: make upgrade"
    if not is_applied(store, settings_of(stage)):
        yield "           sessions stored with another retention: make upgrade"
