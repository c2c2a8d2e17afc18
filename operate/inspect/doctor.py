"""Run all checks of `make doctor` (operate/inspect/doctor_checks.py) and print the findings."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from operate.aws.account import error_code
from operate.console import echo
from operate.errors import CommandError
from operate.inspect.doctor_checks import CHECKS
from operate.inspect.findings import CheckContext, Finding, look


def examine(patient: CheckContext) -> Iterator[Finding]:
    """Yield all findings. If AWS rejects the calls of a check, the others continue."""
    for subject, check in CHECKS.items():
        try:
            yield from check(patient)
        except ClientError as error:
            yield look(subject, f"could not be checked: {_reason(error)}")
        except (BotoCoreError, CommandError) as error:
            yield look(subject, f"could not be checked: {error}")


def _reason(error: ClientError) -> str:
    code = error_code(error)
    if code.startswith("AccessDenied"):
        return (
            f"you lack permission for {error.operation_name} ({code}). "
            "infra/deployer-policy.json grants it."
        )
    message = error.response["Error"].get("Message", "no reason given")
    return f"AWS rejected {error.operation_name} ({code}): {message}"


def print_findings(findings: Iterator[Finding]) -> int:
    """Print each finding. Return how many are wrong."""
    wrong = 0
    for finding in findings:
        echo(f"{finding.verdict:<6} {finding.subject}: {finding.sentence}")
        wrong += finding.verdict == "wrong"
    return wrong
