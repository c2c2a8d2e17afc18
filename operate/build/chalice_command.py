"""Chalice's command line, for our runtime instead of the Python that runs it, and with API
Gateway's own responses in the definition of the API.

    python -m operate.build.chalice_command --project-dir FOLDER deploy --stage prod

Chalice has no setting for either. FOLDER must contain the packages for the runtime
(operate/build/bundle.py).
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from chalice.cli import main
from chalice.config import Config
from chalice.deploy.swagger import SwaggerGenerator

from devkit.project_paths import ROOT
from operate.aws.gateway_settings import GATEWAY_RESPONSES, gateway_responses
from operate.build.runtime import RUNTIME


def run_chalice_command(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run it in a separate process, because Chalice imports the app. Return the exit code."""
    command = [sys.executable, "-m", "operate.build.chalice_command", *arguments]
    return subprocess.run(command, cwd=ROOT, env=dict(environment), check=False).returncode


def use_runtime() -> None:
    setattr(Config, "lambda_python_version", property(lambda _: RUNTIME))  # noqa: B010
    # Chalice warns that this is another Python, which is intended.
    warnings.filterwarnings("ignore", message="You are currently running python")


def define_gateway_responses() -> None:
    """Deploy the gateway's responses together with the routes.

    Added afterwards, they need a second deployment, and API Gateway allows one in five seconds.
    Until then, browsers could not read the gateway's errors, which would lack CORS headers.
    """
    generate = SwaggerGenerator.generate_swagger

    def with_responses(self: Any, app: Any, rest_api: Any = None) -> Any:
        definition = generate(self, app, rest_api)
        (origin,) = {
            route.cors.allow_origin
            for methods in app.routes.values()
            for route in methods.values()
            if route.cors
        }
        definition[GATEWAY_RESPONSES] = gateway_responses(origin)
        return definition

    setattr(SwaggerGenerator, "generate_swagger", with_responses)  # noqa: B010


def adapt_chalice() -> None:
    use_runtime()
    define_gateway_responses()


if __name__ == "__main__":
    adapt_chalice()
    sys.exit(main())
