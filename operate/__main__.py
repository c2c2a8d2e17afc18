"""The command line of operators: `python -m operate COMMAND`. The Makefile calls the same
commands: `make deploy EMAIL=you@example.com` is `python -m operate deploy --email ...`."""

from __future__ import annotations

import sys

import click

from operate.commands import access_commands, data_commands, deploy_commands, inspect_commands
from operate.commands.shared_options import PROGRAM

SECTIONS = {
    "Deploy": deploy_commands.COMMANDS,
    "Inspect": inspect_commands.COMMANDS,
    "Data": data_commands.COMMANDS,
    "Access": access_commands.COMMANDS,
}


class Sections(click.Group):
    """Lists its commands by section."""

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            rows = [(one.name or "", one.get_short_help_str(limit=90)) for one in commands]
            with formatter.section(title):
                formatter.write_dl(rows)


cli = Sections(
    commands=[one for commands in SECTIONS.values() for one in commands],
    help=f"""Deploy and operate LiveInsight in your AWS account.

    AWS credentials come from the environment, such as AWS_PROFILE. `{PROGRAM} COMMAND --help`
    describes a command and its options.""",
)


def main() -> None:
    try:
        cli.main(prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit("Interrupted. Run the same command again to resume.")


if __name__ == "__main__":
    main()
