"""Make the figures of a period again, from the events and sessions that are stored.

    python -m operate.data.rebuild --stage prod --site example.com --from 2026-11-01
        --to 2026-11-20

After a change of REPORT_TIMEZONE, of the rules for sources or devices, or where `make recount`
names a difference. Run again, it changes nothing; broken off, it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from operate.console import counted, run, say
from operate.data.day_options import asked, opened
from operate.data.rebuilding import Rebuild


def main(arguments: Sequence[str]) -> None:
    for sources, days in opened(asked("rebuild", __doc__, arguments)):
        changed = Rebuild(sources, *days, now=time.time_ns() // 1_000_000).run(say)
        say(
            f"{sources.site}: {counted(len(changed), 'day')} of {days[0]} to {days[1]} changed."
        )


if __name__ == "__main__":
    run(main)
