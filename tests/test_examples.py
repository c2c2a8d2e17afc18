"""The examples in the docstrings of the app are true."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "chalicelib").rglob("*.py"))
    if ">>>" in path.read_text("utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_hold(name: str):
    result = doctest.testmod(import_module(name))

    assert result.attempted
    assert not result.failed


def test_false_example_fails():
    examples = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "sum", None, None)

    assert doctest.DocTestRunner(verbose=False).run(examples, out=lambda _: None).failed
