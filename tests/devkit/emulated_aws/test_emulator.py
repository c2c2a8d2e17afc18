"""The emulator keeps its data however it ends, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devkit.emulated_aws.child_process import ProcessFailed
from devkit.emulated_aws.emulated_stack import aws_client, deploy_stack
from devkit.emulated_aws.emulator import Emulator, last_saved_at, start_emulator, without_aws
from devkit.emulated_aws.emulator_process import may_change
from devkit.infrastructure.cloudformation import StackFailed
from devkit.project_paths import RESOURCES, ROOT

TABLE = "LiveInsight-ActiveSessions-dev"

reads_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks Linux")
pytestmark = [pytest.mark.slow, reads_proc]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Emulator]]:
    """Start an emulator on this test's state; all that were started are stopped."""
    started: list[Emulator] = []

    def begin() -> Emulator:
        started.append(start_emulator(tmp_path))
        return started[-1]

    yield begin
    for emulator in started:
        emulator.stop()


def put(emulator: Emulator, session_id: str) -> None:
    client = aws_client("dynamodb", emulator.environment)
    client.put_item(TableName=TABLE, Item={"session_id": {"S": session_id}})


def stored(emulator: Emulator) -> set[str]:
    client = aws_client("dynamodb", emulator.environment)
    return {item["session_id"]["S"] for item in client.scan(TableName=TABLE)["Items"]}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_stopping_loses_nothing(start):
    first = start()
    deploy_stack(RESOURCES, "dev", first.environment)
    put(first, "before")
    first.stop()

    second = start()

    assert stored(second) == {"before"}


def test_killing_loses_only_unsaved_changes(start, tmp_path: Path):
    first = start()
    deploy_stack(RESOURCES, "dev", first.environment)
    put(first, "saved")
    wait_until(lambda: b"saved" in saved_bytes(tmp_path))
    first.process.process.kill()
    first.process.process.wait()

    second = start()

    assert stored(second) == {"saved"}
    assert last_saved_at(tmp_path) is not None


def saved_bytes(state: Path) -> bytes:
    path = state / "dynamodb.json"
    return path.read_bytes() if path.exists() else b""


def test_it_saves_and_exits_when_its_parent_is_killed(start, tmp_path: Path):
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert stored(start()) == {"by the orphan"}  # starting waits until the first has saved
    wait_until(lambda: not is_running(child))


ORPHANING = """
import sys, time
from pathlib import Path
from devkit.emulated_aws.emulator import start_emulator
from devkit.project_paths import RESOURCES
from devkit.emulated_aws.emulated_stack import deploy_stack
from tests.devkit.emulated_aws.test_emulator import put

emulator = start_emulator(Path(sys.argv[1]))
deploy_stack(RESOURCES, "dev", emulator.environment)
put(emulator, "by the orphan")
print(emulator.process.process.pid, flush=True)
time.sleep(600)
"""


def test_it_listens_on_loopback_only(start):
    emulator = start()
    port = int(emulator.environment["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
    listening = listeners_of(emulator.process.process.pid)

    assert listening == {("127.0.0.1", port)}


def listeners_of(pid: int) -> set[tuple[str, int]]:
    """Return the listening TCP sockets of a process, from Linux's own tables."""
    targets = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {target[8:-1] for target in targets if target.startswith("socket:")}
    result = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A" and fields[9] in inodes:
            octets = [str(octet) for octet in reversed(bytes.fromhex(address))]
            result.add((".".join(octets), int(port, 16)))
    return result


def test_it_does_not_delete_expired_items(start):
    """The demo contains past days, whose items would look expired."""
    emulator = start()
    deploy_stack(RESOURCES, "dev", emulator.environment)
    client = aws_client("dynamodb", emulator.environment)

    timer = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert timer["TimeToLiveStatus"] == "DISABLED"


def test_second_deployment_keeps_the_data(start):
    emulator = start()
    outputs = deploy_stack(RESOURCES, "dev", emulator.environment)
    put(emulator, "kept")

    assert deploy_stack(RESOURCES, "dev", emulator.environment) == outputs
    assert stored(emulator) == {"kept"}


def test_changed_template_updates_the_stack(start, tmp_path: Path):
    emulator = start()
    deploy_stack(RESOURCES, "dev", emulator.environment)
    put(emulator, "kept")
    changed = tmp_path / "changed.yaml"
    changed.write_text(
        RESOURCES.read_text("utf-8").replace("RetentionInDays: 7", "RetentionInDays: 14"),
        "utf-8",
    )

    deploy_stack(changed, "dev", emulator.environment)

    groups = aws_client("logs", emulator.environment).describe_log_groups()["logGroups"]
    assert {group["retentionInDays"] for group in groups} == {14}
    assert stored(emulator) == {"kept"}


def test_stages_have_separate_tables(start):
    emulator = start()
    dev = deploy_stack(RESOURCES, "dev", emulator.environment)
    prod = deploy_stack(RESOURCES, "prod", emulator.environment)

    assert dev["EventsTable"] == "LiveInsight-Events-dev"
    assert prod["EventsTable"] == "LiveInsight-Events"


def test_cloudformation_error_is_reported(start, tmp_path: Path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("Resources: {Table: {Type: AWS::DynamoDB::Tabel}}", encoding="utf-8")

    with pytest.raises(StackFailed, match="Tabel"):
        deploy_stack(broken, "dev", start().environment)


def test_failed_start_is_reported_with_the_log(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no Python starts so

    with pytest.raises(ProcessFailed, match=r"did not start. The end of .*emulator.log"):
        start_emulator(tmp_path / "state")


def test_real_account_cannot_be_reached():
    environment = {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL": "https://aws", "HOME": "/root"}

    assert without_aws(environment) == {"HOME": "/root"}


@pytest.mark.parametrize(
    ("target", "changes"),
    [
        ("DynamoDB_20120810.GetItem", False),
        ("DynamoDB_20120810.BatchGetItem", False),
        ("DynamoDB_20120810.Scan", False),
        ("DynamoDB_20120810.PutItem", True),
        ("DynamoDB_20120810.BatchWriteItem", True),
        ("DynamoDB_20120810.TransactWriteItems", True),
        ("Logs_20140328.GetLogEvents", True),
        ("", True),
    ],
)
def test_only_known_reads_do_not_trigger_a_save(target: str, changes: bool):
    scope: dict[str, Any] = {"headers": [(b"x-amz-target", target.encode())]}

    assert may_change(scope) is changes
