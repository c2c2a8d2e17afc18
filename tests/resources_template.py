"""infra/resources.yaml for tests, with its functions resolved for a stage."""

from __future__ import annotations

from typing import Any

from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import RESOURCES

TEMPLATE = read_template(RESOURCES)
ALL: dict[str, Any] = TEMPLATE["Resources"]
STAGES = ["dev", "prod"]


def of_type(type_: str) -> dict[str, dict[str, Any]]:
    """Return the properties of resources of a type, by logical id."""
    return {id_: r["Properties"] for id_, r in ALL.items() if r["Type"] == type_}


def resolved(value: Any, stage: str) -> Any:
    """Resolve a value for a stage with default parameters."""
    match value:
        case {"Fn::If": [condition, yes, no]}:
            return resolved(yes if condition == "IsProd" and stage == "prod" else no, stage)
        case {"Fn::FindInMap": [name, first, second]}:
            keys = resolved(first, stage), resolved(second, stage)
            return TEMPLATE["Mappings"][name][keys[0]][keys[1]]
        case {"Fn::Sub": text}:
            return text.replace("${Stage}", stage)
        case {"Ref": "Stage"}:
            return stage
        case {"Ref": "AWS::NoValue"}:
            return None
        case {"Ref": name} if name in TEMPLATE["Parameters"]:
            return TEMPLATE["Parameters"][name]["Default"]
        case {"Ref": _}:
            return value
        case dict():
            return {key: resolved(part, stage) for key, part in value.items()}
        case list():
            return [resolved(part, stage) for part in value]
    return value
