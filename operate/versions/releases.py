"""Releases: after each deployment, a version of every function, which Lambda keeps for nothing,
and the deployment that the API pointed to. Going back puts both in place again; tables, tokens
and settings are not touched."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

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
    """`functions` are the versions of the functions by name, `code` the SHA-256 of each,
    `api_deployment` is the gateway's. `reads` is the newest version of items that the code
    reads, by table; one that is missing is the first."""

    number: int
    app_version: str
    made_at: str
    functions: dict[str, str]
    code: dict[str, str]
    api_deployment: str
    reads: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def from_record(kept: dict[str, Any]) -> Release:
        """What a later version adds to the record is left out."""
        known = {one.name for one in fields(Release)}
        return Release(**{name: value for name, value in kept.items() if name in known})


def download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
        return content


@dataclass(frozen=True, slots=True)
class Releases:
    stage: Stage
    account: Account
    store: DeploymentStore
    download: Download = download

    def all(self) -> list[Release]:
        """The oldest first."""
        kept = self.store.list_prefix("release#").values()
        return [Release.from_record(one) for one in kept]

    def current(self) -> Release | None:
        number = self.store.get("current")
        return next((release for release in self.all() if release.number == number), None)

    def record_release(self, app_version: str, api_id: str) -> Release:
        """What is deployed now, as a release: one that is known where code and routes are the
        same, whatever tokens and settings have become."""
        known = self.all()
        deployment = self._api_deployment(api_id)
        code = {name: self._code_sha256(name) for name in self.stage.functions}
        same = [r for r in known if (r.code, r.api_deployment) == (code, deployment)]
        release = (
            same[-1]
            if same
            else Release(
                number=known[-1].number + 1 if known else 1,
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
        """Delete the releases whose environment has the visitor key in it, for a version's
        environment cannot be changed. Their numbers."""
        gone = []
        for release in self.all():
            if any(self._has_visitor_key(*one) for one in release.functions.items()):
                for name, version in release.functions.items():
                    self._delete_version(name, version)
                self.store.delete(_key(release))
                gone.append(release.number)
        return gone

    def roll_back(self, api_id: str) -> Release:
        """To the release before the current one; raise Refused if it cannot read the items."""
        current = self.current()
        before = [r for r in self.all() if current and r.number < current.number]
        if not before:
            raise CommandError("There is no earlier release to go back to.")
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
        # What runs is not what the files here would make: the next deployment deploys.
        self.store.delete("deployed")
        # Code of before may store outlines without the time at which they expire.
        self.store.delete(APPLIED)
        return target

    def delete_all(self) -> None:
        for name in self.store.list_prefix("release#"):
            self.store.delete(name)
        self.store.delete("current")

    def _code_sha256(self, name: str) -> str:
        """When Lambda has done what it was told to."""
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
        """The code of that version, and what it ran with; its environment stays as it is."""
        client = self.account.client("lambda")
        kept: Any = client.get_function(FunctionName=name, Qualifier=version)
        was = kept["Configuration"]
        client.update_function_code(
            FunctionName=name, ZipFile=self.download(kept["Code"]["Location"])
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        told = ("Runtime", "Handler", "Timeout", "MemorySize")
        client.update_function_configuration(
            FunctionName=name, **{key: was[key] for key in told}
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name)

    def _delete_old(self) -> None:
        known = self.all()
        kept = known[-MAX_RELEASES:]
        in_use = {(name, v) for release in kept for name, v in release.functions.items()}
        for release in known[:-MAX_RELEASES]:
            for name, version in release.functions.items():
                if (name, version) not in in_use:
                    self._delete_version(name, version)
            self.store.delete(_key(release))

    def _has_visitor_key(self, name: str, version: str) -> bool:
        client = self.account.client("lambda")
        try:
            found = client.get_function_configuration(FunctionName=name, Qualifier=version)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return False
        return bool(found.get("Environment", {}).get("Variables", {}).get("VISITOR_KEY"))

    def _delete_version(self, name: str, version: str) -> None:
        try:
            self.account.client("lambda").delete_function(FunctionName=name, Qualifier=version)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise


def _key(release: Release) -> str:
    return f"release#{release.number:06}"
