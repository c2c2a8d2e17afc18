"""Every operator's command runs as a user types it, does its work, and reports invalid
arguments in a sentence. One stage is used for all tests, in the order of this file.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from devkit.emulated_aws import child_process
from devkit.emulated_aws.emulator import without_aws
from devkit.local_secrets import token_hash
from operate.aws.stage import Stage, connect_stage
from tests.makefile import operator_targets
from tests.operate.commands import Commands, Done, complete
from tests.operate.stages import Aws, copied_repository, in_environment
from tests.world import World, page_view, visitor

pytestmark = pytest.mark.slow

SITE = "shop.example"
BUCKET = "liveinsight-files"
NO_STAGE = {"STAGE": "nowhere"}, "There is no stage 'nowhere' in .chalice/config.json"

# What is wrong with it, and what the command says. A target that is missing here fails a test.
WRONG: dict[str, list[tuple[dict[str, str], str]]] = {
    "deploy": [
        NO_STAGE,
        ({"PARAMETERS": "Watching"}, "'Watching' is not NAME=VALUE, such as Watching=off"),
        ({"PARAMETERS": "Wachting=off"}, "infra/resources.yaml has no parameter Wachting"),
        ({"REGION": "us-west-1"}, "the region of stage"),
    ],
    "verify": [NO_STAGE, ({"URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9/health does not")],
    "status": [NO_STAGE],
    "doctor": [NO_STAGE],
    "cost": [NO_STAGE],
    "logs": [
        NO_STAGE,
        ({"SINCE": "yesterday"}, "'yesterday' is not a number with s, m, h or d"),
    ],
    "token": [
        NO_STAGE,
        ({"NEW": "a", "REMOVE": "b"}, "Use only one of --new, --rotate and --remove"),
        ({"REMOVE": "nobody"}, "There is no token 'nobody'"),
    ],
    "rollback": [NO_STAGE, ({}, "There is no earlier release")],
    "upgrade": [NO_STAGE],
    "recount": [NO_STAGE, ({"FROM": "monday"}, "'monday' is not a day such as 2026-11-01")],
    "rebuild": [
        NO_STAGE,
        ({"TO": "2026-02-30"}, "'2026-02-30' is not a day such as 2026-11-01"),
    ],
    "export": [NO_STAGE, ({"FROM": "monday"}, "'monday' is not a day such as 2026-11-01")],
    "erase": [
        ({"STAGE": "nowhere", "USER": "ann"}, NO_STAGE[1]),
        ({}, "Specify --user, or --site for all data of a site"),
        ({"SITE": SITE}, f"To confirm, add YES={SITE} to make"),
    ],
    "restore": [
        ({"STAGE": "nowhere", "FROM": "prod"}, NO_STAGE[1]),
        ({}, "Missing option '--from'"),
        ({"FROM": "dev", "AT": "noon"}, "'noon' is not a time such as 2026-11-20T09:00:00Z"),
    ],
    "edge": [
        NO_STAGE,
        ({}, "an output FilesBucket"),
        ({"BUCKET": "no-such-bucket"}, "There is no bucket no-such-bucket"),
    ],
    "edge-secret": [],  # it takes none
    "prepare": [NO_STAGE],
    "visitor-key": [NO_STAGE],
    "demo": [
        ({}, "Missing option '--url'"),
        ({"URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9/events does not answer"),
        ({"URL": "http://127.0.0.1:9", "SESSIONS": "many"}, "'many' is not a valid integer"),
    ],
    "destroy": [NO_STAGE, ({"YES": "wrong"}, "Nothing was deleted")],
}


@dataclass
class Used:
    """A stage that was deployed by `make deploy`, and is served by its own process. `token` can
    read it."""

    aws: Aws
    name: str
    commands: Commands
    said: str
    token: str
    url: str

    @property
    def stage(self) -> Stage:
        return self.aws.stage(self.name)

    def make(self, target: str, **variables: str) -> Done:
        return self.commands.make(target, **{"STAGE": self.name, **variables})

    def does(self, target: str, **variables: str) -> str:
        """Run a command that must succeed; return its output."""
        done = self.make(target, **variables)
        assert done.code == 0, f"{done.said}\n{done.failed_with}"
        return done.said


@pytest.fixture(scope="module")
def deployed(
    made_aws: Aws, python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Used]:
    """Deploy once for all tests here."""
    source = copied_repository(tmp_path_factory.mktemp("commands"))
    complete(source, python)
    aws = replace(made_aws, source=source)
    commands = Commands(source, aws.environment)
    with in_environment(aws.environment):
        name = aws.new_stage(
            SITES=f"{SITE},*.{SITE},demo.example", EXPORT_BUCKET="liveinsight-days"
        ).name
        done = commands.make("deploy", STAGE=name, PARAMETERS="Watching=off", NO_CHECK="1")
        assert done.code == 0, f"{done.said}\n{done.failed_with}"
        (token,) = re.findall(r"shown this once: (\S+)", done.said)
        served = child_process.start(
            "local.app_process",
            ["0", "0", "3600"],
            {
                **without_aws(os.environ),
                **aws.stage(name).environment,
                **aws.environment,
                "READ_TOKEN_HASHES": token_hash(token),
            },
            tmp_path_factory.mktemp("log") / "app.log",
        )
        try:
            yield Used(aws, name, commands, done.said, token, served.report["url"])
        finally:
            served.stop()


@pytest.fixture
def used(deployed: Used, aws: Aws) -> Used:
    """Use the environment of the emulated account."""
    return deployed


def opened(used: Used, stage: Stage | None = None) -> World:
    stage = stage or used.stage
    result = connect_stage(stage, used.aws.account())
    return World(result.tables, result.settings)


def test_every_command_is_tested_here():
    """A new make target needs a test of invalid arguments and one of its work below."""
    does_well = {
        name.removeprefix("test_make_").replace("_", "-")
        for name in globals()
        if name.startswith("test_make_")
    }

    assert operator_targets() == WRONG.keys()
    assert operator_targets() == does_well


@pytest.mark.parametrize(
    ("target", "given", "sentence"),
    [(target, *case) for target, cases in WRONG.items() for case in cases],
)
def test_invalid_arguments_are_named(
    used: Used, target: str, given: dict[str, str], sentence: str
):
    done = used.make(target, **given)

    assert done.code != 0
    assert sentence in done.failed_with
    assert "Traceback" not in done.failed_with


def test_make_deploy(used: Used):
    again = used.does("deploy", PARAMETERS="Watching=off", NO_CHECK="1")
    plan = used.does("deploy", PLAN="1", NO_CHECK="1")

    assert "Release 1 (version" in used.said
    assert "Resources: up to date." in again
    assert "App: up to date." in again
    assert f"The stage will have: {used.stage.tables[0]}" in plan
    assert len(used.aws.gateway.of_stage(used.name)) == 1


def test_make_status(used: Used):
    output = used.does("status")

    assert re.search(r"Release: +1, version", output)
    assert output.count("Table: ") == 4


def test_make_verify(used: Used):
    output = used.does("verify", URL=used.url, TOKEN=used.token)

    assert "NOT" not in output
    assert f"{used.url} passed all checks." in output
    assert opened(used).rows() == []


def test_make_demo(used: Used):
    output = used.does("demo", URL=used.url, SESSIONS="3")

    assert re.search(r"stored \d+ events of demo.example", output)
    assert {row.site for row in opened(used).rows()} <= {"demo.example"}


def test_make_doctor(used: Used):
    """It reports line by line that an emulated account is not a real one, and exits with 1."""
    done = used.make("doctor")

    findings = re.findall(r"^(ok|look|wrong) +([^:]+): ", done.said, re.MULTILINE)
    assert len(findings) > 5
    assert (done.code != 0) == ("wrong" in {verdict for verdict, _ in findings})
    assert "Traceback" not in done.failed_with


def test_make_cost(used: Used):
    output = used.does("cost")

    assert re.match(rf"Stage {used.name}, us-east-1, .* in USD\n", output)
    assert re.search(r"^ +[\d,]+\.\d{4}  USD in 30 days", output, re.MULTILINE)


def test_make_edge_secret(used: Used):
    output = used.commands.make("edge-secret").said
    (secret,) = re.findall(r"shown this once: (\S+)", output)

    assert token_hash(secret) in output


def test_make_logs(used: Used):
    client, group = used.aws.account().client("logs"), used.stage.log_groups[0]
    client.create_log_stream(logGroupName=group, logStreamName="one")
    event = {"timestamp": time.time_ns() // 1_000_000, "message": "a line of the log"}
    client.put_log_events(logGroupName=group, logStreamName="one", logEvents=[event])

    assert "a line of the log" in used.does("logs", SINCE="1h")


def test_make_token(used: Used):
    def listed() -> list[str]:
        return re.findall(r"^(\w+) +created on", used.does("token"), re.MULTILINE)

    assert "Read token ann, shown this once: " in used.does("token", NEW="ann")
    assert listed() == ["first", "ann"]
    assert "The old token ann has been revoked." in used.does("token", ROTATE="ann")
    used.does("token", REMOVE="ann")
    assert listed() == ["first"]


def test_make_rollback(used: Used):
    version = used.commands.source / "chalicelib" / "version.py"
    was = version.read_text("utf-8")
    version.write_text(f"{was}# changed\n", "utf-8")
    deployed = used.does("deploy", PARAMETERS="Watching=off", NO_CHECK="1")
    version.write_text(was, "utf-8")

    assert "Release 2 (version" in deployed
    assert "Release 1 (version" in used.does("rollback")
    assert re.search(r"Release: +1, rolled back from 2, version", used.does("status"))


def test_make_upgrade(used: Used):
    assert "All items are of the current version." in used.does("upgrade")


def close_sessions(used: Used, site: str) -> str:
    """Close two sessions of two users on a finished day; return that day."""
    world, began = opened(used), time.time_ns() // 1_000_000 - 2 * 86_400_000
    for number in (1, 2):
        view = page_view(f"https://{site}/", user_id=f"user{number}")
        world.send(view, sender=visitor(number), at=began)
    world.close(at=began + 40 * 60_000)
    return time.strftime("%Y-%m-%d", time.gmtime(began // 1000))


def test_make_recount(used: Used):
    site = f"recount.{SITE}"
    day = close_sessions(used, site)

    output = used.does("recount", SITE=site, FROM=day, TO=day)

    assert f"{site}: 2 sessions from {day} to {day}, 0 differences." in output


def test_make_rebuild(used: Used):
    site = f"rebuild.{SITE}"
    day = close_sessions(used, site)
    tables = opened(used).tables
    for recent in list(tables.rollups.recents(site, day, day)):
        key = {"site": site, "sort_key": f"recent#{day}#{recent.recent_id}"}
        tables.database.delete(tables.rollups.name, key)

    assert f"{site}: 1 day of {day} to {day} changed." in used.does(
        "rebuild", SITE=site, FROM=day, TO=day
    )
    assert f"{site}: 0 days of" in used.does("rebuild", SITE=site, FROM=day, TO=day)


def test_make_export(used: Used):
    site = f"export.{SITE}"
    day = close_sessions(used, site)

    output = used.does("export", SITE=site, FROM=day, TO=day)

    assert f"{site}: 1 day will be written" in output


def test_make_erase(used: Used):
    site = f"erase.{SITE}"
    close_sessions(used, site)

    def users() -> set[str]:
        items = opened(used).items("sessions")
        return {str(one["user_id"]) for one in items if one["site"] == site}

    output = used.does("erase", USER="user1", SITE=site)
    assert f"{site}: 1 event, 1 session" in output
    assert users() == {"user2"}
    used.does("erase", SITE=site, YES=site)
    assert users() == set()


def test_make_restore(used: Used):
    site = f"restore.{SITE}"
    close_sessions(used, site)
    again = used.aws.new_stage()

    output = used.does("restore", FROM=used.name, STAGE=again.name)

    assert f"Now run: make deploy STAGE={again.name}" in output
    restored = opened(used, used.aws.stage(again.name)).items("sessions")
    assert [one["site"] for one in restored].count(site) == 2


def test_make_edge(used: Used):
    account = used.aws.account()
    template = {
        "Resources": {
            "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": BUCKET}}
        },
        "Outputs": {"FilesBucket": {"Value": {"Ref": "Files"}}},
    }
    client = account.in_region("us-east-1").client("cloudformation")
    name = f"{used.stage.stack_prefix}edge"
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=name)

    assert re.search(rf"Uploaded \d+ files to {BUCKET}\.", used.does("edge"))
    assert "Uploaded" in used.does("edge", BUCKET=BUCKET)
    result = account.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {"tracker.js", "dashboard.html"} <= {one["Key"] for one in result}


def test_make_visitor_key(used: Used):
    assert "has the visitor key" in used.does("visitor-key")


def test_make_prepare(used: Used):
    assert ".venv/bin/chalice deploy --stage" in used.does("prepare")
    record = used.commands.source / ".chalice" / "deployed" / f"{used.name}.json"
    (api,) = used.aws.gateway.of_stage(used.name)
    assert api.id in record.read_text("utf-8")


def test_make_destroy(used: Used):
    left = used.does("destroy", ONLY="app", YES=used.name)
    assert f"make deploy STAGE={used.name} would use them again" in left

    output = used.does("destroy", YES=used.name, DATA="delete the data")

    assert "Nothing is left" in output
    names = used.aws.account().client("dynamodb").list_tables()["TableNames"]
    assert not set(used.stage.tables) & set(names)
