"""An account with recorded responses: a real AWS client validates each request and response by
AWS's own model, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.model import OperationModel
from botocore.validate import validate_parameters

from operate.aws.account import Account

Answer = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any] | str] | str


@dataclass
class Recorded:
    """`answers` by service and operation, such as `lambda:GetAccountSettings`: a response, a
    function of the parameters, or the code of an error."""

    answers: dict[str, Answer]
    calls: list[tuple[str, str]] = field(default_factory=list)
    _params: list[dict[str, Any]] = field(default_factory=list)

    def account(self) -> Account:
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")
        session.events.register("provide-client-params", self._record_params)
        session.events.register("before-call", self._answer)
        return Account(
            session, "eu-central-1", "123456789012", "arn:aws:iam::123456789012:user/a"
        )

    def _record_params(self, params: dict[str, Any], **_: Any) -> None:
        self._params.append(params)

    def _answer(self, model: OperationModel, **_context: Any) -> tuple[Any, Any]:
        service, params = model.service_model.service_name, self._params.pop()
        self.calls.append((service, model.name))
        answer = self.answers[f"{service}:{model.name}"]
        result: Any = answer(params) if callable(answer) else answer
        if isinstance(result, str):
            code, _, message = result.partition(": ")
            error = {"Error": {"Code": code, "Message": message}}
            return SimpleNamespace(status_code=400), error
        if model.output_shape:
            validate_parameters(result, model.output_shape)
        return SimpleNamespace(status_code=200), result
