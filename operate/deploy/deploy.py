"""Deploy or update a stage: its tables and alarms, the app, and what Chalice cannot configure.
A second run changes only what differs, and resumes an interrupted one."""

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
from operate.resources.configure_collect import (
    configure_collect,
    expected_concurrency,
    function_url,
    unlimited_note,
)
from operate.resources.configure_gateway import configure_gateway
from operate.resources.resource_stack import ResourceStack
from operate.versions import upgrade
from operate.versions.compatibility import check_readable, record_written_versions
from operate.versions.migrations import READABLE_VERSIONS
from operate.versions.releases import Release, Releases

FIRST_TOKEN = "first"
MAX_CHANGES_NAMED = 6


@dataclass
class Deployment:
    stage: Stage
    account: Account
    parameters: Mapping[str, str] = field(default_factory=dict)
    source: Path = ROOT
    chalice: Chalice = run_chalice
    checks_permissions: bool = True
    budget_usd: str = ""  # of a month; empty leaves the budget as it is

    def run(self) -> None:
        self.check()
        self._keep_region()
        echo(f"\n{Step.RESOURCES}")
        store = self.store
        if not store.exists():  # the lock needs its table, and CloudFormation has its own lock
            self._apply_resources()
        with store.lock("deploy", current_user()) as lock:
            self._apply_resources()
            self._apply_budget()
            self._deploy(lock)

    def _keep_region(self) -> None:
        is_first = not self.stage.region
        self.stage = save_region(self.stage, self.account.region, self.source)
        if is_first:
            echo(
                f"The region of stage {self.stage.name} is now {self.account.region}. Commit "
                ".chalice/config.json, which stores it."
            )

    def check(self) -> None:
        """Raise CommandError for anything that would make it fail. Then print the plan."""
        echo(str(Step.SETTINGS))
        preflight.check_built(self.source)
        preflight.check_settings(self.stage, settings_of(self.stage))
        preflight.check_concurrency(self.stage, self.account)
        preflight.check_policies(self.stage, self.source)
        echo(
            f"Stage {self.stage.name}: account {self.account.id}, region "
            f"{self.account.region}, {RUNTIME} on arm64."
        )
        for advisory in preflight.advisories(self.stage, settings_of(self.stage)):
            echo(f"Note: {advisory}")
        echo(f"\n{Step.PERMISSIONS}")
        if self.checks_permissions:
            self._check_permissions()
        else:
            echo("Not checked.")
        check_readable(self.store, READABLE_VERSIONS, f"Version {__version__}")
        check_environment(self._environment())
        echo(self.plan())

    def _environment(self) -> dict[str, str]:
        """Return the functions' variables. A hash of zeros replaces that of the first token,
        which is not created yet."""
        tokens = load_tokens(self.store) if self.store.exists() else []
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
                "grants them all. If IAM is wrong, skip this check: make deploy NO_CHECK=1."
            )

    def plan(self) -> str:
        return (
            f"The stage will have: {join_words(self.stage.tables)}; log groups, alarms and a "
            f"dashboard (stack {self.stage.resources_stack}); the functions "
            f"{join_words(self.stage.functions)}, a role for each, a schedule once a minute, "
            f"an API, stage {self.stage.api_stage}, and a Function URL that collects."
        )

    @property
    def store(self) -> DeploymentStore:
        return open_store(self.stage, self.account)

    def _resources(self) -> ResourceStack:
        template = self.source / "infra" / "resources.yaml"
        return ResourceStack(self.stage, self.account, self.parameters, template)

    def _apply_resources(self) -> None:
        resources = self._resources()
        changes = resources.apply()
        if len(changes) > MAX_CHANGES_NAMED:
            echo(f"Resources: {len(changes)} created or changed.")
        else:
            echo(f"Resources: {', '.join(changes) or 'up to date'}.")
        rate_limit = settings_of(self.stage).rate_limit_per_minute
        for note in throughput.advisories(resources.current_parameters(), rate_limit):
            echo(f"Note: {note}")

    def _apply_budget(self) -> None:
        parameters = self._resources().current_parameters()
        result = apply_budget(self.stage, self.account, parameters, self.budget_usd)
        if result:
            echo(result)

    def _deploy(self, lock: Lock) -> None:
        tokens, secret = load_tokens(self.store), ""
        if not active_hashes(self.stage, tokens):
            secret, token = create_token(FIRST_TOKEN)
            tokens = add_token(tokens, token)
        echo(f"\n{Step.SECRETS}")
        ensure_visitor_key(self.stage, self.account)
        echo(f"It is in Parameter Store, {self.stage.visitor_key_parameter}.")
        stored = {"READ_TOKEN_HASHES": active_hashes(self.stage, tokens)}
        settings = settings_of(self.stage, stored)
        echo(f"\n{Step.APP}")
        with build_copy(self.stage, stored, self.source) as project:
            api_id = self._deploy_app(project, stored)
        lock.acquire()
        echo(f"\n{Step.GATEWAY}")
        changes = configure_gateway(self.stage, settings, self.account, api_id)
        changes += configure_collect(self.stage, settings, self.account)
        echo(f"Set: {join_words(changes)}." if changes else "Settings: up to date.")
        self._note_unlimited(settings)
        lock.acquire()
        self._release(api_id, settings)
        if secret:
            echo(f"\nRead token, shown this once: {secret}\nKeep it in a password manager.")
            # Saved after it was shown: a saved token that nobody has seen could not be used.
            save_tokens(self.store, tokens)
        for sentence in upgrade.after_deploying(self.stage, self.store, settings):
            echo(sentence)

    def _deploy_app(self, project: BuildCopy, stored: Mapping[str, str]) -> str:
        app = ChaliceApp(self.stage, self.account, self.store, self.chalice, self.source)
        fingerprint = project.fingerprint()
        environment = deployed_environment(self.stage, stored)
        api_id = app.api_id()
        if api_id and app.matches_deployment(fingerprint, environment):
            echo("App: up to date.")
            return api_id
        record_written_versions(self.store)
        api_id = app.deploy(project)
        app.save_fingerprint(fingerprint)
        echo("App: deployed.")
        return api_id

    def _release(self, api_id: str, settings: Settings) -> None:
        echo(f"\n{Step.RELEASE}")
        releases = Releases(self.stage, self.account, self.store)
        release = releases.record_release(__version__, api_id)
        deleted = releases.delete_with_visitor_key()
        self._print_addresses(release, api_url(self.stage, self.account, api_id), settings)
        if deleted:
            names = join_words([f"release {number}" for number in deleted])
            echo(
                f"Note: {names} deleted, because their environment contained the visitor key. "
                "To roll back before the next release, check out the earlier commit and run "
                "make deploy."
            )

    def _note_unlimited(self, settings: Settings) -> None:
        """Say what bounds the bill if the quota is too small to reserve concurrency."""
        if expected_concurrency(self.stage, settings, self.account) is None:
            echo(f"Note: {unlimited_note(self.stage, settings)}")

    def _print_addresses(self, release: Release, url: str, settings: Settings) -> None:
        tokens = pluralize(len(settings.read_token_hashes), "token")
        echo(f"Release {release.number} (version {release.app_version}) is deployed.")
        echo(f"\n{Step.ADDRESSES}")
        collecting = function_url(self.stage, self.account) or url
        echo(f"  Dashboard   {url}/")
        echo(f'  Your pages  <script defer src="{collecting}/tracker.js"></script>')
        echo(f"  Sites       {', '.join(settings.sites)}")
        echo(f"  Reading     {tokens}; create one: make token STAGE={self.stage.name} NEW=name")
        echo(f"  Check       make verify STAGE={self.stage.name} TOKEN=...")
