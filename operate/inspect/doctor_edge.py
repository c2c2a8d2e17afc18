"""The checks of `make doctor` for the edge, or for another proxy in front of the API."""

from __future__ import annotations

from collections.abc import Iterator

from devkit.infrastructure.cloudformation import find_stack, parameters_of
from operate.build.chalice_app import api_url
from operate.inspect.findings import CheckContext, Finding, look, ok, wrong
from operate.resources.inventory import EDGE_REGION

EDGE = "Edge"


def edge(context: CheckContext) -> Iterator[Finding]:
    name = f"{context.stage.stack_prefix}edge"
    client = context.account.in_region(EDGE_REGION).client("cloudformation")
    stack = find_stack(client, name)
    has_edge = stack is not None
    api_id = context.app().api_id()
    yield from _proxies(context, has_edge=has_edge)
    if stack and not parameters_of(stack).get("CollectDomain"):
        yield look(
            EDGE,
            f"{name} sends events to the API. Deploy it again with CollectDomain, the host of "
            "the Function URL, which costs less: docs/how-to/use-your-own-domain.md.",
        )
    if not has_edge:
        yield ok(EDGE, f"there is no stack {name}; clients use the API's own address.")
    elif api_id is None:
        yield look(EDGE, f"there is an edge but no API. Run {context.deploy}.")
    else:
        url = f"{api_url(context.stage, context.account, api_id)}/health"
        status = context.send("GET", url).status
        if status == 200:
            yield look(
                EDGE,
                f"{url} also answers without CloudFront. Such requests are counted with their "
                "own address, but bypass whatever protects the edge, such as AWS WAF.",
            )
        else:
            yield ok(EDGE, f"{url} answers {status} to requests that do not use CloudFront.")


def _proxies(context: CheckContext, *, has_edge: bool) -> Iterator[Finding]:
    """Check that visitors behind a proxy are counted with their own addresses."""
    function = context.functions().get(context.stage.api_function, {})
    variables = function.get("Environment", {}).get("Variables", {})
    trusts = int(variables.get("TRUSTED_PROXIES") or 0) > 0
    if trusts and not variables.get("EDGE_SECRET_HASHES"):
        yield wrong(
            EDGE,
            "TRUSTED_PROXIES has no effect while EDGE_SECRET_HASHES is empty, so all visitors "
            f"have the proxy's address. Run make edge-secret, then {context.deploy}.",
        )
    elif has_edge and function and not trusts:
        yield wrong(
            EDGE,
            "there is an edge, but TRUSTED_PROXIES is 0, so all its visitors have an address "
            'of CloudFront. See docs/how-to/use-your-own-domain.md, "Proxies".',
        )
