"""The maximum throughput of an index as DynamoDB shows it. The emulator does not change it, and
still shows it when the table is provisioned."""

from __future__ import annotations

from typing import Any

LIMIT = "OnDemandThroughput"
Limits = dict[tuple[str, str], Any]  # by table and index


def remember_index_limits(client: Any) -> Limits:
    """Show in descriptions what this client has set. Calling it again on the same client
    changes nothing."""
    if hasattr(client, "index_limits"):
        known: Limits = client.index_limits
        return known
    limits: Limits = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        table = params["TableName"]
        for update in params.get("GlobalSecondaryIndexUpdates", []):
            ((_, index),) = update.items()
            if LIMIT in index:
                limits[table, index["IndexName"]] = index[LIMIT]

    def show(parsed: dict[str, Any], **_: Any) -> None:
        table = parsed.get("Table", {})
        mode = table.get("BillingModeSummary", {}).get("BillingMode")
        for index in table.get("GlobalSecondaryIndexes", []):
            limit = index.pop(LIMIT, None)
            limit = limits.get((table["TableName"], index["IndexName"]), limit)
            if limit and mode == "PAY_PER_REQUEST":
                index[LIMIT] = limit

    client.meta.events.register("provide-client-params.dynamodb.UpdateTable", note)
    client.meta.events.register("after-call.dynamodb.DescribeTable", show)
    client.index_limits = limits
    return limits
