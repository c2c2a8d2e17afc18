"""What is looked at before a deployment begins; nothing here changes anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from chalicelib.settings import Settings
from devkit.project_paths import ROOT
from operate.aws import gateway_settings
from operate.aws.account import Account
from operate.aws.stage import Stage
from operate.build.runtime import DEPRECATED_ON, RUNTIME, this_python
from operate.errors import CommandError

PLACEHOLDERS = {("example.com",)}
MIN_UNRESERVED_CONCURRENCY = 100  # AWS reserves no more than leaves these
BUILT = ("chalicelib/static/dashboard.html", "chalicelib/static/tracker.js")


def by_hand_note() -> str | None:
    """What `chalice deploy` typed by hand does that our commands do not: it deploys for the
    Python that runs it."""
    running = this_python()
    if running == RUNTIME:
        return None
    ends = DEPRECATED_ON.get(running)
    until = f", which Lambda deprecates on {ends:%d %B %Y}" if ends else ""
    return (
        f"chalice deploy typed by hand deploys for the Python that runs it: {running}{until}. "
        f"make deploy always deploys {RUNTIME}. For the same by hand, install Python "
        f"{RUNTIME.removeprefix('python')} (Debian 13 has it) and run make build "
        f"PYTHON={RUNTIME}."
    )


def check_settings(stage: Stage, settings: Settings) -> None:
    """What is valid and yet cannot be meant."""
    if settings.sites in PLACEHOLDERS:
        raise CommandError(
            f"SITES of stage {stage.name} is still {settings.sites[0]}. Put the host names of "
            "your sites there, in .chalice/config.json."
        )
    if settings.session_timeout_ms < 1_800_000:
        raise CommandError("SESSION_TIMEOUT_SECONDS is for tests; leave it out of config.json.")
    check_proxies(stage, settings)


def check_proxies(stage: Stage, settings: Settings) -> None:
    """Raise Refused where proxies are trusted that have no way to prove themselves."""
    if settings.trusted_proxies and not settings.edge_secret_hashes:
        raise CommandError(
            f"TRUSTED_PROXIES of stage {stage.name} is {settings.trusted_proxies}, but "
            "EDGE_SECRET_HASHES is empty. X-Forwarded-For is believed only if the request "
            "brings the secret of the edge or of your proxy; without it, all visitors would "
            "have the proxy's address. Run make edge-secret and follow what it prints; "
            'docs/how-to/use-your-own-domain.md, "Proxies", has the steps.'
        )


def advisories(stage: Stage, settings: Settings) -> list[str]:
    """What works, and may surprise."""
    found = []
    if settings.sites == ("*",):
        found.append("SITES is *: whoever knows the address can fill your tables.")
    if stage.config.get("api_gateway_endpoint_type") == "REGIONAL" and not (
        settings.trusted_proxies
    ):
        found.append(
            "The API is regional and TRUSTED_PROXIES is 0. API Gateway does not write the "
            "visitor's country, so it comes from the browser's time zone, and callers can "
            "forge it. Behind infra/edge.yaml, set TRUSTED_PROXIES to 2."
        )
    outlines = settings.outline_retention_days
    if outlines and settings.event_retention_days > outlines:
        found.append(
            f"Events are kept for {settings.event_retention_days} days, longer than the "
            f"outlines of sessions ({outlines}). They hold the same personal data: user agent, "
            "city and user_id."
        )
    if stage.environment.get("VISITOR_KEY"):
        found.append(
            "VISITOR_KEY is in .chalice/config.json. Parameter Store keeps it from now on; "
            "delete it there, so that it is in no commit."
        )
    return found


def check_policies(stage: Stage, source: Path = ROOT) -> None:
    """Whether each function may do what depends on the stage. Raise Refused if one may not:
    without the visitor key, sessions with a user_id would never close; without the right to
    call the API's function, each hourly check would report an outage."""
    functions = stage.config["stages"][stage.name].get("lambda_functions", {})
    for function, settings in functions.items():
        name = settings.get("iam_policy_file")
        if not name:
            continue
        policy = source / ".chalice" / name
        for action, resource, sid in _named_grants(stage, function):
            if not _grants(policy, action, f":{resource}"):
                raise CommandError(
                    f".chalice/{name} does not grant {action} on {resource}. Copy the "
                    f"statement {sid} from policy-prod-{function}.json and put the name of the "
                    "stage into it."
                )
        if stage.is_traced(function) and not _grants(policy, "xray:PutTraceSegments", "*"):
            raise CommandError(
                f'"xray" is true for {function}, but .chalice/{name} does not grant '
                'xray:PutTraceSegments. docs/how-to/monitor.md, "Tracing", has the statement.'
            )


def _named_grants(stage: Stage, function: str) -> Iterator[tuple[str, str, str]]:
    """Action, resource and statement."""
    yield "ssm:GetParameter", f"parameter{stage.visitor_key_parameter}", "VisitorKey"
    if function == gateway_settings.JOB:
        yield "lambda:InvokeFunction", f"function:{stage.api_function}", "HealthCheck"


def _grants(policy: Path, action: str, resource: str) -> bool:
    """`resource` is how it ends."""
    statements = json.loads(policy.read_text(encoding="utf-8"))["Statement"]
    return any(
        action in statement["Action"] and str(statement["Resource"]).endswith(resource)
        for statement in statements
    )


def check_concurrency(stage: Stage, account: Account) -> None:
    """Chalice would fail at the function, after it has changed others."""
    wanted = sum(stage.reserved_concurrency.values())
    if not wanted:
        return
    try:
        settings = account.client("lambda").get_account_settings()
    except ClientError:
        return  # AWS says no itself, if it has to
    limit = settings["AccountLimit"]["ConcurrentExecutions"]
    if wanted > limit - MIN_UNRESERVED_CONCURRENCY:
        raise CommandError(
            f".chalice/config.json reserves {wanted:,} concurrent invocations for stage "
            f"{stage.name}, but the account has {limit:,} and AWS keeps "
            f"{MIN_UNRESERVED_CONCURRENCY} unreserved. Lower or remove "
            "`reserved_concurrency`, or request a higher quota under Service Quotas, AWS "
            "Lambda, Concurrent executions."
        )


def check_built(source: Path = ROOT) -> None:
    missing = [name for name in BUILT if not (source / name).exists()]
    if missing:
        raise CommandError(f"{missing[0]} is missing. Run make build.")
