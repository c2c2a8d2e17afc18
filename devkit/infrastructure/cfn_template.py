"""Read a CloudFormation template: its short functions become long ones, as JSON has them.

template = read_template(path)
Resolver(template, {"Stage": "prod"}).resolve(template["Resources"]["EventsTable"])
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.CSafeLoader):  # the one in Python takes ten times as long
    """`!Sub x` is {"Fn::Sub": "x"}."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value)
        return {key: text.split(".", 1) if name == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _function)


def read_template(path: Path) -> dict[str, Any]:
    return parse_template(path.read_text(encoding="utf-8"))


def parse_template(text: str) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(text, _Loader)
    return template


class _NoValue:
    """What AWS::NoValue resolves to."""


_NO_VALUE = _NoValue()


@dataclass(frozen=True, slots=True)
class Resolver:
    """What the functions of a template result in, for the parameters `given`; the others have
    their defaults. It knows what this repository's templates use, and raises ValueError for
    anything else, such as a reference to a resource."""

    template: Mapping[str, Any]
    given: Mapping[str, str]

    def resolve(self, value: Any) -> Any:
        match value:
            case {"Fn::If": [condition, yes, no]}:
                return self.resolve(yes if self._holds({"Condition": condition}) else no)
            case {"Ref": name}:
                return self._parameter(name)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{(.+?)\}", lambda m: str(self._parameter(m[1])), text)
            case {"Fn::FindInMap": [name, first, second]}:
                names = self.resolve(first), self.resolve(second)
                return self.template["Mappings"][name][names[0]][names[1]]
            case dict():
                if any(name.startswith("Fn::") for name in value):
                    raise ValueError(f"cannot resolve {value}")
                resolved = {name: self.resolve(part) for name, part in value.items()}
                return {k: part for k, part in resolved.items() if part is not _NO_VALUE}
            case list():
                parts = [self.resolve(part) for part in value]
                return [part for part in parts if part is not _NO_VALUE]
        return value

    def _parameter(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self.given:
            return self.given[name]
        try:
            return self.template["Parameters"][name]["Default"]
        except KeyError:
            raise ValueError(f"cannot resolve {name}") from None

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        match condition:
            case {"Condition": name}:
                return self._holds(self.template["Conditions"][name])
            case {"Fn::Equals": [one, other]}:
                return str(self.resolve(one)) == str(self.resolve(other))
            case {"Fn::Not": [one]}:
                return not self._holds(one)
            case {"Fn::And": [*all_of]}:
                return all(map(self._holds, all_of))
            case {"Fn::Or": [*any_of]}:
                return any(map(self._holds, any_of))
        raise ValueError(f"cannot resolve {condition}")
