"""Delete everything of one user, or of one site.

    python -m operate.data.erase --stage prod --user ID [--site example.com]
    python -m operate.data.erase --stage prod --site example.com --yes example.com

What point-in-time recovery and exports keep is not touched: docs/how-to/manage-data.md has how.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from operate.console import counted, parser, run, say
from operate.data.day_options import all_sites, open_tables_of, sources_of
from operate.data.erasing import Erased, erase_site, erase_user
from operate.errors import Refused


def main(arguments: Sequence[str]) -> None:
    given = parser("data.erase", __doc__)
    given.add_argument("--user", help="a user_id, as the site gave it")
    given.add_argument("--site", help="of all sites where left out with --user")
    given.add_argument("--yes", help="the site again, to erase all of it")
    wanted = given.parse_args(arguments)
    if not wanted.user and not wanted.site:
        raise Refused("Say whom to erase: USER=id, or SITE=host for a whole site.")
    if not wanted.user and wanted.yes != wanted.site:
        raise Refused(
            f"This deletes all that is stored of {wanted.site}, for ever. To do it, say "
            f"YES={wanted.site} too."
        )
    opened = open_tables_of(wanted)
    for site in [wanted.site] if wanted.site else all_sites(opened):
        with sources_of(opened, site) as sources:
            if wanted.user:
                erased = erase_user(sources, wanted.user, now=time.time_ns() // 1_000_000)
            else:
                erased = erase_site(sources)
        say(f"{site}: {_told(erased)}.")


def _told(erased: Erased) -> str:
    parts = [
        counted(erased.events, "event"),
        counted(erased.sessions, "session"),
        f"{counted(erased.rows, 'open session')} deleted",
    ]
    if erased.user_ids:
        parts.append(f"the user_id taken from {counted(erased.user_ids, 'further event')}")
    return ", ".join(parts)


if __name__ == "__main__":
    run(main)
