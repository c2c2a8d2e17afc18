"""Put a stage into the account, or bring it up to date: its tables and alarms, the app, and
what Chalice cannot set. Run again, it changes what has changed; broken off, it goes on.

    python -m operate.deploy.deploy --stage prod [--plan] [--no-check]
                             [--parameter AlarmEmail=you@example.com]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.settings import Settings
from chalicelib.version import __version__
from devkit.infrastructure import throughput
from devkit.project_paths import ROOT
from operate.access.tokens import (
    active_hashes,
    add_token,
    create_token,
    load_tokens,
    save_tokens,
)
from operate.access.visitor_key_parameter import ensure_visitor_key
from operate.aws.account import Account
from operate.aws.deployment_store import DeploymentStore, Lock, open_store
from operate.aws.region import save_region
from operate.aws.stage import Stage, deployed_environment, settings_of
from operate.build.build_copy import BuildCopy, build_copy
from operate.build.chalice_app import Chalice, ChaliceApp, api_url, run_chalice
from operate.build.environment_size import check_environment
from operate.build.runtime import RUNTIME
from operate.console import current_user, echo, join_words, pluralize
from operate.deploy import preflight
from operate.deploy.permissions import check_permissions
from operate.deploy.steps import Step
from operate.errors import CommandError
from operate.resources.budget import apply_budget
from operate.resources.configure_gateway import configure_gateway
from operate.resources.resource_stack import ResourceStack
from operate.versions import upgrade
from operate.versions.compatibility import check_readable, record_written_versions
from operate.versions.migrations import READABLE_VERSIONS
from operate.versions.releases import Release, Releases

FIRST_TOKEN = "first"
MOST_TOLD = 6  # changes of resources, one by one


@dataclass
class Deployment:
    stage: Stage
    account: Account
    parameters: Mapping[str, str] = field(default_factory=dict)
    source: Path = ROOT
    chalice: Chalice = run_chalice
    checks_permissions: bool = True
    budget_usd: str = ""  # what a month may cost; empty leaves the budget as it is

    def run(self) -> None:
        self.check()
        self._keep_region()
        echo(f"\n{Step.RESOURCES}")
        record = self.record
        if not record.exists():  # nothing yet to hold a lock in; CloudFormation has its own
            self._make_resources()
        with record.lock("deploy", current_user()) as lock:
            self._make_resources()
            self._make_budget()
            self._deploy(lock)

    def _keep_region(self) -> None:
        is_first = not self.stage.region
        self.stage = save_region(self.stage, self.account.region, self.source)
        if is_first:
            echo(
                f"Stage {self.stage.name} belongs to {self.account.region} from now on. "
                ".chalice/config.json says so: commit it."
            )

    def check(self) -> None:
        """Raise Refused for whatever would make it fail; then say what it is about to do."""
        echo(str(Step.SETTINGS))
        preflight.check_built(self.source)
        preflight.check_settings(self.stage, settings_of(self.stage))
        preflight.check_concurrency(self.stage, self.account)
        preflight.check_policies(self.stage, self.source)
        echo(
            f"Stage {self.stage.name}: account {self.account.id}, region "
            f"{self.account.region}, {RUNTIME} on arm64."
        )
        for warning in preflight.advisories(self.stage, settings_of(self.stage)):
            echo(f"Note: {warning}")
        echo(f"\n{Step.PERMISSIONS}")
        if self.checks_permissions:
            self._check_permissions()
        else:
            echo("Not checked.")
        check_readable(self.record, READABLE_VERSIONS, f"Version {__version__}")
        check_environment(self._environment())
        echo(self.plan())

    def _environment(self) -> dict[str, str]:
        """The variables that the functions get. The first token is not yet made, so a hash of
        zeros stands for it."""
        tokens = load_tokens(self.record) if self.record.exists() else []
        hashes = active_hashes(self.stage, tokens) or "0" * 64
        return deployed_environment(self.stage, {"READ_TOKEN_HASHES": hashes})

    def _check_permissions(self) -> None:
        policy = self.source / "infra" / "deployer-policy.json"
        permissions = check_permissions(self.account, policy, echo)
        for note in permissions.notes():
            echo(f"Note: {note}")
        if permissions.denied:
            raise CommandError(
                f"{self.account.caller} lacks permissions that a deployment needs: "
                f"{', '.join(permissions.denied)}. Attach infra/deployer-policy.json, which "
                "grants them all. If IAM is mistaken, skip this check: make deploy NO_CHECK=1."
            )

    def plan(self) -> str:
        return (
            f"It will have: {join_words(self.stage.tables)}; log groups, alarms and a "
            f"dashboard (stack {self.stage.resources_stack}); the functions "
            f"{join_words(self.stage.functions)}, a role for each, a schedule once a minute, "
            f"and an API, stage {self.stage.api_stage}."
        )

    @property
    def record(self) -> DeploymentStore:
        return open_store(self.stage, self.account)

    def _resources(self) -> ResourceStack:
        template = self.source / "infra" / "resources.yaml"
        return ResourceStack(self.stage, self.account, self.parameters, template)

    def _make_resources(self) -> None:
        resources = self._resources()
        changes = resources.apply()
        if len(changes) > MOST_TOLD:
            echo(f"Resources: {len(changes)} made or changed.")
        else:
            echo(f"Resources: {', '.join(changes) or 'as they should be'}.")
        rate_limit = settings_of(self.stage).rate_limit_per_minute
        for note in throughput.advisories(resources.current_parameters(), rate_limit):
            echo(f"Note: {note}")

    def _make_budget(self) -> None:
        parameters = self._resources().current_parameters()
        done = apply_budget(self.stage, self.account, parameters, self.budget_usd)
        if done:
            echo(done)

    def _deploy(self, lock: Lock) -> None:
        tokens = load_tokens(self.record)
        made = None if active_hashes(self.stage, tokens) else create_token(FIRST_TOKEN)
        if made:
            tokens = add_token(tokens, made[1])
        echo(f"\n{Step.SECRETS}")
        ensure_visitor_key(self.stage, self.account)
        echo(f"It is in Parameter Store, {self.stage.visitor_key_parameter}.")
        kept = {"READ_TOKEN_HASHES": active_hashes(self.stage, tokens)}
        settings = settings_of(self.stage, kept)
        echo(f"\n{Step.APP}")
        with build_copy(self.stage, kept, self.source) as project:
            api_id = self._deploy_app(project, kept)
        lock.acquire()
        echo(f"\n{Step.GATEWAY}")
        changes = configure_gateway(self.stage, settings, self.account, api_id)
        echo(f"Set: {join_words(changes)}." if changes else "Settings: as they should be.")
        lock.acquire()
        echo(f"\n{Step.RELEASE}")
        releases = Releases(self.stage, self.account, self.record)
        release = releases.record_release(__version__, api_id)
        gone = releases.delete_with_visitor_key()
        self._tell(release, api_url(self.stage, self.account, api_id), settings)
        if made:
            echo(f"\nRead token, shown this once: {made[0]}\nKeep it where you keep passwords.")
            # Not before: were it kept and never shown, nobody could read.
            save_tokens(self.record, tokens)
        if gone:
            deleted = join_words([f"release {number}" for number in gone])
            echo(
                f"Note: {deleted} deleted, because their environment contained the visitor "
                "key. To roll back before the next release, check out the earlier commit and "
                "run make deploy."
            )
        for sentence in upgrade.after_deploying(self.stage, self.record, settings):
            echo(sentence)

    def _deploy_app(self, project: BuildCopy, kept: Mapping[str, str]) -> str:
        app = ChaliceApp(self.stage, self.account, self.record, self.chalice, self.source)
        fingerprint = project.fingerprint()
        api_id = app.api_id()
        if api_id and app.matches_deployment(
            fingerprint, deployed_environment(self.stage, kept)
        ):
            echo("App: as it should be.")
            return api_id
        record_written_versions(self.record)
        api_id = app.deploy(project)
        app.save_fingerprint(fingerprint)
        echo("App: deployed.")
        return api_id

    def _tell(self, release: Release, url: str, settings: Settings) -> None:
        tokens = pluralize(len(settings.read_token_hashes), "token")
        echo(f"Release {release.number} (version {release.app_version}) is up.")
        echo(f"\n{Step.ADDRESSES}")
        echo(f"  Dashboard   {url}/")
        echo(f'  Your pages  <script defer src="{url}/tracker.js"></script>')
        echo(f"  Sites       {', '.join(settings.sites)}")
        echo(f"  Reading     {tokens}; make token STAGE={self.stage.name} NEW=name makes one")
        echo(f"  Proof       make verify STAGE={self.stage.name}")
