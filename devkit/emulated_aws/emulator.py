"""The emulated AWS of one run: ministack in a process of its own, on a free port."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from devkit.emulated_aws import child_process
from devkit.emulated_aws.child_process import Process

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

# What LiveInsight is made of, of the hundred services that ministack has.
SERVICES = (
    "apigateway", "cloudformation", "dynamodb", "events", "iam", "lambda", "logs", "monitoring",
    "s3", "sns", "ssm", "sts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Emulator:
    process: Process

    @property
    def environment(self) -> dict[str, str]:
        """What makes any AWS client, boto3's or the command line's, talk to the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.process.answer["url"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            **CREDENTIALS,
        }

    def stop(self) -> None:
        """Have it save its state and end."""
        self.process.stop()


def start_emulator(state: Path, *, enforce_policies: bool = False) -> Emulator:
    """Start it on what the folder `state` holds. Raise ProcessFailed.

    With `enforce_policies`, a function may do what its role says; else anything.
    """
    (state / "tmp").mkdir(parents=True, exist_ok=True)
    log = state / "emulator.log"
    log.unlink(missing_ok=True)
    environment = {**without_aws(os.environ), **_settings(state)}
    environment["AUTH"] = str(enforce_policies).lower()
    return Emulator(
        child_process.start(
            "devkit.emulated_aws.emulator_process", [str(state)], environment, log
        )
    )


def wait_for_lock(state: Path) -> TextIO:
    """Wait until an emulator that is still saving this state has ended. Close it to let go."""
    lock = (state / "lock").open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def saved_at(state: Path) -> datetime | None:
    """When the data was last saved; None when nothing has been."""
    path = state / "dynamodb.json"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Without whatever speaks of a real AWS: nothing here may ever touch that."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def _settings(state: Path) -> dict[str, str]:
    return {
        **CREDENTIALS,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_DATA_DIR": str(state / "s3"),
        "TMPDIR": str(state / "tmp"),
        "SERVICES": ",".join(SERVICES),
        # Listeners on fixed ports that nothing here needs.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
