"""Check what a stage depends on in the account, and say what to do.

    python -m operate.inspect.doctor --stage prod

Each line is `ok`, `look` (works, but worth knowing) or `wrong`. Nothing is changed. Ends with 1
if something is wrong. operate/inspect/doctor_checks.py has the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from operate.aws.account import code_of, open_account
from operate.aws.region import chosen_region
from operate.aws.stage import read_stage
from operate.console import counted, parser, run, say
from operate.errors import Refused
from operate.inspect.doctor_checks import CHECKS
from operate.inspect.findings import Finding, Patient, look


def examine(patient: Patient) -> Iterator[Finding]:
    """All findings. A check that AWS does not answer says so, and the others go on."""
    for subject, check in CHECKS.items():
        try:
            yield from check(patient)
        except ClientError as error:
            yield look(subject, f"could not be checked: {_reason(error)}")
        except (BotoCoreError, Refused) as error:
            yield look(subject, f"could not be checked: {error}")


def _reason(error: ClientError) -> str:
    code = code_of(error)
    if code.startswith("AccessDenied"):
        return (
            f"you may not call {error.operation_name} ({code}). infra/deployer-policy.json "
            "grants it."
        )
    message = error.response["Error"].get("Message", "no reason given")
    return f"AWS rejected {error.operation_name} ({code}): {message}"


def report(findings: Iterator[Finding], say: Callable[[str], None] = say) -> int:
    """Print each; how many are wrong."""
    wrong = 0
    for finding in findings:
        say(f"{finding.verdict:<6} {finding.subject}: {finding.sentence}")
        wrong += finding.verdict == "wrong"
    return wrong


def main(arguments: Sequence[str]) -> None:
    chosen = parser("inspect.doctor", __doc__).parse_args(arguments)
    stage = read_stage(chosen.stage)
    account = open_account(chosen_region(stage, chosen.region))  # also before it is deployed
    say(f"Stage {stage.name}, account {account.id}, region {account.region}")
    wrong = report(examine(Patient(stage, account, datetime.now(UTC).date())))
    if wrong:
        raise Refused(f"{counted(wrong, 'check')} found something wrong.")


if __name__ == "__main__":
    run(main)
