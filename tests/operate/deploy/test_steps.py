"""The steps that `make deploy` prints are the steps in docs/tutorials/first-deployment.md."""

from __future__ import annotations

import re

from devkit.project_paths import ROOT
from operate.deploy.steps import Step

PAGE = ROOT / "docs" / "tutorials" / "first-deployment.md"


def headings() -> list[str]:
    return re.findall(r"^## (Step .*)$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_docs_list_every_printed_step():
    first = Step.SETTINGS.value[0]
    last = Step.ADDRESSES.value[0]

    assert headings()[first - 1 : last] == [str(step) for step in Step]


def test_documented_steps_are_numbered_consecutively():
    numbers = [int(re.findall(r"\d+", heading)[0]) for heading in headings()]

    assert numbers == list(range(1, len(numbers) + 1))


def messages() -> str:
    """Return the code of the commands, with strings of several lines joined."""
    code = "".join(
        path.read_text("utf-8")
        for folder in ("operate", "devkit")
        for path in (ROOT / folder).rglob("*.py")
    )
    return re.sub(r'"\s*\n\s*f?"', "", code)


def test_docs_quote_existing_messages():
    """Our code contains every message in the first column of the page's tables."""
    for message in [
        "No valid AWS credentials",
        "is not an AWS region",
        "lacks permissions that a deployment needs",
        "could not be checked",
        "CloudFormation failed",
        "CloudFormation is at work on",
        "The stage is being changed by",
        "chalice deploy did not finish",
        "It is in Parameter Store",
        "Still there: ",
        "This Python cannot create virtual environments",
        "does not grant",
    ]:
        assert message in messages(), message
        assert message in PAGE.read_text("utf-8"), message


def test_troubleshooting_quotes_existing_messages():
    text = (ROOT / "docs" / "how-to" / "troubleshoot.md").read_text("utf-8")
    quoted = re.findall(r'^\| (?:`make deploy`: )?"([^"]+)" \|', text, re.MULTILINE)

    assert len(quoted) > 4
    for part in [part for message in quoted for part in re.split(r"\W*\.\.\.\W*", message)]:
        # What has fewer words can be a value within the message.
        assert len(part.split()) < 4 or part in messages(), part
