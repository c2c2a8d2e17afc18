"""What `make doctor` checks of the edge, or of another proxy before the API."""

from __future__ import annotations

from collections.abc import Iterator

from operate.build.chalice_app import api_url
from operate.inspect.findings import CheckContext, Finding, look, ok, stack_of, wrong
from operate.resources.inventory import EDGE_REGION

EDGE = "Edge"


def edge(patient: CheckContext) -> Iterator[Finding]:
    name = f"{patient.stage.stack_prefix}edge"
    has_edge = stack_of(patient.account.in_region(EDGE_REGION), name) is not None
    api_id = patient.app().api_id()
    yield from _proxies(patient, has_edge=has_edge)
    if not has_edge:
        yield ok(EDGE, f"there is no stack {name}; the API is reached at its own address.")
    elif api_id is None:
        yield look(EDGE, f"the edge is there, but no API. Run {patient.deploy}.")
    else:
        url = f"{api_url(patient.stage, patient.account, api_id)}/health"
        status = patient.send("GET", url).status
        if status == 200:
            yield look(
                EDGE,
                f"{url} also answers without CloudFront. Such requests are counted with their "
                "own address, but they go past whatever protects the edge, such as AWS WAF.",
            )
        else:
            yield ok(EDGE, f"{url} answers {status} to requests that do not use CloudFront.")


def _proxies(patient: CheckContext, *, has_edge: bool) -> Iterator[Finding]:
    """Whether visitors behind a proxy are counted with their own addresses."""
    found = patient.functions().get(patient.stage.api_function, {})
    variables = found.get("Environment", {}).get("Variables", {})
    trusts = int(variables.get("TRUSTED_PROXIES") or 0) > 0
    if trusts and not variables.get("EDGE_SECRET_HASHES"):
        yield wrong(
            EDGE,
            "TRUSTED_PROXIES has no effect while EDGE_SECRET_HASHES is empty, so all visitors "
            f"have the proxy's address. Run make edge-secret, then {patient.deploy}.",
        )
    elif has_edge and found and not trusts:
        yield wrong(
            EDGE,
            "the edge is there, but TRUSTED_PROXIES is 0, so all its visitors have an address "
            'of CloudFront. See docs/how-to/use-your-own-domain.md, "Proxies".',
        )
