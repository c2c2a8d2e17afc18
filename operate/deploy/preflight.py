"""Checks before a deployment. They change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from chalicelib.settings import Settings
from devkit.infrastructure.concurrency import MIN_UNRESERVED
from devkit.project_paths import ROOT
from operate.aws import gateway_settings
from operate.aws.account import Account
from operate.aws.stage import API_HANDLER, Stage
from operate.build.runtime import DEPRECATED_ON, RUNTIME, this_python
from operate.errors import CommandError

PLACEHOLDERS = {("example.com",)}
BUILT = ("chalicelib/static/dashboard.html", "chalicelib/static/tracker.js")


def by_hand_note() -> str | None:
    """Warn that `chalice deploy` by hand deploys for the Python that runs it, if that is not
    our runtime."""
    running = this_python()
    if running == RUNTIME:
        return None
    ends = DEPRECATED_ON.get(running)
    until = f", which Lambda deprecates on {ends:%d %B %Y}" if ends else ""
    return (
        f"chalice deploy by hand deploys for the Python that runs it: {running}{until}. "
        f"make deploy always deploys {RUNTIME}. To do the same by hand, install Python "
        f"{RUNTIME.removeprefix('python')} (Debian 13 has it) and run make build "
        f"PYTHON={RUNTIME}."
    )


def check_settings(stage: Stage, settings: Settings) -> None:
    """Raise CommandError for settings that are valid but cannot be intended."""
    if settings.sites in PLACEHOLDERS:
        raise CommandError(
            f"SITES of stage {stage.name} is still {settings.sites[0]}. Set it to the "
            "hostnames of your sites, in .chalice/config.json."
        )
    if settings.session_timeout_ms < 1_800_000:
        raise CommandError(
            "SESSION_TIMEOUT_SECONDS is for tests only. Remove it from config.json."
        )
    check_proxies(stage, settings)


def check_proxies(stage: Stage, settings: Settings) -> None:
    """Raise CommandError if the stage trusts proxies that have no secret to identify
    themselves."""
    if settings.trusted_proxies and not settings.edge_secret_hashes:
        raise CommandError(
            f"TRUSTED_PROXIES of stage {stage.name} is {settings.trusted_proxies}, but "
            "EDGE_SECRET_HASHES is empty. X-Forwarded-For is only trusted in requests that "
            "contain the secret of the edge or of your proxy. Without it, all visitors would "
            "have the proxy's address. Run make edge-secret and follow its instructions; "
            'docs/how-to/use-your-own-domain.md, "Proxies", has the steps.'
        )


def advisories(stage: Stage, settings: Settings) -> list[str]:
    """Return notes about settings that work but may surprise."""
    notes = []
    if settings.sites == ("*",):
        notes.append("SITES is *: anyone who knows the address can fill your tables.")
    if stage.config.get("api_gateway_endpoint_type") == "REGIONAL" and not (
        settings.trusted_proxies
    ):
        notes.append(
            "The API is regional and TRUSTED_PROXIES is 0. API Gateway does not report the "
            "visitor's country, so it is derived from the browser's time zone, which callers "
            "can forge. Behind infra/edge.yaml, set TRUSTED_PROXIES to 2."
        )
    sessions_kept = settings.outline_retention_days
    if sessions_kept and settings.event_retention_days > sessions_kept:
        notes.append(
            f"Events are kept for {settings.event_retention_days} days, longer than sessions "
            f"({sessions_kept} days). Events contain the same personal data: user agent, city "
            "and user_id."
        )
    if stage.environment.get("VISITOR_KEY"):
        notes.append(
            "VISITOR_KEY is in .chalice/config.json. It is now stored in Parameter Store: "
            "delete it from config.json, so that it is not committed."
        )
    return notes


def check_policies(stage: Stage, source: Path = ROOT) -> None:
    """Raise CommandError if a function lacks a permission that depends on the stage.

    Without the visitor key, sessions with a user_id would never close. Without permission to
    call the API's function, each hourly check would report an outage.
    """
    functions = stage.config["stages"][stage.name].get("lambda_functions", {})
    for function in (gateway_settings.COLLECT, gateway_settings.SCAN):
        if function not in functions:
            raise CommandError(
                f"Stage {stage.name} in .chalice/config.json does not configure the function "
                f"{function}. Copy its lines from lambda_functions of stage dev, and copy "
                f"policy-dev-{function}.json, with the names of the stage."
            )
    for function, settings in functions.items():
        name = settings.get("iam_policy_file")
        if not name:
            continue
        policy = source / ".chalice" / name
        for action, resource, sid in _named_grants(stage, function):
            if not _grants(policy, action, f":{resource}"):
                raise CommandError(
                    f".chalice/{name} does not grant {action} on {resource}. Copy the "
                    f"statement {sid} from policy-prod-{function}.json and insert the name of "
                    "the stage."
                )
        if stage.is_traced(function) and not _grants(policy, "xray:PutTraceSegments", "*"):
            raise CommandError(
                f'"xray" is true for {function}, but .chalice/{name} does not grant '
                'xray:PutTraceSegments. docs/how-to/monitor.md, "Tracing", has the statement.'
            )


def _named_grants(stage: Stage, function: str) -> Iterator[tuple[str, str, str]]:
    """Yield action, resource and statement id."""
    # Collecting and scanning hash no user_id.
    if function not in (gateway_settings.COLLECT, gateway_settings.SCAN):
        yield "ssm:GetParameter", f"parameter{stage.visitor_key_parameter}", "VisitorKey"
    if function == gateway_settings.JOB:
        yield "lambda:InvokeFunction", f"function:{stage.api_function}", "HealthCheck"
    if function == API_HANDLER:
        yield "lambda:InvokeFunction", f"function:{stage.scan_function}", "Scan"


def _grants(policy: Path, action: str, resource: str) -> bool:
    """Whether the policy grants the action on a resource that ends with `resource`."""
    statements = json.loads(policy.read_text(encoding="utf-8"))["Statement"]
    return any(
        action in statement["Action"] and str(statement["Resource"]).endswith(resource)
        for statement in statements
    )


def check_concurrency(stage: Stage, account: Account) -> None:
    """Raise CommandError if the account's quota does not allow the reserved concurrency:
    Chalice would fail halfway."""
    reserved = sum(stage.reserved_concurrency.values())
    if not reserved:
        return
    try:
        settings = account.client("lambda").get_account_settings()
    except ClientError:
        return  # AWS then rejects it itself
    limit = settings["AccountLimit"]["ConcurrentExecutions"]
    if reserved > limit - MIN_UNRESERVED:
        raise CommandError(
            f".chalice/config.json reserves {reserved:,} concurrent invocations for stage "
            f"{stage.name}, but the account has {limit:,} and AWS keeps "
            f"{MIN_UNRESERVED} unreserved. Lower or remove "
            "`reserved_concurrency`, or request a higher quota under Service Quotas, AWS "
            "Lambda, Concurrent executions."
        )


def check_built(source: Path = ROOT) -> None:
    missing = [name for name in BUILT if not (source / name).exists()]
    if missing:
        raise CommandError(f"{missing[0]} is missing. Run make build.")
