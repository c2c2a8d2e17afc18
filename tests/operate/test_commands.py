"""Commands on a deployed stage: tokens, rollback, status and logs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, replace

import boto3
import pytest

from devkit.local_secrets import token_hash
from operate.access.tokens import change_tokens, print_tokens
from operate.access.visitor_key_parameter import read_visitor_key
from operate.aws.account import Account
from operate.aws.stage import Stage, connect_stage, read_stage
from operate.build.build_copy import BuildCopy
from operate.deploy import preflight
from operate.errors import CommandError
from operate.inspect import logs
from operate.inspect.status import describe_stage
from operate.versions.releases import MAX_RELEASES, Releases
from operate.versions.rollback import roll_back
from tests.operate.chalices import code, quick_chalice
from tests.operate.command_line import run_command
from tests.operate.stages import Aws, in_environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage_name(made_aws: Aws) -> Iterator[str]:
    """Deploy once for the tests here."""
    with in_environment(made_aws.environment):
        stage = made_aws.new_stage()
        made_aws.deployment(stage, chalice=quick_chalice).run()
        yield stage.name


@pytest.fixture
def stage(stage_name: str, aws: Aws) -> Stage:
    return aws.stage(stage_name)


def hashes(aws: Aws, stage: Stage) -> set[str]:
    """Return the token hashes of the functions, which are the same for all of them."""
    client = aws.account().client("lambda")
    (found,) = {
        client.get_function_configuration(FunctionName=name)["Environment"]["Variables"][
            "READ_TOKEN_HASHES"
        ]
        for name in stage.functions
    }
    return set(found.split(","))


def shown(said: str) -> str:
    (text,) = re.findall(r"shown this once: (\S+)", said)
    return str(text)


def test_new_token_works_beside_the_others_until_it_is_removed(
    aws: Aws, stage: Stage, capsys: pytest.CaptureFixture[str]
):
    before = hashes(aws, stage)

    change_tokens(stage, aws.account(), new="ann")
    text = shown(capsys.readouterr().out)
    assert hashes(aws, stage) == before | {token_hash(text)}

    change_tokens(stage, aws.account(), remove="ann")
    assert hashes(aws, stage) == before


def test_rotated_token_replaces_the_old_one(
    aws: Aws, stage: Stage, capsys: pytest.CaptureFixture[str]
):
    change_tokens(stage, aws.account(), new="bob")
    old = shown(capsys.readouterr().out)
    change_tokens(stage, aws.account(), rotate="bob")
    new = shown(capsys.readouterr().out)

    assert token_hash(new) in hashes(aws, stage)
    assert token_hash(old) not in hashes(aws, stage)


def test_token_has_256_bits(aws: Aws, stage: Stage, capsys: pytest.CaptureFixture[str]):
    change_tokens(stage, aws.account(), new="long")

    assert len(shown(capsys.readouterr().out)) == 43  # of 6 bits each


@pytest.mark.parametrize("change", [{"remove": "nobody"}, {"rotate": "nobody"}])
def test_unknown_token_is_named_and_nothing_changes(
    aws: Aws, stage: Stage, change: dict[str, str]
):
    before = hashes(aws, stage)

    with pytest.raises(CommandError, match=r"no token 'nobody'\. Tokens: first"):
        change_tokens(stage, aws.account(), **change)

    assert hashes(aws, stage) == before


def test_duplicate_token_name_is_rejected(aws: Aws, stage: Stage):
    with pytest.raises(CommandError, match="ROTATE=first"):
        change_tokens(stage, aws.account(), new="first")


def test_tokens_are_listed_by_name(aws: Aws, stage: Stage, capsys: pytest.CaptureFixture[str]):
    print_tokens(stage, aws.account())

    assert re.search(
        r"^first +created on \d{4}-\d\d-\d\d", capsys.readouterr().out, re.MULTILINE
    )


def test_changed_tokens_need_no_deployment(aws: Aws, stage: Stage):
    change_tokens(stage, aws.account(), new="carl")
    aws.gateway.calls.clear()

    aws.deployment(stage, chalice=quick_chalice).run()

    assert aws.gateway.changes() == []


def test_older_release_without_the_collect_function_leaves_it_as_it_is(aws: Aws):
    """Trackers keep using its Function URL."""
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    record, client = aws.record(stage), boto3.client("lambda")
    releases = Releases(stage, aws.account(), record, lambda _: code("first"))
    first = releases.all()[0]
    for name in ("functions", "code"):
        getattr(first, name).pop(stage.collect_function)
    record.put("release#000001", asdict(first))
    client.update_function_code(FunctionName=stage.api_function, ZipFile=code("second"))
    releases.record_release("0.2.0", aws.gateway.of_stage(stage.name)[0].id)
    before = client.get_function_configuration(FunctionName=stage.collect_function)

    roll_back(stage, aws.account(), lambda _: code("first"))

    after = client.get_function_configuration(FunctionName=stage.collect_function)
    assert releases.current() == first
    assert after["LastModified"] == before["LastModified"]
    aws.deployment(stage, chalice=quick_chalice).run()


def test_token_is_created_on_a_stage_of_an_earlier_version(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    """It has no function that collects."""
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    boto3.client("lambda").delete_function(FunctionName=stage.collect_function)

    change_tokens(stage, aws.account(), new="early")

    assert "not deployed" not in capsys.readouterr().out
    lines = "\n".join(describe_stage(stage, aws.account(), now=0))
    assert f"Missing:   {stage.collect_function}" in lines
    assert "Collect: " not in lines
    logs.print_logs(stage, aws.account(), since_ms=0)


def test_rollback_restores_code_and_routes_of_the_previous_release(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    client, record = aws.account().client("lambda"), aws.record(stage)
    releases = Releases(stage, aws.account(), record)
    (api,) = aws.gateway.of_stage(stage.name)
    (earlier,) = releases.all()
    was = client.get_function_configuration(FunctionName=stage.api_function)["CodeSha256"]
    for name in stage.functions:
        client.update_function_code(FunctionName=name, ZipFile=code("second"))
    aws.gateway._deploy(api.id, {"stageName": stage.name})
    newer = releases.record_release("0.2.0", api.id)
    record.database.put(
        stage.rollups_table, {"site": "shop.example", "sort_key": "summary#2026-09-05"}
    )

    roll_back(stage, aws.account(), lambda _: code("first"))

    is_now = client.get_function_configuration(FunctionName=stage.api_function)
    assert (newer.number, is_now["CodeSha256"]) == (2, was)
    assert api.stages[stage.name]["deploymentId"] == earlier.api_deployment
    assert releases.current() == earlier
    # The code of before may store outlines without the time at which they expire.
    assert record.get("retention") is None
    assert "Release 1" in capsys.readouterr().out
    kept = {"site": "shop.example", "sort_key": "summary#2026-09-05"}
    assert record.database.get(stage.rollups_table, kept)
    with pytest.raises(CommandError, match="no earlier release"):
        roll_back(stage, aws.account(), lambda _: code("first"))


def test_only_the_last_releases_are_kept(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    client = aws.account().client("lambda")
    releases = Releases(stage, aws.account(), aws.record(stage))
    (api,) = aws.gateway.of_stage(stage.name)
    for number in range(MAX_RELEASES + 1):
        for name in stage.functions:
            client.update_function_code(FunctionName=name, ZipFile=code(str(number)))
        releases.record_release("0.1.0", api.id)

    kept = releases.all()
    assert [release.number for release in kept] == [3, 4, 5, 6, 7]
    versions = {
        version["Version"]
        for version in client.list_versions_by_function(FunctionName=stage.api_function)[
            "Versions"
        ]
    }
    assert versions - {"$LATEST"} == {r.functions[stage.api_function] for r in kept}


def test_status_prints_the_release_and_pending_work(aws: Aws, stage: Stage):
    opened = connect_stage(stage, aws.account())
    now = time.time_ns() // 1_000_000
    key = {"session_id": "sess_20260905_00000001"}
    opened.tables.database.put(
        opened.tables.active_sessions.name,
        {
            **key, "site": "shop.example", "visitor_id": "v", "pointer_id": "p",
            "start_time": now - 7_230_000, "last_activity": now - 7_230_000,
            "opened_at": now - 7_230_000, "touched_at": now - 7_230_000,
            "entry_page": "https://shop.example/", "current_page": "/",
        },
    )  # fmt: skip
    lines = "\n".join(describe_stage(stage, aws.account(), now=now))
    opened.tables.database.delete(opened.tables.active_sessions.name, key)

    assert f"Stage {stage.name}, account 000000000000, region us-east-1" in lines
    assert re.search(r"Release: +1, version 0\.1\.0", lines)
    assert re.search(r"URL: +https://\w+\.execute-api\.us-east-1", lines)
    assert "0 active sessions, 1 pending close" in lines
    assert "the oldest for 88 minutes" in lines
    assert lines.count("Table: ") == 4
    assert "differs" not in lines


def test_status_names_active_alarms(aws: Aws, stage: Stage):
    client = aws.account().client("cloudwatch")
    for name in ("LiveInsight-Api-5xx", f"LiveInsight-Api-5xx-{stage.name}"):
        client.put_metric_alarm(
            AlarmName=name, AlarmDescription="Read on in docs.", Namespace="AWS/ApiGateway",
            MetricName="5XXError", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    lines = list(describe_stage(stage, aws.account(), now=0))

    assert "Alarms:    1, 1 in ALARM" in lines
    assert f"           LiveInsight-Api-5xx-{stage.name}: Read on in docs." in lines


def test_status_reports_a_configuration_that_is_not_deployed(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    client = aws.account().client("lambda")
    result = client.get_function_configuration(FunctionName=stage.api_function)
    variables = {
        **result["Environment"]["Variables"],
        "VISITOR_KEY": "as earlier releases had it",
        "SITES": "other.example",
    }
    client.update_function_configuration(
        FunctionName=stage.api_function, Environment={"Variables": variables}
    )

    lines = "\n".join(describe_stage(stage, aws.account(), now=0))

    assert "differs in SITES, VISITOR_KEY; make deploy" in lines


def test_upgrade_moves_the_visitor_key_out_of_the_environment(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    """The key stays the same, and no function or release contains it any more."""
    stage = aws.new_stage()
    account, client = aws.account(), boto3.client("lambda")
    aws.deployment(stage, chalice=quick_chalice).run()
    key, releases = (
        read_visitor_key(stage, account),
        Releases(stage, account, aws.record(stage)),
    )
    assert key
    (api,) = aws.gateway.of_stage(stage.name)
    for name in stage.functions:
        result = client.get_function_configuration(FunctionName=name)
        variables = result["Environment"]["Variables"] | {"VISITOR_KEY": key}
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )
        client.update_function_code(FunctionName=name, ZipFile=code("the release before"))
    earlier = releases.record_release("0.1.0", api.id)

    def new_code(project: BuildCopy, account: Account) -> None:
        quick_chalice(project, account)
        for name in stage.functions:
            client.update_function_code(FunctionName=name, ZipFile=code("this release"))

    capsys.readouterr()
    aws.deployment(stage, chalice=new_code).run()

    assert f"release {earlier.number} deleted" in capsys.readouterr().out
    assert [one.number for one in releases.all()] == [earlier.number - 1, earlier.number + 1]
    for name in stage.functions:
        assert key not in json.dumps(
            client.list_versions_by_function(FunctionName=name)["Versions"], default=str
        )
    assert read_visitor_key(stage, account) == key


def test_visitor_key_of_a_pipeline_is_kept(
    aws: Aws, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    stage = aws.new_stage()
    monkeypatch.setattr("operate.aws.stage.read_stage", lambda _: stage)
    monkeypatch.setenv("VISITOR_KEY", "what the stack had so far")

    run_command("visitor-key", "--stage", stage.name)
    assert read_visitor_key(stage, aws.account()) == "what the stack had so far"

    run_command("visitor-key", "--stage", stage.name)
    monkeypatch.setenv("VISITOR_KEY", "")
    run_command("visitor-key", "--stage", stage.name)
    assert read_visitor_key(stage, aws.account()) == "what the stack had so far"
    assert "what the stack" not in capsys.readouterr().out

    monkeypatch.setenv("VISITOR_KEY", "another")
    with pytest.raises(CommandError, match="would become a new visitor"):
        run_command("visitor-key", "--stage", stage.name)


def test_status_reports_outlines_with_an_outdated_retention(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    output = "\n".join(describe_stage(stage, aws.account(), now=0))
    assert "another retention" not in output

    aws.record(stage).put("retention", 0)

    output = "\n".join(describe_stage(stage, aws.account(), now=0))
    assert "sessions stored with another retention: make upgrade" in output


def test_tracing_is_turned_on_and_off_again(aws: Aws):
    """Chalice turns the tracing of a function on, but never off."""
    stage = aws.new_stage()
    client = boto3.client("lambda")
    rule = f"liveinsight-{stage.name}"

    def is_traced() -> bool:
        result = client.get_function_configuration(FunctionName=stage.api_function)
        return bool(result.get("TracingConfig", {}).get("Mode") == "Active")

    def chalice(project: BuildCopy, account: Account) -> None:
        quick_chalice(project, account)
        if read_stage(project.stage, project.folder).is_traced():
            client.update_function_configuration(
                FunctionName=stage.api_function, TracingConfig={"Mode": "Active"}
            )

    without_grant = replace(stage, config={**stage.config, "xray": True})
    with pytest.raises(CommandError, match=r'"xray" is true for api_handler.*Tracing'):
        preflight.check_policies(without_grant, aws.source)

    on = aws.trace(stage, is_on=True)
    aws.deployment(on, chalice=chalice).run()
    assert is_traced()
    assert aws.gateway.rules[rule]["FixedRate"] == 0.01

    off = aws.trace(stage, is_on=False)
    aws.deployment(off, chalice=chalice).run()
    assert not is_traced()
    assert rule not in aws.gateway.rules
    aws.gateway.calls.clear()
    aws.deployment(off, chalice=chalice).run()
    assert aws.gateway.changes() == []


def test_status_reports_trusted_proxies_without_a_secret(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    client = boto3.client("lambda")
    result = client.get_function_configuration(FunctionName=stage.api_function)
    variables = result["Environment"]["Variables"] | {"TRUSTED_PROXIES": "2"}
    client.update_function_configuration(
        FunctionName=stage.api_function, Environment={"Variables": variables}
    )

    lines = "\n".join(describe_stage(stage, aws.account(), now=0))

    assert "TRUSTED_PROXIES has no effect, because EDGE_SECRET_HASHES is empty" in lines


def test_status_of_a_missing_stage_is_an_error(aws: Aws):
    stage = aws.new_stage()

    assert "not deployed" in list(describe_stage(stage, aws.account(), now=0))[-1]


def test_logs_of_all_functions_are_merged_by_time(
    aws: Aws, stage: Stage, capsys: pytest.CaptureFixture[str]
):
    client, now = aws.account().client("logs"), time.time_ns() // 1_000_000
    for at, (group, text) in enumerate(
        [
            (stage.log_groups[3], "second"),
            (stage.log_groups[0], "first"),
            (stage.log_groups[0], "late"),
        ]
    ):
        stream = f"s{at}"
        client.create_log_stream(logGroupName=group, logStreamName=stream)
        moment = {"first": now - 3000, "second": now - 2000, "late": now - 1000}[text]
        client.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": moment, "message": text}],
        )

    logs.print_logs(stage, aws.account(), since_ms=now - 60_000)
    output = capsys.readouterr().out
    assert re.findall(r"(\S+)  (\w+)\n", output) == [
        (f"liveinsight-{stage.name}", "first"),
        (f"liveinsight-{stage.name}-expire_sessions", "second"),
        (f"liveinsight-{stage.name}", "late"),
    ]
    logs.print_logs(stage, aws.account(), since_ms=now - 60_000, pattern="late")
    assert "first" not in capsys.readouterr().out


def test_following_logs_shows_each_line_once(
    aws: Aws, stage: Stage, capsys: pytest.CaptureFixture[str]
):
    client, now = aws.account().client("logs"), time.time_ns() // 1_000_000
    client.create_log_stream(logGroupName=stage.log_groups[0], logStreamName="followed")
    looks = iter([True, True, False])

    def follow() -> bool:
        client.put_log_events(
            logGroupName=stage.log_groups[0],
            logStreamName="followed",
            logEvents=[{"timestamp": now + 60_000, "message": "once"}],
        )
        return next(looks) and client is not None

    logs.print_logs(stage, aws.account(), since_ms=now + 30_000, follow=follow)

    assert capsys.readouterr().out.count("once") == 1
