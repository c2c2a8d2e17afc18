"""The emulated AWS: ministack in its own process, on a free port of 127.0.0.1."""

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

# The services that LiveInsight uses, of the hundred that ministack emulates.
SERVICES = (
    "apigateway", "cloudformation", "dynamodb", "events", "iam", "lambda", "logs", "monitoring",
    "s3", "sns", "ssm", "sts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Emulator:
    process: Process

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point any AWS client, boto3 or the AWS CLI, to the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.process.report["url"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            **CREDENTIALS,
        }

    @property
    def port(self) -> int:
        return int(self.process.report["url"].rpartition(":")[2])

    def stop(self) -> None:
        """Save the state and stop."""
        self.process.stop()


def start_emulator(state: Path, *, enforce_policies: bool = False, port: int = 0) -> Emulator:
    """Start on the data in the folder `state`, or raise ProcessFailed.

    With `enforce_policies`, a function may only do what its role allows. Port 0 is any free
    port; a restarted emulator can have that of the first.
    """
    (state / "tmp").mkdir(parents=True, exist_ok=True)
    log = state / "emulator.log"
    log.unlink(missing_ok=True)
    environment = {**without_aws(os.environ), **_settings(state)}
    environment["AUTH"] = str(enforce_policies).lower()
    return Emulator(
        child_process.start(
            "devkit.emulated_aws.emulator_process", [str(state), str(port)], environment, log
        )
    )


def acquire_lock(state: Path) -> TextIO:
    """Wait until no other emulator uses this state; return the lock, to be closed."""
    lock = (state / "lock").open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def last_saved_at(state: Path) -> datetime | None:
    """Return when the data was last saved, or None."""
    path = state / "dynamodb.json"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without AWS variables, so that no real account is used."""
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
        # Listeners on fixed ports, which are not needed.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
