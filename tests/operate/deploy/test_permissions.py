"""What a deployment asks IAM, and what follows from each answer. Answers and errors are those
in IAM's API reference; botocore checks both against its model."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from operate.aws.account import Account
from operate.aws.stage import read_stage
from operate.deploy.deploy import Deployment
from operate.deploy.permissions import DEPLOYER_POLICY, check_permissions
from operate.errors import CommandError
from tests.operate.stages import Aws

ANN = "arn:aws:iam::123456789012:user/ann"
SSO = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
SSO_ARN = f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO}"
POLICY = {
    "Statement": [
        {
            "Sid": "Functions",
            "Action": ["lambda:CreateFunction", "lambda:DeleteFunction"],
            "Resource": "arn:aws:lambda:*:*:function:liveinsight-*",
        },
        {
            "Sid": "OwnRole",
            "Action": "iam:GetRole",
            "Resource": "arn:aws:iam::*:role/aws-reserved/*",
        },
        {
            "Sid": "RolesToLambda",
            "Action": "iam:PassRole",
            "Resource": "arn:aws:iam::*:role/liveinsight-*",
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        {"Sid": "Rest", "Action": "cloudformation:DescribeStacks", "Resource": "*"},
    ]
}
ACTIONS = (
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "iam:PassRole",
    "cloudformation:DescribeStacks",
)
ERRORS = {
    "InvalidInput": "The actions require different authorization information.",
    "NoSuchEntity": "The role cannot be found.",
    "AccessDenied": "User is not authorized to perform: iam:SimulatePrincipalPolicy",
    "Throttling": "Rate exceeded",
    "PolicyEvaluation": "The policy could not be evaluated.",
    "ServiceFailure": "An internal error occurred.",
}

Answer = Mapping[str, Any]


def answer(action: str, decision: str = "allowed", **more: Any) -> Answer:
    return {"EvalActionName": action, "EvalDecision": decision, **more}


@dataclass
class Iam:
    """A client of IAM with recorded answers. `errors` maps an action to an error's code."""

    denied: Mapping[str, Answer] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def simulate_principal_policy(self, **request: Any) -> Any:
        with self._lock:
            self.asked.append(request)
        (action,) = request["ActionNames"]
        return self._stubbed(
            "simulate_principal_policy",
            request,
            {"EvaluationResults": [self.denied.get(action) or answer(action)]},
            self.errors.get(action),
        )

    def get_role(self, **request: str) -> Any:
        name = request["RoleName"]
        role = {
            "Arn": self.roles.get(name, ""),
            "RoleName": name,
            "RoleId": "AROA0123456789ABCDEF",
            "Path": "/",
            "CreateDate": 0,
        }
        code = None if name in self.roles else "AccessDenied"
        return self._stubbed("get_role", request, {"Role": role}, code)

    @staticmethod
    def _stubbed(call: str, request: dict[str, Any], answer: Any, code: str | None) -> Any:
        """Use a client of botocore, which validates requests and responses."""
        client = boto3.client("iam", region_name="us-east-1")
        with Stubber(client) as stubber:
            if code:
                stubber.add_client_error(call, code, ERRORS[code], expected_params=request)
            else:
                stubber.add_response(call, answer, request)
            return getattr(client, call)(**request)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(POLICY), "utf-8")
    return path


def account(iam: Any, caller: str = ANN) -> Account:
    return Account(boto3.Session(), "eu-central-1", "123456789012", caller, {"iam": iam})


def test_each_action_is_simulated_alone_with_its_resources(policy: Path):
    iam = Iam()

    assert check_permissions(account(iam), policy).denied == ()

    asked = {request["ActionNames"][0]: request for request in iam.asked}
    assert sorted(asked) == sorted(ACTIONS)
    assert len(iam.asked) == len(ACTIONS)
    assert asked["lambda:CreateFunction"]["ResourceArns"] == [
        "arn:aws:lambda:eu-central-1:123456789012:function:liveinsight-*"
    ]
    passing = asked["iam:PassRole"]
    assert passing["ResourceArns"] == ["arn:aws:iam::123456789012:role/liveinsight-*"]
    (context,) = passing["ContextEntries"]
    assert context["ContextKeyName"] == "iam:PassedToService"
    assert context["ContextKeyValues"] == ["lambda.amazonaws.com"]
    assert "ResourceArns" not in asked["cloudformation:DescribeStacks"]


def test_denied_actions_are_listed(policy: Path):
    denied = {
        "lambda:DeleteFunction": answer("lambda:DeleteFunction", "implicitDeny"),
        "iam:PassRole": answer("iam:PassRole", "explicitDeny"),
    }

    result = check_permissions(account(Iam(denied)), policy)

    assert result.denied == ("iam:PassRole", "lambda:DeleteFunction")
    assert result.unchecked == {}


def test_action_that_is_denied_on_one_of_its_resources_is_denied(policy: Path):
    on_each = [
        {
            "EvalResourceName": "arn:aws:logs:eu-central-1:1:log-group:a",
            "EvalResourceDecision": d,
        }
        for d in ("allowed", "implicitDeny")
    ]
    denied = answer("lambda:CreateFunction", ResourceSpecificResults=on_each)

    result = check_permissions(account(Iam({"lambda:CreateFunction": denied})), policy)

    assert result.denied == ("lambda:CreateFunction",)


def test_denial_that_depends_on_the_real_call_is_ignored(policy: Path):
    """Many organizations require MFA or restrict regions, which a simulation does not know."""
    depends = answer(
        "iam:PassRole", "implicitDeny", MissingContextValues=["aws:MultiFactorAuthPresent"]
    )

    result = check_permissions(account(Iam({"iam:PassRole": depends})), policy)

    assert result.denied == ()
    (note,) = result.notes()
    assert "iam:PassRole" in note
    assert "aws:MultiFactorAuthPresent" in note


@pytest.mark.parametrize("code", ERRORS)
def test_failed_simulation_does_not_stop_the_others(policy: Path, code: str):
    iam = Iam(
        {"iam:PassRole": answer("iam:PassRole", "implicitDeny")},
        {"lambda:DeleteFunction": code},
    )

    result = check_permissions(account(iam), policy)

    assert result.denied == ("iam:PassRole",)
    (note,) = result.notes()
    assert note.startswith("1 permission could not be checked (lambda:DeleteFunction): ")
    assert ERRORS[code].rstrip(".") in note


@pytest.mark.parametrize("code", ERRORS)
def test_nothing_is_reported_as_denied_when_nothing_can_be_simulated(policy: Path, code: str):
    iam = Iam(errors=dict.fromkeys(ACTIONS, code))

    result = check_permissions(account(iam), policy)

    assert result.denied == ()
    assert set(result.unchecked) == set(ACTIONS)
    (note,) = result.notes()
    assert "4 permissions could not be checked" in note
    # These say that IAM does not answer about this caller, so asking on is of no use.
    assert len(iam.asked) == (1 if code in ("AccessDenied", "NoSuchEntity") else len(ACTIONS))


def test_connection_that_fails_is_reported_once(policy: Path):
    class Unreachable(Iam):
        def simulate_principal_policy(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://iam.amazonaws.com/")

    (note,) = check_permissions(account(Unreachable()), policy).notes()

    assert "4 permissions could not be checked" in note
    assert "Could not connect to the endpoint URL" in note


def test_single_sign_on_session_is_simulated_as_its_role_with_its_path(policy: Path):
    iam = Iam(roles={SSO: SSO_ARN})
    caller = f"arn:aws:sts::123456789012:assumed-role/{SSO}/ann@shop.example"

    check_permissions(account(iam, caller), policy)

    assert {request["PolicySourceArn"] for request in iam.asked} == {SSO_ARN}


def test_unreadable_single_sign_on_role_is_not_guessed(policy: Path):
    iam = Iam()
    caller = f"arn:aws:sts::123456789012:assumed-role/{SSO}/ann@shop.example"

    result = check_permissions(account(iam, caller), policy)

    assert set(result.unchecked) == set(ACTIONS)
    assert f"iam:GetRole on {SSO} failed" in next(result.notes())
    assert iam.asked == []


@pytest.mark.parametrize(
    ("roles", "principal"),
    [
        ({"Deployer": "arn:aws:iam::123456789012:role/teams/Deployer"}, "role/teams/Deployer"),
        ({}, "role/Deployer"),
    ],
    ids=["with a path", "not readable"],
)
def test_session_is_simulated_as_its_role(policy: Path, roles: dict[str, str], principal: str):
    iam = Iam(roles=roles)
    caller = "arn:aws:sts::123456789012:assumed-role/Deployer/ann"

    check_permissions(account(iam, caller), policy)

    assert iam.asked[0]["PolicySourceArn"] == f"arn:aws:iam::123456789012:{principal}"


def test_federated_user_is_not_simulated(policy: Path):
    iam = Iam()
    caller = "arn:aws:sts::123456789012:federated-user/ann"

    (note,) = check_permissions(account(iam, caller), policy).notes()

    assert "IAM does not simulate federated users" in note
    assert iam.asked == []


def test_root_user_is_allowed_everything(policy: Path):
    iam = Iam()

    result = check_permissions(account(iam, "arn:aws:iam::123456789012:root"), policy)

    assert (result.denied, result.unchecked, iam.asked) == ((), {}, [])


def test_every_action_of_the_real_policy_can_be_simulated():
    """Each request passes botocore's model of the call."""
    iam = Iam()
    announced: list[str] = []

    assert check_permissions(account(iam), DEPLOYER_POLICY, announced.append).denied == ()

    assert announced == [f"Checking {len(iam.asked)} permissions with IAM ..."]
    assert len(iam.asked) > 80
    assert all(len(request["ActionNames"]) == 1 for request in iam.asked)
    assert not any("*" in request.get("ResourceArns", ()) for request in iam.asked)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Deployment]]:
    """Prepare a deployment into an empty account."""
    monkeypatch.setattr("operate.deploy.preflight.check_built", lambda _: None)
    stage = read_stage("prod")
    stage = replace(stage, environment={**stage.environment, "SITES": "shop.example"})

    def deployment(iam: Iam, **more: Any) -> Deployment:
        return Deployment(stage, account(iam), **more)

    with mock_aws():
        yield deployment


DENIED = {"iam:PassRole": answer("iam:PassRole", "implicitDeny")}


def test_denied_permission_stops_the_deployment_with_instructions(
    ready: Callable[..., Deployment],
):
    with pytest.raises(CommandError, match=r"iam:PassRole.*deployer-policy\.json.*NO_CHECK=1"):
        ready(Iam(DENIED)).check()


def test_incomplete_check_is_reported_and_the_deployment_continues(
    ready: Callable[..., Deployment], capsys: pytest.CaptureFixture[str]
):
    ready(Iam(errors={"iam:PassRole": "InvalidInput"})).check()

    output = capsys.readouterr().out
    assert "Note: 1 permission could not be checked (iam:PassRole): InvalidInput" in output
    assert "The stage will have:" in output


def test_check_can_be_skipped(ready: Callable[..., Deployment]):
    iam = Iam(DENIED)

    ready(iam, checks_permissions=False).check()

    assert iam.asked == []


@pytest.mark.slow
@pytest.mark.parametrize("taken_away", [(), ("lambda:CreateFunction", "ssm:PutParameter")])
def test_user_with_the_deployers_policy_lacks_nothing(aws: Aws, taken_away: tuple[str, ...]):
    """The emulator simulates it. It ignores the context of a request, so it treats the
    condition of PassRole as unmet."""
    document = json.loads(DEPLOYER_POLICY.read_text("utf-8"))
    for statement in document["Statement"]:
        if isinstance(statement["Action"], list):
            statement["Action"] = [one for one in statement["Action"] if one not in taken_away]
    iam, name = aws.account().client("iam"), f"ann{len(taken_away)}"
    user = iam.create_user(UserName=name)["User"]
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))

    result = check_permissions(replace(aws.account(), caller=user["Arn"]))

    assert result.denied == tuple(sorted({"iam:PassRole", *taken_away}))
    assert result.unchecked == {}
