"""The job in its role on emulated tables: it may do what it does, and needs each right that its
policy grants."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from devkit.emulated_aws.emulator import Emulator
from operate.aws.gateway_settings import JOB
from tests.end_to_end.roles import RoleWorld
from tests.privileges import Grant, granted, of_service, policy, run_minute_job, without
from tests.world import minutes


@pytest.fixture(scope="module")
def role_world(enforcing: Emulator) -> RoleWorld:
    return RoleWorld.made(enforcing.environment, JOB)


def test_job_role_allows_its_calls(role_world: RoleWorld):
    with role_world.allowed(policy("dev", JOB)) as world:
        run_minute_job(world)


@pytest.mark.parametrize("grant", sorted(granted("dev", JOB)), ids="-".join)
def test_removing_a_grant_breaks_the_job(role_world: RoleWorld, grant: Grant):
    with (
        role_world.allowed(without(policy("dev", JOB), grant)) as world,
        pytest.raises(ClientError, match=f"AccessDenied.*dynamodb:{grant[0]}"),
    ):
        run_minute_job(world)


def test_job_role_can_read_the_visitor_key(role_world: RoleWorld):
    with role_world.allowed(policy("dev", JOB), user_id="ann") as world:
        assert world.close(at=minutes(60)).sessions_closed == 1


def test_user_session_stays_active_without_the_right_to_the_key(
    role_world: RoleWorld,
):
    document = policy("dev", JOB)
    (key,) = of_service(document, "ssm")
    document["Statement"].remove(key)

    with role_world.allowed(document, user_id="ann") as world:
        report = world.close(at=minutes(60))

        assert (report.sessions_closed, len(world.rows())) == (0, 1)
        assert "AccessDenied" in report.unavailable
