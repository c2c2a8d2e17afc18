"""infra/edge.yaml: files from a private bucket, events to the Function URL, everything else
from the API without caching."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from cfnlint.api import lint_file
from moto import mock_aws
from moto.s3.models import s3_backends

from chalicelib.domain.attributes.location import location_from_headers
from chalicelib.web import function_url
from chalicelib.web.requests import EDGE_HEADER
from chalicelib.web.static_files import CONTENT_SECURITY_POLICY
from devkit.frontend_build import first_files
from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import ROOT
from operate.deploy.upload_assets import Upload, asset_files, upload
from operate.errors import CommandError

EDGE = ROOT / "infra" / "edge.yaml"
TEMPLATE = read_template(EDGE)
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
DISTRIBUTION: dict[str, Any] = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
DEFAULT: dict[str, Any] = DISTRIBUTION["DefaultCacheBehavior"]


def resolved(entries: list[dict[str, Any]], *, has_collect: bool) -> list[dict[str, Any]]:
    """Return the entries of a list, with or without CollectDomain."""
    chosen = [
        entry["Fn::If"][1 if has_collect else 2] if "Fn::If" in entry else entry
        for entry in entries
    ]
    return [entry for entry in chosen if entry != {"Ref": "AWS::NoValue"}]


def behaviors(*, has_collect: bool) -> dict[str, dict[str, Any]]:
    entries = resolved(DISTRIBUTION["CacheBehaviors"], has_collect=has_collect)
    return {entry["PathPattern"]: entry for entry in entries}


def origin(name: str) -> dict[str, Any]:
    entries = resolved(DISTRIBUTION["Origins"], has_collect=True)
    (found,) = [entry for entry in entries if entry["Id"] == name]
    return found


OTHERS = behaviors(has_collect=False)
COLLECT = {
    path: behavior
    for path, behavior in behaviors(has_collect=True).items()
    if path not in OTHERS
}

# What the app reads of a request, besides what CloudFront sends by itself.
READ = {
    "accept", "accept-language", "authorization", "content-encoding", "content-type", "dnt",
    "if-none-match", "purpose", "referer", "sec-gpc", "sec-purpose", "user-agent", "x-api-key",
}  # fmt: skip
PLACE = {
    "cloudfront-viewer-city": "Berlin",
    "cloudfront-viewer-country": "DE",
    "cloudfront-viewer-country-region": "BE",
}


def properties(logical_id: str) -> dict[str, Any]:
    (config,) = RESOURCES[logical_id]["Properties"].values()
    result: dict[str, Any] = config
    return result


def api_caching() -> dict[str, Any]:
    result: dict[str, Any] = properties("ApiCaching")
    return result["ParametersInCacheKeyAndForwardedToOrigin"] | result


def test_cfn_lint_reports_no_problem():
    assert [str(match) for match in lint_file(EDGE)] == []


def test_requests_without_a_file_go_to_the_api_with_any_method():
    assert DEFAULT["TargetOriginId"] == "api"
    assert {"GET", "POST", "OPTIONS"} <= set(DEFAULT["AllowedMethods"])
    assert {b["TargetOriginId"] for b in OTHERS.values()} == {"files"}


def test_events_go_to_the_function_url_if_there_is_one():
    """CloudFront chooses by path only: GET /api/events is the API's."""
    assert {path: b["TargetOriginId"] for path, b in COLLECT.items()} == {
        "/events": "collect",
        "/pixel.gif": "collect",
    }
    assert {"OPTIONS", "POST"} <= set(COLLECT["/events"]["AllowedMethods"])
    assert set(COLLECT) <= set(function_url._ROUTES)
    for behavior in COLLECT.values():
        assert behavior["CachePolicyId"] == {"Ref": "CollectCaching"}
        assert behavior["OriginRequestPolicyId"] == {"Ref": "CollectRequests"}
        assert behavior["ViewerProtocolPolicy"] == "https-only"


def test_edge_without_a_function_url_sends_events_to_the_api():
    """As a stack of an earlier release does: the parameter has a default."""
    origins = resolved(DISTRIBUTION["Origins"], has_collect=False)

    assert TEMPLATE["Parameters"]["CollectDomain"]["Default"] == ""
    assert [entry["Id"] for entry in origins] == ["api", "files"]
    assert {b["TargetOriginId"] for b in OTHERS.values()} == {"files"}


def test_function_url_receives_the_headers_that_it_reads_the_address_and_the_location():
    requests = properties("CollectRequests")["HeadersConfig"]["Headers"]
    caching = properties("CollectCaching")["ParametersInCacheKeyAndForwardedToOrigin"]
    passed_on = {name.lower() for name in [*requests, *caching["HeadersConfig"]["Headers"]]}

    preflight = {
        "access-control-request-headers",
        "access-control-request-method",
        "origin",
    }
    files_only = {"accept", "if-none-match"}
    assert passed_on == (READ - files_only) | set(PLACE) | preflight | {
        "cloudfront-viewer-address"
    }
    assert len(requests) <= 10  # CloudFront takes no more
    assert (properties("CollectCaching")["MinTTL"], caching["CookiesConfig"]) == (
        0,
        {"CookieBehavior": "none"},
    )


def test_api_receives_the_headers_that_it_reads_and_the_location():
    requests = properties("ApiRequests")["HeadersConfig"]["Headers"]
    passed_on = {*requests, *api_caching()["HeadersConfig"]["Headers"]}

    assert {name.lower() for name in passed_on} == READ | set(PLACE)
    assert location_from_headers(PLACE).city == "Berlin"
    assert len(requests) <= 10  # CloudFront takes no more
    for policy in ("ApiRequests", "ApiCaching"):
        assert '"QueryStringBehavior": "all"' in str(properties(policy)).replace("'", '"')


@pytest.mark.parametrize("name", ["api", "collect"])
def test_edge_authenticates_to_the_app(name: str):
    """By the header that the app checks, with a secret that cannot be read back."""
    (header,) = origin(name)["OriginCustomHeaders"]

    assert header["HeaderName"].lower() == EDGE_HEADER
    assert header["HeaderValue"] == {"Ref": "EdgeSecret"}
    assert TEMPLATE["Parameters"]["EdgeSecret"]["NoEcho"] is True
    assert "Default" not in TEMPLATE["Parameters"]["EdgeSecret"]


def test_cookies_are_not_forwarded():
    names = ("ApiCaching", "ApiRequests", "CollectCaching", "CollectRequests", "FilesCaching")
    for policy in names:
        assert "'CookieBehavior': 'none'" in str(properties(policy))


def test_api_responses_are_not_cached():
    """They have no-store; without it they would be cached for 0 seconds."""
    assert (api_caching()["MinTTL"], api_caching()["DefaultTTL"]) == (0, 0)
    assert {e["ErrorCachingMinTTL"] for e in DISTRIBUTION["CustomErrorResponses"]} == {0}


@pytest.mark.parametrize("path", ["/tracker.js", "/dashboard.html", "/static/*"])
def test_files_are_cached_by_version(path: str):
    assert OTHERS[path]["CachePolicyId"] == {"Ref": "FilesCaching"}
    query = properties("FilesCaching")["ParametersInCacheKeyAndForwardedToOrigin"]
    assert query["QueryStringsConfig"]["QueryStrings"] == ["v"]


def test_dashboard_is_at_the_root():
    assert f"/{DISTRIBUTION['DefaultRootObject']}" in OTHERS


def test_every_uploaded_file_has_a_cache_behavior():
    def is_file(key: str) -> bool:
        return f"/{key}" in OTHERS or key.startswith("static/")

    keys = [key for key, _ in asset_files()]

    assert {
        "tracker.js",
        "dashboard.html",
        *(f"static/{name}" for name in first_files()),
    } <= set(keys)
    assert all(map(is_file, keys))
    assert len(keys) == len(set(keys))


@pytest.fixture
def s3() -> Iterator[Any]:
    """Return an S3 with an empty bucket called files."""
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="files")
        yield client


def upload_at(s3: Any, now: datetime) -> Upload:
    """Upload at that time; the fake S3 always reports the current time."""
    done = upload("files", s3, now)
    bucket = s3_backends["123456789012"]["aws"].buckets["files"]
    for key in done.uploaded:
        bucket.keys[key].last_modified = now.replace(tzinfo=None)
    return done


def keys(s3: Any) -> set[str]:
    return {found["Key"] for found in s3.list_objects_v2(Bucket="files")["Contents"]}


def without(monkeypatch: pytest.MonkeyPatch, *gone: str) -> None:
    """Simulate a release without these files."""
    left = [(key, file) for key, file in asset_files() if key not in gone]
    monkeypatch.setattr("operate.deploy.upload_assets.asset_files", lambda: iter(left))


def test_files_are_uploaded_as_the_app_serves_them(s3: Any):
    upload("files", s3, datetime.now(UTC))

    page = s3.get_object(Bucket="files", Key="dashboard.html")
    tracker = s3.get_object(Bucket="files", Key="tracker.js")
    assert keys(s3) == {key for key, _ in asset_files()}
    assert (page["ContentType"], page["CacheControl"]) == (
        "text/html; charset=utf-8",
        "no-cache",
    )
    assert tracker["ContentType"] == "text/javascript; charset=utf-8"
    assert b"sendBeacon" in tracker["Body"].read()


def test_page_is_uploaded_after_its_files(s3: Any):
    order: list[str] = []
    s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: order.append(params["Key"])
    )
    upload("files", s3, datetime.now(UTC))

    assert order[-1] == "dashboard.html"


def test_old_file_is_kept_for_open_pages_and_deleted_later(
    s3: Any, monkeypatch: pytest.MonkeyPatch
):
    old, first = "static/tracker_more.js", datetime(2026, 9, 1, tzinfo=UTC)
    update = first + timedelta(days=30)
    upload_at(s3, first)
    without(monkeypatch, old)

    assert upload_at(s3, update).kept == [old]
    again = upload_at(s3, update + timedelta(hours=1))  # pages may still be open
    assert (again.kept, again.deleted) == ([old], [])
    assert old in keys(s3)
    assert upload_at(s3, update + timedelta(days=2)).deleted == [old]
    assert old not in keys(s3)


def test_interrupted_upload_deletes_nothing_that_the_page_loads(
    s3: Any, monkeypatch: pytest.MonkeyPatch
):
    """Files were uploaded but not the page, which still loads the old ones."""
    old, first = "static/tracker_more.js", datetime(2026, 9, 1, tzinfo=UTC)
    upload_at(s3, first)
    without(monkeypatch, old, "dashboard.html")
    upload_at(s3, first + timedelta(days=30))

    assert upload_at(s3, first + timedelta(days=30, minutes=1)).deleted == []


def test_other_objects_in_the_bucket_are_kept(s3: Any):
    s3.put_object(Bucket="files", Key="robots.txt", Body=b"")
    first = datetime.now(UTC) + timedelta(days=1)
    for days in (0, 2, 4):
        upload_at(s3, first + timedelta(days=days))

    assert "robots.txt" in keys(s3)


def test_missing_bucket_is_reported(s3: Any):
    with pytest.raises(CommandError, match="There is no bucket nothing-here"):
        upload("nothing-here", s3, datetime.now(UTC))


def test_files_can_be_loaded_with_crossorigin_from_any_page():
    cors = properties("FileHeaders")["CorsConfig"]

    assert cors["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert cors["AccessControlAllowCredentials"] is False
    assert cors["OriginOverride"] is True
    assert {b["ResponseHeadersPolicyId"]["Ref"] for b in OTHERS.values()} == {"FileHeaders"}
    assert "CorsConfig" not in properties("SecurityHeaders")  # the API has its own CORS_ORIGIN


def test_page_has_the_same_headers_as_from_the_app():
    headers = properties("SecurityHeaders")["SecurityHeadersConfig"]

    assert headers["ContentSecurityPolicy"]["ContentSecurityPolicy"] == CONTENT_SECURITY_POLICY
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert properties("FileHeaders")["SecurityHeadersConfig"] == headers
    assert DEFAULT["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeaders"}


def test_only_tls_1_2_or_newer_is_accepted():
    assert DISTRIBUTION["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert DEFAULT["ViewerProtocolPolicy"] == "https-only"
    assert {b["ViewerProtocolPolicy"] for b in OTHERS.values()} == {"redirect-to-https"}
    for name in ("api", "collect"):
        assert origin(name)["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_only_the_distribution_reads_the_bucket():
    reads, denied = RESOURCES["FilesPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    bucket = RESOURCES["Files"]["Properties"]

    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "distribution/${Distribution}" in str(reads["Condition"])
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "AES256" in str(bucket["BucketEncryption"])
    assert origin("files")["OriginAccessControlId"] == {"Fn::GetAtt": ["FilesAccess", "Id"]}
