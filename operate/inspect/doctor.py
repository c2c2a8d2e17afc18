"""Check what a stage depends on in the account, and say what to do.

    python -m operate.inspect.doctor --stage prod

Each line is `ok`, `look` (works, but worth knowing) or `wrong`. Nothing is changed. Ends with 1
if something is wrong. operate/inspect/doctor_checks.py has the checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from operate.aws.account import error_code
from operate.console import echo
from operate.errors import CommandError
from operate.inspect.doctor_checks import CHECKS
from operate.inspect.findings import CheckContext, Finding, look


def examine(patient: CheckContext) -> Iterator[Finding]:
    """All findings. A check that AWS does not answer says so, and the others go on."""
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
            f"you may not call {error.operation_name} ({code}). infra/deployer-policy.json "
            "grants it."
        )
    message = error.response["Error"].get("Message", "no reason given")
    return f"AWS rejected {error.operation_name} ({code}): {message}"


def print_findings(findings: Iterator[Finding]) -> int:
    """Print each; how many are wrong."""
    wrong = 0
    for finding in findings:
        echo(f"{finding.verdict:<6} {finding.subject}: {finding.sentence}")
        wrong += finding.verdict == "wrong"
    return wrong
