"""Environment variables that Lambda would reject are rejected before anything is changed."""

from __future__ import annotations

import pytest

from operate.access.tokens import MAX_TOKENS, change_tokens, load_tokens
from operate.aws.stage import deployed_environment, read_stage
from operate.build.environment_size import (
    MAX_ENVIRONMENT_BYTES,
    check_environment,
    environment_bytes,
)
from operate.errors import CommandError
from tests.operate.chalices import quick_chalice
from tests.operate.stages import Aws

EMPTY = len('{"SITES":""}')


def test_limit_is_4096_bytes_of_names_values_and_separators():
    assert environment_bytes({"A": "1", "B": "22"}) == len('{"A":"1","B":"22"}')
    check_environment({"SITES": "x" * (MAX_ENVIRONMENT_BYTES - EMPTY)})

    with pytest.raises(
        CommandError, match=r"take 4,097 bytes.* The largest is SITES with 4,085"
    ):
        check_environment({"SITES": "x" * (MAX_ENVIRONMENT_BYTES - EMPTY + 1)})


def test_maximum_number_of_tokens_fits_with_default_settings():
    hashes = ",".join(["0" * 64] * MAX_TOKENS)
    environment = deployed_environment(read_stage("prod"), {"READ_TOKEN_HASHES": hashes})

    assert environment_bytes(environment) <= MAX_ENVIRONMENT_BYTES - 1000


@pytest.mark.slow
def test_deployment_with_too_large_an_environment_changes_nothing(aws: Aws):
    stage = aws.new_stage(EXCLUDED_PATHS="/" + "x" * 4000)
    aws.calls.clear()

    with pytest.raises(CommandError, match="The largest is EXCLUDED_PATHS with 4,001 bytes"):
        aws.deployment(stage, chalice=quick_chalice).run()

    verbs = {operation for _, operation in aws.calls}
    assert not [
        v for v in verbs if v.startswith(("Create", "Put", "Update", "Execute", "Delete"))
    ]


@pytest.mark.slow
def test_token_that_does_not_fit_is_not_created(aws: Aws):
    stage = aws.new_stage(EXCLUDED_PATHS="/" + "x" * 3500)
    aws.deployment(stage, chalice=quick_chalice).run()
    stage, client = aws.stage(stage.name), aws.account().client("lambda")

    def environment() -> list[dict[str, str]]:
        results = [client.get_function_configuration(FunctionName=n) for n in stage.functions]
        return [one["Environment"]["Variables"] for one in results]

    room = (MAX_ENVIRONMENT_BYTES - environment_bytes(environment()[0])) // 65
    for number in range(room):
        change_tokens(stage, aws.account(), new=f"reader{number}")
    before = environment()
    with pytest.raises(CommandError, match="or remove read tokens"):
        change_tokens(stage, aws.account(), new="another")

    assert room < MAX_TOKENS
    assert environment() == before
    assert "another" not in {kept.name for kept in load_tokens(aws.record(stage))}
