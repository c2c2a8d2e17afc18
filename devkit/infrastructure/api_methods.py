"""The methods of the API as Chalice creates them: each route, and OPTIONS of each path."""

from __future__ import annotations

import app

_ROUTES = {path: set(methods) for path, methods in app.app.routes.items()}
METHODS = {(verb, path) for path, verbs in _ROUTES.items() for verb in {*verbs, "OPTIONS"}}
