"""Put a stage into the account, or bring it up to date: its tables and alarms, the app, and
what Chalice cannot set. Run again, it changes what has changed; broken off, it goes on.

    python -m operate.deploy.deploy --stage prod [--plan] [--no-check]
                             [--parameter AlarmEmail=you@example.com]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.settings import Settings
from chalicelib.version import __version__
from devkit.infrastructure import throughput
from devkit.project_paths import ROOT
from operate.access.tokens import (
    hashes_in_force,
    keep_tokens,
    kept_tokens,
    new_token,
    with_token,
)
from operate.access.visitor_key_parameter import make_visitor_key
from operate.aws.account import Account, open_account
from operate.aws.deployment_store import Lock, Record, open_record
from operate.aws.region import chosen_region, keep_region
from operate.aws.stage import Stage, deployed_environment, read_stage, settings_of
from operate.build.build_copy import Project, project_copy
from operate.build.chalice_app import App, Chalice, api_url, run_chalice
from operate.build.environment_size import check_environment
from operate.build.runtime import RUNTIME
from operate.console import counted, listed, operator, parser, run, say
from operate.deploy import preflight
from operate.deploy.permissions import check_permissions
from operate.deploy.steps import Step
from operate.errors import Refused
from operate.resources.budget import bring_budget_up_to_date
from operate.resources.configure_gateway import finish
from operate.resources.resource_stack import Resources
from operate.versions import upgrade
from operate.versions.compatibility import check_readable, note_written
from operate.versions.migrations import READS
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
        say(f"\n{Step.RESOURCES}")
        record = self.record
        if not record.exists():  # nothing yet to hold a lock in; CloudFormation has its own
            self._make_resources()
        with record.lock("deploy", operator()) as lock:
            self._make_resources()
            self._make_budget()
            self._deploy(lock)

    def _keep_region(self) -> None:
        is_first = not self.stage.region
        self.stage = keep_region(self.stage, self.account.region, self.source)
        if is_first:
            say(
                f"Stage {self.stage.name} belongs to {self.account.region} from now on. "
                ".chalice/config.json says so: commit it."
            )

    def check(self) -> None:
        """Raise Refused for whatever would make it fail; then say what it is about to do."""
        say(str(Step.SETTINGS))
        preflight.check_built(self.source)
        preflight.check_settings(self.stage, settings_of(self.stage))
        preflight.check_concurrency(self.stage, self.account)
        preflight.check_policies(self.stage, self.source)
        say(
            f"Stage {self.stage.name}: account {self.account.id}, region "
            f"{self.account.region}, {RUNTIME} on arm64."
        )
        for warning in preflight.warnings(self.stage, settings_of(self.stage)):
            say(f"Note: {warning}")
        say(f"\n{Step.PERMISSIONS}")
        if self.checks_permissions:
            self._check_permissions()
        else:
            say("Not checked.")
        check_readable(self.record, READS, f"Version {__version__}")
        check_environment(self._environment())
        say(self.plan())

    def _environment(self) -> dict[str, str]:
        """The variables that the functions get. The first token is not yet made, so a hash of
        zeros stands for it."""
        tokens = kept_tokens(self.record) if self.record.exists() else []
        hashes = hashes_in_force(self.stage, tokens) or "0" * 64
        return deployed_environment(self.stage, {"READ_TOKEN_HASHES": hashes})

    def _check_permissions(self) -> None:
        policy = self.source / "infra" / "deployer-policy.json"
        permissions = check_permissions(self.account, policy, say)
        for note in permissions.notes():
            say(f"Note: {note}")
        if permissions.denied:
            raise Refused(
                f"{self.account.caller} lacks permissions that a deployment needs: "
                f"{', '.join(permissions.denied)}. Attach infra/deployer-policy.json, which "
                "grants them all. If IAM is mistaken, skip this check: make deploy NO_CHECK=1."
            )

    def plan(self) -> str:
        return (
            f"It will have: {listed(self.stage.tables)}; log groups, alarms and a dashboard "
            f"(stack {self.stage.resources_stack}); the functions "
            f"{listed(self.stage.functions)}, a role for each, a schedule once a minute, and "
            f"an API, stage {self.stage.api_stage}."
        )

    @property
    def record(self) -> Record:
        return open_record(self.stage, self.account)

    def _resources(self) -> Resources:
        template = self.source / "infra" / "resources.yaml"
        return Resources(self.stage, self.account, self.parameters, template)

    def _make_resources(self) -> None:
        resources = self._resources()
        changes = resources.bring_up_to_date()
        if len(changes) > MOST_TOLD:
            say(f"Resources: {len(changes)} made or changed.")
        else:
            say(f"Resources: {', '.join(changes) or 'as they should be'}.")
        rate_limit = settings_of(self.stage).rate_limit_per_minute
        for note in throughput.advisories(resources.parameters_in_force(), rate_limit):
            say(f"Note: {note}")

    def _make_budget(self) -> None:
        parameters = self._resources().parameters_in_force()
        done = bring_budget_up_to_date(self.stage, self.account, parameters, self.budget_usd)
        if done:
            say(done)

    def _deploy(self, lock: Lock) -> None:
        tokens = kept_tokens(self.record)
        made = None if hashes_in_force(self.stage, tokens) else new_token(FIRST_TOKEN)
        if made:
            tokens = with_token(tokens, made[1])
        say(f"\n{Step.SECRETS}")
        make_visitor_key(self.stage, self.account)
        say(f"It is in Parameter Store, {self.stage.visitor_key_parameter}.")
        kept = {"READ_TOKEN_HASHES": hashes_in_force(self.stage, tokens)}
        settings = settings_of(self.stage, kept)
        say(f"\n{Step.APP}")
        with project_copy(self.stage, kept, self.source) as project:
            api_id = self._deploy_app(project, kept)
        lock.take()
        say(f"\n{Step.GATEWAY}")
        changes = finish(self.stage, settings, self.account, api_id)
        say(f"Set: {listed(changes)}." if changes else "Settings: as they should be.")
        lock.take()
        say(f"\n{Step.RELEASE}")
        releases = Releases(self.stage, self.account, self.record)
        release = releases.publish(__version__, api_id)
        gone = releases.forget_with_visitor_key()
        self._tell(release, api_url(self.stage, self.account, api_id), settings)
        if made:
            say(f"\nRead token, shown this once: {made[0]}\nKeep it where you keep passwords.")
            # Not before: were it kept and never shown, nobody could read.
            keep_tokens(self.record, tokens)
        if gone:
            say(
                f"Note: {listed([f'release {number}' for number in gone])} deleted, for the "
                "visitor key was in their environment. To go back before the next release, "
                "check out the earlier commit and run make deploy."
            )
        for sentence in upgrade.after_deploying(self.stage, self.record, settings):
            say(sentence)

    def _deploy_app(self, project: Project, kept: Mapping[str, str]) -> str:
        app = App(self.stage, self.account, self.record, self.chalice, self.source)
        fingerprint = project.fingerprint()
        api_id = app.api_id()
        if api_id and app.is_deployed_as(fingerprint, deployed_environment(self.stage, kept)):
            say("App: as it should be.")
            return api_id
        note_written(self.record)
        api_id = app.deploy(project)
        app.keep_fingerprint(fingerprint)
        say("App: deployed.")
        return api_id

    def _tell(self, release: Release, url: str, settings: Settings) -> None:
        tokens = counted(len(settings.read_token_hashes), "token")
        say(f"Release {release.number} (version {release.app_version}) is up.")
        say(f"\n{Step.ADDRESSES}")
        say(f"  Dashboard   {url}/")
        say(f'  Your pages  <script defer src="{url}/tracker.js"></script>')
        say(f"  Sites       {', '.join(settings.sites)}")
        say(f"  Reading     {tokens}; make token STAGE={self.stage.name} NEW=name makes one")
        say(f"  Proof       make verify STAGE={self.stage.name}")


def main(arguments: Sequence[str]) -> None:
    options = parser("deploy.deploy", __doc__)
    options.add_argument("--plan", action="store_true", help="say what it would make, and end")
    options.add_argument(
        "--no-check", action="store_true", help="do not ask IAM what you may do"
    )
    options.add_argument(
        "--budget",
        default="",
        metavar="USD",
        help="what a month may cost before a mail is sent",
    )
    options.add_argument(
        "--parameter", action="append", default=[], help="NAME=VALUE of infra/resources.yaml"
    )
    chosen = options.parse_args(arguments)
    without_value = [pair for pair in chosen.parameter if "=" not in pair]
    if without_value:
        raise Refused(
            f"PARAMETERS= takes NAME=VALUE, such as Watching=off, not {without_value[0]!r}."
        )
    parameters = dict(pair.split("=", 1) for pair in chosen.parameter)
    stage = read_stage(chosen.stage)
    deployment = Deployment(
        stage,
        open_account(chosen_region(stage, chosen.region)),
        parameters,
        checks_permissions=not chosen.no_check,
        budget_usd=chosen.budget,
    )
    if chosen.plan:
        deployment.check()
    else:
        deployment.run()


if __name__ == "__main__":
    run(main)
