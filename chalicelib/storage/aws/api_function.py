"""The API's Lambda function, which the job calls without API Gateway.

get(path)     the status of the response to a GET; raises NoAnswer if there is no response
"""

from __future__ import annotations

import json
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

ANSWER_SECONDS = 10  # a cold start takes two or three


class NoAnswer(Exception):
    """Lambda did not run the function, or it crashed. The message says what Lambda reported."""


class ApiFunction:
    def __init__(self, arn: str, client: Any = None) -> None:
        self.arn = arn
        self._given = client

    def get(self, path: str) -> int:
        """Raise NoAnswer if there is no response."""
        try:
            answer = (self._given or _client()).invoke(
                FunctionName=self.arn, Payload=json.dumps(_request(path)).encode()
            )
            payload = json.loads(answer["Payload"].read())
        except ClientError as error:
            raise NoAnswer(str(error.response["Error"]["Code"])) from None
        except BotoCoreError as error:
            raise NoAnswer(type(error).__name__) from None
        if "FunctionError" in answer or "statusCode" not in payload:
            raise NoAnswer(str(payload.get("errorType", "no status")))
        return int(payload["statusCode"])


def api_function_of(job_arn: str, job: str) -> str:
    """Return the ARN of the API's function, which has the job's name without the part after the
    stage."""
    return job_arn.partition(f"-{job}")[0]


def _client() -> Any:
    """One attempt a call: the caller decides how often to try."""
    config = Config(
        connect_timeout=2,
        read_timeout=ANSWER_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        user_agent="liveinsight",
    )
    return get_session().create_client("lambda", config=config)


def _request(path: str) -> dict[str, Any]:
    """As API Gateway passes one on, with what Chalice reads of it."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": {"user-agent": "liveinsight"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": "GET",
            "requestId": "health check",
            "identity": {"sourceIp": ""},
        },
    }
