"""A stage: its configuration in .chalice/config.json, the names of its resources, and its
tables.

    stage = read_stage("prod")                    from config.json
    connected = connect_stage(stage, account)     with its settings and its tables
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.settings import InvalidSettings, Settings
from chalicelib.storage.tables import Tables, connect
from devkit.project_paths import ROOT
from operate.aws import gateway_settings
from operate.aws.account import Account
from operate.errors import CommandError

TABLE_VARIABLES = ("EVENTS_TABLE", "SESSIONS_TABLE", "ACTIVE_SESSIONS_TABLE", "ROLLUPS_TABLE")
API_HANDLER = "api_handler"
COLLECT = gateway_settings.COLLECT
SCAN = gateway_settings.SCAN
_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Stage:
    """`config` is the whole config.json, `environment` the variables in it for the
    functions."""

    name: str
    config: Mapping[str, Any]
    environment: Mapping[str, str]

    @property
    def region(self) -> str | None:
        """The stage's region, None before its first deployment (operate/aws/region.py)."""
        region: str | None = self.config["stages"][self.name].get("region")
        return region

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self.environment[variable] for variable in TABLE_VARIABLES)

    @property
    def rollups_table(self) -> str:
        return self.environment["ROLLUPS_TABLE"]

    def is_traced(self, function: str = API_HANDLER) -> bool:
        """Whether config.json turns X-Ray on for a function, in Chalice's order of
        precedence."""
        own = self.config["stages"][self.name]
        nearest = own.get("lambda_functions", {}).get(function, {})
        levels = (nearest, own, self.config)
        return next((bool(level["xray"]) for level in levels if "xray" in level), False)

    @property
    def visitor_key_parameter(self) -> str:
        return gateway_settings.visitor_key_parameter(self.name)

    @property
    def functions(self) -> tuple[str, ...]:
        """Lambda's names of the functions: the API's, the one that collects, the one that
        scans, then the scheduled ones."""
        return (
            self.api_function,
            self.collect_function,
            self.scan_function,
            *self.scheduled_functions,
        )

    @property
    def api_function(self) -> str:
        return gateway_settings.function_name(self.name, API_HANDLER)

    @property
    def collect_function(self) -> str:
        return gateway_settings.function_name(self.name, COLLECT)

    @property
    def scan_function(self) -> str:
        return gateway_settings.function_name(self.name, SCAN)

    @property
    def scheduled_functions(self) -> tuple[str, ...]:
        named = self.config["stages"][self.name].get("lambda_functions", {})
        scheduled = sorted({*named, gateway_settings.JOB} - {API_HANDLER, COLLECT, SCAN})
        return tuple(gateway_settings.function_name(self.name, one) for one in scheduled)

    @property
    def reserved_concurrency(self) -> dict[str, int]:
        """Reserved concurrency by function. config.json can set it for a function, for the
        stage or for all stages."""
        own = self.config["stages"][self.name]
        reserved = {}
        for function in (API_HANDLER, COLLECT, SCAN, gateway_settings.JOB):
            for part in (own.get("lambda_functions", {}).get(function, {}), own, self.config):
                if "reserved_concurrency" in part:
                    name = gateway_settings.function_name(self.name, function)
                    reserved[name] = part["reserved_concurrency"]
                    break
        return reserved

    @property
    def roles(self) -> tuple[str, ...]:
        """Chalice's names of the roles: one for each function."""
        return (f"{self.api_function}-{API_HANDLER}", *self.functions[1:])

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(f"{name}-event" for name in self.scheduled_functions)

    @property
    def log_groups(self) -> tuple[str, ...]:
        return tuple(f"/aws/lambda/{name}" for name in self.functions)

    @property
    def stack_prefix(self) -> str:
        """The prefix of the names of all the stage's stacks."""
        return f"{gateway_settings.APP}-{self.name}-"

    @property
    def single_stack(self) -> str:
        """The stack of a stage that a pipeline deploys, with app and resources."""
        return f"{gateway_settings.APP}-{self.name}"

    @property
    def resources_stack(self) -> str:
        return f"{self.stack_prefix}resources"

    @property
    def api_stage(self) -> str:
        """The first segment of every path of the deployed API."""
        own = self.config["stages"][self.name]
        return str(own.get("api_gateway_stage", self.config.get("api_gateway_stage", "api")))


@dataclass(frozen=True, slots=True)
class ConnectedStage:
    settings: Settings
    tables: Tables


def read_stage(name: str, project: Path = ROOT) -> Stage:
    """Raise CommandError if config.json has no such stage."""
    config = json.loads((project / ".chalice" / "config.json").read_text(encoding="utf-8"))
    stages = config.get("stages", {})
    if name not in stages or not _NAME.fullmatch(name):
        raise CommandError(
            f"There is no stage {name!r} in .chalice/config.json, only "
            f"{' and '.join(sorted(stages))}. docs/how-to/deploy.md describes how to add one."
        )
    environment = {
        **config.get("environment_variables", {}),
        **stages[name].get("environment_variables", {}),
    }
    missing = [variable for variable in TABLE_VARIABLES if not environment.get(variable)]
    if missing:
        raise CommandError(f"Stage {name} has no {missing[0]} in .chalice/config.json.")
    return Stage(name, config, environment)


def deployed_environment(
    stage: Stage, stored: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables of the functions: those of config.json, and `stored`, which are
    stored in the account. They have the name of the visitor key's parameter, not the key."""
    own = {name: text for name, text in stage.environment.items() if name != "VISITOR_KEY"}
    return {**own, **(stored or {}), "VISITOR_KEY_PARAMETER": stage.visitor_key_parameter}


def settings_of(stage: Stage, stored: Mapping[str, str] | None = None) -> Settings:
    """Return the settings as the functions will read them. Raise CommandError if one is
    invalid."""
    try:
        return Settings.from_environment(deployed_environment(stage, stored))
    except InvalidSettings as error:
        raise CommandError(f"Stage {stage.name} in .chalice/config.json: {error}") from None


def connect_stage(stage: Stage, account: Account) -> ConnectedStage:
    """Open the stage's tables. The visitor key is read when it is needed."""
    settings = settings_of(stage)
    tables = connect(settings, account.client("dynamodb"), lambda: account.client("ssm"))
    return ConnectedStage(settings, tables)
