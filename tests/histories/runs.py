"""How many random histories are tested.

`make test` tests the same 500 each time; `make soak` tests others, as many as HISTORIES says. A
failure prints the seed that repeats it:

    HISTORIES=50000 .venv/bin/pytest tests/histories --hypothesis-seed=SEED
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

FILES = 2  # that tell them: each half, on a processor of its own
STEPS = 15  # of a history at the most
USUAL = 500

_asked_for = os.environ.get("HISTORIES")

SETTINGS = settings(
    max_examples=int(_asked_for or USUAL) // FILES,
    stateful_step_count=STEPS,
    derandomize=_asked_for is None,
    database=None,
    deadline=None,
    print_blob=True,
    # Making a failure small takes minutes; SHRINK=1 does.
    phases=(Phase.generate, Phase.shrink) if "SHRINK" in os.environ else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
