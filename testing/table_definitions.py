"""The tables of infra/resources.yaml, as requests for CreateTable."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from devkit.infrastructure.cfn_template import Resolver, read_template
from devkit.project_paths import RESOURCES


@lru_cache(maxsize=1)
def table_definitions() -> tuple[dict[str, Any], ...]:
    """Return the tables of stage dev with the default parameters."""
    template = read_template(RESOURCES)
    resolver = Resolver(template, {"Stage": "dev"})
    tables = [
        resolver.resolve(
            {name: r["Properties"][name] for name in _PARAMETERS if name in r["Properties"]}
        )
        for r in template["Resources"].values()
        if r["Type"] == "AWS::DynamoDB::Table"
    ]
    return tuple(
        table
        | {
            "BillingMode": "PAY_PER_REQUEST",
            **(
                {"GlobalSecondaryIndexes": list(map(_index, table["GlobalSecondaryIndexes"]))}
                if "GlobalSecondaryIndexes" in table
                else {}
            ),
        }
        for table in tables
    )


_PARAMETERS = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")


def _index(index: dict[str, Any]) -> dict[str, Any]:
    return {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
