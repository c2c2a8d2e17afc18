"""What an operator sees: one structured line a happening, on standard output, for CloudWatch
Logs, which makes metrics of those in its embedded format.

No personal data: no address, no user_id, no URL.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

NAMESPACE = "LiveInsight"


def say(what: str, report: Any) -> None:
    """Print the fields of a report (a dataclass) as one line of JSON, `what` first."""
    _print({"what": what} | dataclasses.asdict(report))


def count_dropped(reasons: Iterable[str], *, now: int) -> None:
    """A line for each reason why events of a request were not counted; none where all were.
    `now` in ms."""
    for reason, number in sorted(Counter(reasons).items()):
        metric = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Reason"]],
            "Metrics": [{"Name": "EventsDropped", "Unit": "Count"}],
        }
        _print(
            {
                "_aws": {"Timestamp": now, "CloudWatchMetrics": [metric]},
                "Reason": reason,
                "EventsDropped": number,
            }
        )


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line, separators=(",", ":")))
