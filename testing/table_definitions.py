"""The tables of infra/resources.yaml, as CreateTable takes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

from devkit.project_paths import RESOURCES


@lru_cache(maxsize=1)
def table_definitions() -> tuple[dict[str, Any], ...]:
    """The tables of infra/resources.yaml as stage dev has them, for CreateTable."""
    resources = yaml.load(RESOURCES.read_text("utf-8"), _OfStageDev)["Resources"]
    tables = [
        r["Properties"] for r in resources.values() if r["Type"] == "AWS::DynamoDB::Table"
    ]
    known = ("TableName", "KeySchema", "AttributeDefinitions", "BillingMode")
    return tuple(
        {name: table[name] for name in known}
        | {name: _indexes(table[name]) for name in ("GlobalSecondaryIndexes",) if name in table}
        for table in tables
    )


def _indexes(indexes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = ("IndexName", "KeySchema", "Projection")
    return [{name: index[name] for name in known} for index in indexes]


class _OfStageDev(yaml.CSafeLoader):
    """Reads the template's functions as stage dev with no parameters given would have them."""


def _function(loader: _OfStageDev, name: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value).replace("${Stage}", "dev")
        return {"BillingMode": "PAY_PER_REQUEST", "AWS::NoValue": None}.get(text, text)
    assert isinstance(node, yaml.SequenceNode)
    values = loader.construct_sequence(node, deep=True)
    return values[2] if name == "If" else values


_OfStageDev.add_multi_constructor("!", _function)
