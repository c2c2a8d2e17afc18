"""The clients for AWS. Where the credentials are in the environment, as in Lambda and `make
run`, DynamoDB is called with the small client. Elsewhere botocore finds them, in a profile.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.storage.aws.dynamodb_api import (
    CONNECT_SECONDS,
    READ_SECONDS,
    DynamoDBApi,
    dynamodb_endpoint,
)
from chalicelib.storage.aws.signature import credentials_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# botocore makes no client without a region. Lambda and `make run` set one, and the commands in
# operate/ use the stage's. Only `chalice local` without `make run` may have none. With this one
# the app starts anyway, and reports that it has no tables. It deploys no stage.
DEFAULT_REGION = "us-east-1"


def dynamodb_client(
    environment: Mapping[str, str] = os.environ,
) -> DynamoDBApi | DynamoDBClient:
    """Return a client that makes one attempt per call: retries.py retries, since it knows how
    much time is left."""
    credentials = credentials_in(environment)
    if credentials is None:
        client: DynamoDBClient = sdk_client("dynamodb")
        return client
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    region = region or DEFAULT_REGION
    return DynamoDBApi(dynamodb_endpoint(environment, region), region, credentials)


def sdk_client(service: str) -> Any:
    """Return botocore's client of a service. boto3 would also load S3 transfers, a tenth of a
    cold start."""
    from botocore.config import Config
    from botocore.exceptions import NoRegionError
    from botocore.session import get_session

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=32,
        parameter_validation=False,
        user_agent="liveinsight",
    )
    session = get_session()
    try:
        return session.create_client(service, config=config)
    except NoRegionError:
        return session.create_client(service, config=config, region_name=DEFAULT_REGION)
