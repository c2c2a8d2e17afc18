"""Releases: each deployment publishes a version of every function, which Lambda stores at no
cost, and records the API's deployment. A rollback restores both. Tables, tokens and settings
stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

import requests
from botocore.exceptions import ClientError

from operate.aws.account import Account, error_code
from operate.aws.deployment_store import DeploymentStore
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.versions.compatibility import check_readable
from operate.versions.migrations import READABLE_VERSIONS
from operate.versions.retention import APPLIED

MAX_RELEASES = 5
LATEST = "$LATEST"

Download = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Release:
    """`functions` has the version of each function, `code` its SHA-256. `api_deployment` is API
    Gateway's id. `reads` has the newest version of items that the code reads, by table; a
    missing table means the first version."""

    number: int
    app_version: str
    made_at: str
    functions: dict[str, str]
    code: dict[str, str]
    api_deployment: str
    reads: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def from_record(kept: dict[str, Any]) -> Release:
        """Read a release. Fields that a later version has added are ignored."""
        names = {one.name for one in fields(Release)}
        return Release(**{name: value for name, value in kept.items() if name in names})


def download(url: str) -> bytes:
    response = requests.get(url, timeout=60)
    response.raise_for_status()
    return response.content


@dataclass(frozen=True, slots=True)
class Releases:
    stage: Stage
    account: Account
    store: DeploymentStore
    download: Download = download

    def all(self) -> list[Release]:
        """Return the releases, oldest first."""
        kept = self.store.list_prefix("release#").values()
        return [Release.from_record(one) for one in kept]

    def current(self) -> Release | None:
        number = self.store.get("current")
        return next((release for release in self.all() if release.number == number), None)

    def record_release(self, app_version: str, api_id: str) -> Release:
        """Record what is deployed as a release. If code and routes are those of an earlier
        release, that release becomes the current one again."""
        releases = self.all()
        deployment = self._api_deployment(api_id)
        code = {name: self._code_sha256(name) for name in self.stage.functions}
        same = [r for r in releases if (r.code, r.api_deployment) == (code, deployment)]
        release = (
            same[-1]
            if same
            else Release(
                number=releases[-1].number + 1 if releases else 1,
                app_version=app_version,
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                functions={name: self._publish_version(name) for name in self.stage.functions},
                code=code,
                api_deployment=deployment,
                reads=READABLE_VERSIONS,
            )
        )
        if not same:
            self.store.put(_key(release), asdict(release))
        self.store.put("current", release.number)
        self._delete_old()
        return release

    def delete_with_visitor_key(self) -> list[int]:
        """Delete the releases whose environment contains the visitor key, because a version's
        environment cannot be changed. Return their numbers."""
        gone = []
        for release in self.all():
            if any(self._has_visitor_key(*one) for one in release.functions.items()):
                for name, version in release.functions.items():
                    self._delete_version(name, version)
                self.store.delete(_key(release))
                gone.append(release.number)
        return gone

    def roll_back(self, api_id: str) -> Release:
        """Restore the release before the current one. Raise CommandError if it cannot read the
        items."""
        current = self.current()
        before = [r for r in self.all() if current and r.number < current.number]
        if not before:
            raise CommandError("There is no earlier release to roll back to.")
        target = before[-1]
        check_readable(
            self.store,
            target.reads,
            f"Release {target.number} (version {target.app_version})",
        )
        for name, version in target.functions.items():
            self._restore(name, version)
        self.account.client("apigateway").update_stage(
            restApiId=api_id,
            stageName=self.stage.api_stage,
            patchOperations=[
                {"op": "replace", "path": "/deploymentId", "value": target.api_deployment}
            ],
        )
        self.store.put("current", target.number)
        # The functions no longer match this checkout, so the next deployment must deploy.
        self.store.delete("deployed")
        # The earlier code may store sessions without an expiry.
        self.store.delete(APPLIED)
        return target

    def delete_all(self) -> None:
        for name in self.store.list_prefix("release#"):
            self.store.delete(name)
        self.store.delete("current")

    def _code_sha256(self, name: str) -> str:
        """Return the SHA-256 of the function's code, after Lambda has finished its update."""
        client = self.account.client("lambda")
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        return str(client.get_function_configuration(FunctionName=name)["CodeSha256"])

    def _publish_version(self, name: str) -> str:
        return str(self.account.client("lambda").publish_version(FunctionName=name)["Version"])

    def _api_deployment(self, api_id: str) -> str:
        stage = self.account.client("apigateway").get_stage(
            restApiId=api_id, stageName=self.stage.api_stage
        )
        return str(stage["deploymentId"])

    def _restore(self, name: str, version: str) -> None:
        """Restore the code and the runtime settings of that version. The environment stays."""
        client = self.account.client("lambda")
        stored: Any = client.get_function(FunctionName=name, Qualifier=version)
        earlier = stored["Configuration"]
        client.update_function_code(
            FunctionName=name, ZipFile=self.download(stored["Code"]["Location"])
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        keys = ("Runtime", "Handler", "Timeout", "MemorySize")
        client.update_function_configuration(
            FunctionName=name, **{key: earlier[key] for key in keys}
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)

    def _delete_old(self) -> None:
        releases = self.all()
        kept = releases[-MAX_RELEASES:]
        in_use = {(name, v) for release in kept for name, v in release.functions.items()}
        for release in releases[:-MAX_RELEASES]:
            for name, version in release.functions.items():
                if (name, version) not in in_use:
                    self._delete_version(name, version)
            self.store.delete(_key(release))

    def _has_visitor_key(self, name: str, version: str) -> bool:
        client = self.account.client("lambda")
        try:
            function = client.get_function_configuration(FunctionName=name, Qualifier=version)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return False
        return bool(function.get("Environment", {}).get("Variables", {}).get("VISITOR_KEY"))

    def _delete_version(self, name: str, version: str) -> None:
        try:
            self.account.client("lambda").delete_function(FunctionName=name, Qualifier=version)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise


def _key(release: Release) -> str:
    return f"release#{release.number:06}"
