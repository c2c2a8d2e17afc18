"""Stands for API Gateway and X-Ray, which the emulator does not have as Chalice uses them: the
few calls that a deployment makes, over HTTP, in memory, each written down.

As in AWS, replacing an API's definition replaces its own gateway responses by those of the new
definition, and a change of them shows only after another deployment.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from operate.aws.gateway_settings import GATEWAY_RESPONSES

Answer = tuple[int, Any]


@dataclass
class Api:
    id: str
    definition: dict[str, Any]
    compression: int | None = None
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class GatewayServer:
    """`calls` are the operations in order, `failing` is one that is rejected once."""

    url: str = ""
    apis: dict[str, Api] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    failing: str = ""

    def of_stage(self, stage: str) -> list[Api]:
        """Return the APIs that call a function of that stage, of which there should be one."""
        ours = f":function:liveinsight-{stage}/"
        return [api for api in self.apis.values() if ours in json.dumps(api.definition)]

    def changes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("Get")]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        for verb, pattern, name in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                operation = _operation(name, query)
                self.calls.append(operation)
                if operation == self.failing:
                    self.failing = ""
                    return 400, {"message": "refused for the test"}
                handler: Callable[..., Answer] = getattr(self, f"_{name}")
                return handler(*match.groups(), body)
        raise AssertionError(f"{method} {path} is not what a deployment asks")

    def _create_api(self, body: Any) -> Answer:
        api = Api(f"api{len(self.apis) + 1:07}", body, answers=_answers_in(body))
        self.apis[api.id] = api
        return 201, self._description(api)

    def _list_apis(self, _: Any) -> Answer:
        return 200, {"item": [self._description(api) for api in self.apis.values()]}

    def _get_api(self, api_id: str, _: Any) -> Answer:
        api = self.apis.get(api_id)
        return (
            (200, self._description(api))
            if api
            else (404, {"message": "Invalid API identifier"})
        )

    def _put_api(self, api_id: str, body: Any) -> Answer:
        api = self.apis[api_id]
        api.definition, api.answers = body, _answers_in(body)
        return 200, self._description(api)

    def _patch_api(self, api_id: str, body: Any) -> Answer:
        for change in body["patchOperations"]:
            if change["path"] == "/minimumCompressionSize":
                self.apis[api_id].compression = int(change["value"])
        return 200, self._description(self.apis[api_id])

    def _delete_api(self, api_id: str, _: Any) -> Answer:
        return (202, {}) if self.apis.pop(api_id, None) else (404, {"message": "gone"})

    def _resources(self, api_id: str, _: Any) -> Answer:
        paths = self.apis[api_id].definition["paths"]
        items = [
            {
                "id": f"r{at}",
                "path": path,
                "resourceMethods": {
                    verb.upper(): {"methodIntegration": method[_INTEGRATION]}
                    for verb, method in methods.items()
                },
            }
            for at, (path, methods) in enumerate(paths.items())
        ]
        return 200, {"item": items}

    def _deploy(self, api_id: str, body: Any) -> Answer:
        api = self.apis[api_id]
        deployment = {"id": f"d{len(api.deployments) + 1}", "answers": dict(api.answers)}
        api.deployments.append(deployment)
        stage = api.stages.setdefault(body["stageName"], {"methodSettings": {}})
        stage |= {"stageName": body["stageName"], "deploymentId": deployment["id"]}
        if "tracingEnabled" in body:
            stage["tracingEnabled"] = body["tracingEnabled"]
        return 201, {"id": deployment["id"]}

    def _get_stage(self, api_id: str, name: str, _: Any) -> Answer:
        return 200, self.apis[api_id].stages[name]

    def _patch_stage(self, api_id: str, name: str, body: Any) -> Answer:
        stage = self.apis[api_id].stages[name]
        for change in body["patchOperations"]:
            if change["path"] == "/deploymentId":
                stage["deploymentId"] = change["value"]
            elif setting := re.fullmatch(_METHOD_SETTING, change["path"]):
                key, name = setting.groups()
                given = stage["methodSettings"].setdefault(key, {})
                given[_SETTINGS[name]] = float(change["value"])
            else:
                raise AssertionError(f"{change['path']} is no path of UpdateStage")
        return 200, stage

    def _list_answers(self, api_id: str, _: Any) -> Answer:
        own = self.apis[api_id].answers
        items = [{"responseType": "UNAUTHORIZED", "statusCode": "401", "defaultResponse": True}]
        items += [{"responseType": kind, **one} for kind, one in own.items()]
        return 200, {"item": items}

    def _put_answer(self, api_id: str, kind: str, body: Any) -> Answer:
        self.apis[api_id].answers[kind] = body
        return 201, {"responseType": kind, **body}

    def _rules(self, _: Any) -> Answer:
        records = [{"SamplingRule": rule} for rule in self.rules.values()]
        return 200, {"SamplingRuleRecords": records}

    def _create_rule(self, body: Any) -> Answer:
        self.rules[body["SamplingRule"]["RuleName"]] = body["SamplingRule"]
        return 200, {}

    def _update_rule(self, body: Any) -> Answer:
        change = body["SamplingRuleUpdate"]
        self.rules[change["RuleName"]] |= change
        return 200, {}

    def _delete_rule(self, body: Any) -> Answer:
        return (200, {}) if self.rules.pop(body["RuleName"], None) else (400, {})

    @staticmethod
    def _description(api: Api) -> dict[str, Any]:
        return {
            "id": api.id,
            "name": api.definition["info"]["title"],
            "endpointConfiguration": {"types": ["EDGE"]},
        }


# The path of a resource is one part: its slashes are escaped, also in what GetStage returns.
_METHOD_SETTING = r"/((?:\*|~1[^/]*)/[A-Z*]+)/throttling/(rateLimit|burstLimit)"


def _answers_in(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(definition.get(GATEWAY_RESPONSES, {}))


_SETTINGS = {"rateLimit": "throttlingRateLimit", "burstLimit": "throttlingBurstLimit"}
_INTEGRATION = "x-amazon-apigateway-integration"
_API = r"/restapis/([^/]+)"
_ROUTES = [
    ("POST", "/restapis", "create_api"),
    ("GET", "/restapis", "list_apis"),
    ("GET", _API, "get_api"),
    ("PUT", _API, "put_api"),
    ("PATCH", _API, "patch_api"),
    ("DELETE", _API, "delete_api"),
    ("GET", f"{_API}/resources", "resources"),
    ("POST", f"{_API}/deployments", "deploy"),
    ("GET", f"{_API}/stages/([^/]+)", "get_stage"),
    ("PATCH", f"{_API}/stages/([^/]+)", "patch_stage"),
    ("GET", f"{_API}/gatewayresponses", "list_answers"),
    ("PUT", f"{_API}/gatewayresponses/([^/]+)", "put_answer"),
    ("POST", "/GetSamplingRules", "rules"),
    ("POST", "/CreateSamplingRule", "create_rule"),
    ("POST", "/UpdateSamplingRule", "update_rule"),
    ("POST", "/DeleteSamplingRule", "delete_rule"),
]
_OPERATIONS = {
    "create_api": "ImportRestApi",
    "list_apis": "GetRestApis",
    "get_api": "GetRestApi",
    "put_api": "PutRestApi",
    "patch_api": "UpdateRestApi",
    "delete_api": "DeleteRestApi",
    "resources": "GetResources",
    "deploy": "CreateDeployment",
    "get_stage": "GetStage",
    "patch_stage": "UpdateStage",
    "list_answers": "GetGatewayResponses",
    "put_answer": "PutGatewayResponse",
    "rules": "GetSamplingRules",
    "create_rule": "CreateSamplingRule",
    "update_rule": "UpdateSamplingRule",
    "delete_rule": "DeleteSamplingRule",
}


def _operation(name: str, query: dict[str, str]) -> str:
    assert name != "create_api" or query.get("mode") == "import"
    assert name != "put_api" or query.get("mode") == "overwrite"
    return _OPERATIONS[name]


@contextmanager
def gateway_server() -> Iterator[GatewayServer]:
    gateway, lock = GatewayServer(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            address = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(address.query).items()}
            with lock:
                status, body = gateway.answer(
                    self.command, address.path, query, json.loads(content or b"null")
                )
            text = json.dumps(body).encode()
            self.send_response(status)
            if status >= 400:
                kind = "NotFoundException" if status == 404 else "BadRequestException"
                self.send_header("x-amzn-errortype", kind)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
