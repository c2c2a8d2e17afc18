"""Work the sessions of a period out of the stored events again, and name every difference.

    python -m operate.data.recount --stage prod --site example.com --from 2026-11-01
        --to 2026-11-20

Changes nothing. Ends with 1 where there is a difference; `make rebuild` mends it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from operate.console import counted, run, say
from operate.data.day_options import asked, opened
from operate.data.recounting import recount

MOST_NAMED = 200


def main(arguments: Sequence[str]) -> None:
    wanted = asked("recount", __doc__, arguments)
    differences = 0
    for sources, days in opened(wanted, only_with_events=True):
        found = recount(sources, *days)
        for sentence in found.differences[:MOST_NAMED]:
            say(f"{sources.site} {sentence}")
        differences += len(found.differences)
        sessions = counted(found.sessions, "session")
        named = counted(len(found.differences), "difference")
        say(f"{sources.site}: {sessions} from {days[0]} to {days[1]}, {named}.")
    if differences:
        sys.exit(1)


if __name__ == "__main__":
    run(main)
