"""A stage: what .chalice/config.json says of it, what its parts are called, and its tables.

stage = read_stage("prod")              the files alone
opened = open_stage(stage, account)     its settings as deployed, and its tables
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
_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Stage:
    """`config` is config.json as it is; `environment` is what it gives the functions."""

    name: str
    config: Mapping[str, Any]
    environment: Mapping[str, str]

    @property
    def region(self) -> str | None:
        """None before its first deployment, see operate/aws/region.py."""
        region: str | None = self.config["stages"][self.name].get("region")
        return region

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self.environment[variable] for variable in TABLE_VARIABLES)

    @property
    def rollups_table(self) -> str:
        return self.environment["ROLLUPS_TABLE"]

    def is_traced(self, function: str = API_HANDLER) -> bool:
        """Whether config.json turns X-Ray on for it, as Chalice reads that."""
        own = self.config["stages"][self.name]
        nearest = own.get("lambda_functions", {}).get(function, {})
        levels = (nearest, own, self.config)
        return next((bool(level["xray"]) for level in levels if "xray" in level), False)

    @property
    def visitor_key_parameter(self) -> str:
        return gateway_settings.visitor_key_parameter(self.name)

    @property
    def functions(self) -> tuple[str, ...]:
        """The API's, then those that run by themselves, as Lambda knows them."""
        named = self.config["stages"][self.name].get("lambda_functions", {})
        ours = [API_HANDLER, *sorted({*named, gateway_settings.JOB} - {API_HANDLER})]
        return tuple(gateway_settings.function_name(self.name, function) for function in ours)

    @property
    def reserved_concurrency(self) -> dict[str, int]:
        """By function, as Chalice reads it from config.json: for the function, the stage or
        all."""
        own = self.config["stages"][self.name]
        found = {}
        for function in (API_HANDLER, gateway_settings.JOB):
            for part in (own.get("lambda_functions", {}).get(function, {}), own, self.config):
                if "reserved_concurrency" in part:
                    name = gateway_settings.function_name(self.name, function)
                    found[name] = part["reserved_concurrency"]
                    break
        return found

    @property
    def api_function(self) -> str:
        return self.functions[0]

    @property
    def scheduled_functions(self) -> tuple[str, ...]:
        return self.functions[1:]

    @property
    def roles(self) -> tuple[str, ...]:
        """As Chalice calls them: one for each function."""
        return (f"{self.api_function}-{API_HANDLER}", *self.scheduled_functions)

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(f"{name}-event" for name in self.scheduled_functions)

    @property
    def log_groups(self) -> tuple[str, ...]:
        return tuple(f"/aws/lambda/{name}" for name in self.functions)

    @property
    def stack_prefix(self) -> str:
        """How the names of all its stacks begin."""
        return f"{gateway_settings.APP}-{self.name}-"

    @property
    def single_stack(self) -> str:
        """The stack of a stage that a pipeline deploys: app and resources in one."""
        return f"{gateway_settings.APP}-{self.name}"

    @property
    def resources_stack(self) -> str:
        return f"{self.stack_prefix}resources"

    @property
    def api_stage(self) -> str:
        """The first part of every path of the deployed API."""
        own = self.config["stages"][self.name]
        return str(own.get("api_gateway_stage", self.config.get("api_gateway_stage", "api")))


@dataclass(frozen=True, slots=True)
class ConnectedStage:
    settings: Settings
    tables: Tables


def read_stage(name: str, project: Path = ROOT) -> Stage:
    """Raise Refused where config.json has no such stage."""
    config = json.loads((project / ".chalice" / "config.json").read_text(encoding="utf-8"))
    stages = config.get("stages", {})
    if name not in stages or not _NAME.fullmatch(name):
        raise CommandError(
            f"There is no stage {name!r} in .chalice/config.json; there is "
            f"{' and '.join(sorted(stages))}. docs/how-to/deploy.md says how to add one."
        )
    environment = {
        **config.get("environment_variables", {}),
        **stages[name].get("environment_variables", {}),
    }
    missing = [variable for variable in TABLE_VARIABLES if not environment.get(variable)]
    if missing:
        raise CommandError(f"Stage {name} has no {missing[0]} in .chalice/config.json.")
    return Stage(name, config, environment)


def deployed_environment(stage: Stage, kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that its functions get: those of config.json, and `kept`, which the account
    keeps. The visitor key is never among them, only the name of its parameter."""
    known = {name: text for name, text in stage.environment.items() if name != "VISITOR_KEY"}
    return {**known, **(kept or {}), "VISITOR_KEY_PARAMETER": stage.visitor_key_parameter}


def settings_of(stage: Stage, kept: Mapping[str, str] | None = None) -> Settings:
    """As its functions will read them; raise Refused for the first that is wrong."""
    try:
        return Settings.from_environment(deployed_environment(stage, kept))
    except InvalidSettings as error:
        raise CommandError(f"Stage {stage.name} in .chalice/config.json: {error}") from None


def connect_stage(stage: Stage, account: Account) -> ConnectedStage:
    """Its tables; the key with which its user_ids are hashed is read when it is needed."""
    settings = settings_of(stage)
    tables = connect(settings, account.client("dynamodb"), lambda: account.client("ssm"))
    return ConnectedStage(settings, tables)
