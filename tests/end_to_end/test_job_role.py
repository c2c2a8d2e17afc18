"""The job on emulated tables in its role: it may do what it does, and misses each right that
its policy does not grant."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from local.emulator import Emulator
from operate.gateway import JOB
from tests.end_to_end.roles import RoleWorld
from tests.privileges import Grant, granted, policy, run_job, without


@pytest.fixture(scope="module")
def role_world(enforcing: Emulator) -> RoleWorld:
    return RoleWorld.made(enforcing.environment, JOB)


def test_the_job_may_do_what_it_does(role_world: RoleWorld):
    with role_world.allowed(policy("dev", JOB)) as world:
        run_job(world)


@pytest.mark.parametrize("grant", sorted(granted("dev", JOB)), ids="-".join)
def test_without_a_grant_the_job_fails(role_world: RoleWorld, grant: Grant):
    with (
        role_world.allowed(without(policy("dev", JOB), grant)) as world,
        pytest.raises(ClientError, match=f"AccessDenied.*dynamodb:{grant[0]}"),
    ):
        run_job(world)
