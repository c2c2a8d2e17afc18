"""What an operator sees: one structured line a happening, on standard output, for CloudWatch
Logs.

No personal data: no address, no user_id, no URL.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any


def say(what: str, report: Any) -> None:
    """Print the fields of a report (a dataclass) as one line of JSON, `what` first."""
    print(json.dumps({"what": what} | dataclasses.asdict(report), separators=(",", ":")))
