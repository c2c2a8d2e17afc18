"""The checks of `make doctor`. Each yields findings; its caller handles errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from botocore.exceptions import ClientError

from devkit.infrastructure.cfn_template import Resolver, read_template
from devkit.infrastructure.cloudformation import outputs_of
from devkit.infrastructure.concurrency import MIN_UNRESERVED
from devkit.project_paths import RESOURCES
from operate.aws.account import error_code
from operate.aws.stage import Stage
from operate.aws.stage_alarms import alarms_of
from operate.build.environment_size import (
    LOW_SPACE_BYTES,
    MAX_ENVIRONMENT_BYTES,
    environment_bytes,
    largest,
)
from operate.build.runtime import DEPRECATED_ON
from operate.build.runtime import RUNTIME as DEPLOYED
from operate.console import join_words
from operate.inspect.doctor_collect import (
    COLLECT_LIMIT,
    FUNCTION_URL,
    collect_limit,
    function_url,
)
from operate.inspect.doctor_edge import EDGE, edge
from operate.inspect.findings import CheckContext, Finding, look, ok, wrong
from operate.resources.table_settings import differences, table_properties

FEW_CONCURRENT = 100
SOON_DAYS = 180
NOT_RUNNING = "LiveInsight-Job-NotRunning"


def concurrency(context: CheckContext) -> Iterator[Finding]:
    settings = context.account.client("lambda").get_account_settings()
    limit = settings["AccountLimit"]["ConcurrentExecutions"]
    reserved = sum(context.stage.reserved_concurrency.values())
    if reserved and reserved > limit - MIN_UNRESERVED:
        yield wrong(
            CONCURRENCY,
            f".chalice/config.json reserves {reserved:,} concurrent invocations, but the "
            f"account has {limit:,} and AWS keeps {MIN_UNRESERVED} unreserved. "
            "Lower `reserved_concurrency`, or request a higher quota under Service Quotas.",
        )
    elif limit < FEW_CONCURRENT:
        yield look(
            CONCURRENCY,
            f"the account can run only {limit:,} invocations at once, for all its functions. A "
            "burst of visitors needs more. Request 1,000 under Service Quotas, AWS Lambda, "
            "Concurrent executions. It is free.",
        )
    else:
        yield ok(CONCURRENCY, f"the account can run {limit:,} invocations at once.")


def reserved_concurrency(context: CheckContext) -> Iterator[Finding]:
    client = context.account.client("lambda")
    configured = context.stage.reserved_concurrency
    for name in context.functions():
        if name == context.stage.collect_function:
            continue  # operate/inspect/doctor_collect.py
        given = client.get_function_concurrency(FunctionName=name).get(
            "ReservedConcurrentExecutions"
        )
        if given != configured.get(name):
            yield wrong(
                RESERVED,
                f"{name} has {_number(given)}, .chalice/config.json says "
                f"{_number(configured.get(name))}. Run {context.deploy}.",
            )
        else:
            yield ok(RESERVED, f"{name} has {_number(given)}, as in .chalice/config.json.")


def runtime(context: CheckContext) -> Iterator[Finding]:
    functions = context.functions()
    if not functions:
        yield look(RUNTIME, f"no functions are deployed. Run {context.deploy}.")
    for name, function in functions.items():
        used = function["Runtime"]
        ends = DEPRECATED_ON.get(used)
        move = (
            f"Update LiveInsight, then run {context.deploy}."
            if used == DEPLOYED
            else f"Run {context.deploy}, which moves it to {DEPLOYED}."
        )
        if ends is None:
            yield look(RUNTIME, f"{name} runs on {used}, whose end of support is unknown.")
        elif ends <= context.today:
            yield wrong(RUNTIME, f"AWS ended support for {used} ({name}) on {ends}. {move}")
        elif (ends - context.today).days <= SOON_DAYS:
            yield look(RUNTIME, f"AWS ends support for {used} ({name}) on {ends}. {move}")
        else:
            yield ok(RUNTIME, f"{name} runs on {used}, supported until {ends}.")


def mail(context: CheckContext) -> Iterator[Finding]:
    stack = context.stack()
    if stack is None:
        yield look(MAIL, f"the stage is not deployed. Run {context.deploy}.")
        return
    topic = outputs_of(stack).get("AlarmTopic")
    if topic is None:
        yield look(
            MAIL, f"alarms are off. To turn them on: {context.deploy} PARAMETERS=Watching=on"
        )
        return
    pages = (
        context.account.client("sns")
        .get_paginator("list_subscriptions_by_topic")
        .paginate(TopicArn=topic)
    )
    subscriptions = [one for page in pages for one in page["Subscriptions"]]
    pending = [s["Endpoint"] for s in subscriptions if s["SubscriptionArn"] == _PENDING]
    confirmed = len(subscriptions) - len(pending)
    for address in pending:
        yield wrong(
            MAIL,
            f"{address} has not confirmed its subscription, so it gets no alarms. Follow the "
            "link in the email from AWS Notifications. If it is lost, send another: "
            f"aws sns subscribe --topic-arn {topic} --protocol email "
            f"--notification-endpoint {address}",
        )
    if confirmed:
        yield ok(MAIL, f"{confirmed} of {len(subscriptions)} subscriptions are confirmed.")
    elif not pending:
        yield wrong(
            MAIL, f"no address gets alarms. Run {context.deploy} EMAIL=you@example.com."
        )


def tables(context: CheckContext) -> Iterator[Finding]:
    client = context.account.client("dynamodb")
    given = {"Stage": context.stage.name, **context.parameters()}
    for properties in table_properties(given).values():
        name = properties["TableName"]
        try:
            drifted = [difference.setting for difference in differences(client, properties)]
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            yield look(TABLES, f"there is no table {name}. Run {context.deploy}.")
            continue
        if drifted:
            yield wrong(
                TABLES,
                f"{join_words(drifted)} of {name} differ from infra/resources.yaml. "
                f"{context.deploy} sets them.",
            )
        else:
            yield ok(TABLES, f"{name} is configured as in infra/resources.yaml.")


def alarms(context: CheckContext) -> Iterator[Finding]:
    existing = {
        alarm["AlarmName"]: alarm for alarm in alarms_of(context.stage, context.account)
    }
    missing = _alarm_names(context.parameters(), context.stage) - existing.keys()
    for name, alarm in existing.items():
        if alarm["StateValue"] == "ALARM":
            yield wrong(ALARMS, f"{name} is in ALARM. {alarm['AlarmDescription']}")
        elif alarm["StateValue"] == "INSUFFICIENT_DATA" and NOT_RUNNING in name:
            yield look(
                ALARMS,
                f"{name} has no data: the job has never run. This is normal right after the "
                f"first deployment; later, run {context.deploy}.",
            )
    if missing:
        yield wrong(
            ALARMS, f"missing: {join_words(sorted(missing))}. {context.deploy} creates them."
        )
    not_in_alarm = sum(alarm["StateValue"] != "ALARM" for alarm in existing.values())
    if not_in_alarm:
        yield ok(ALARMS, f"{not_in_alarm} of {len(existing)} alarms are not in ALARM.")
    elif not existing and not missing:
        yield look(
            ALARMS, f"alarms are off. To turn them on: {context.deploy} PARAMETERS=Watching=on"
        )


def environment(context: CheckContext) -> Iterator[Finding]:
    for name, function in context.functions().items():
        variables = function.get("Environment", {}).get("Variables", {})
        left = MAX_ENVIRONMENT_BYTES - environment_bytes(variables)
        if left < LOW_SPACE_BYTES:
            yield look(
                ENVIRONMENT,
                f"{name} has {left:,} of {MAX_ENVIRONMENT_BYTES:,} bytes left, about "
                f"{left // 65} read tokens. The largest variable is {largest(variables)}.",
            )
        else:
            yield ok(
                ENVIRONMENT, f"{name} has {left:,} of {MAX_ENVIRONMENT_BYTES:,} bytes left."
            )


CONCURRENCY = "Lambda concurrency"
RESERVED = "Reserved concurrency"
RUNTIME = "Runtime"
MAIL = "Alarm emails"
TABLES = "Tables"
ALARMS = "Alarms"
ENVIRONMENT = "Environment variables"
CHECKS: Mapping[str, Callable[[CheckContext], Iterator[Finding]]] = {
    CONCURRENCY: concurrency,
    RESERVED: reserved_concurrency,
    FUNCTION_URL: function_url,
    COLLECT_LIMIT: collect_limit,
    RUNTIME: runtime,
    ENVIRONMENT: environment,
    TABLES: tables,
    ALARMS: alarms,
    MAIL: mail,
    EDGE: edge,
}
_PENDING = "PendingConfirmation"


def _number(reserved: int | None) -> str:
    return "none reserved" if reserved is None else f"{reserved:,} reserved"


def _alarm_names(given: Mapping[str, str], stage: Stage) -> set[str]:
    """Return the names in the template for these parameters; none if alarms are off or there is
    no stack."""
    if not given:
        return set()
    template = read_template(RESOURCES)
    resolver = Resolver(template, {"Stage": stage.name, **given})
    if resolver.resolve({"Ref": "Watching"}) == "off":
        return set()
    return {
        str(resolver.resolve(resource["Properties"]["AlarmName"]))
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
