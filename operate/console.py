"""How every command begins and ends: its arguments, its sentences, its refusals."""

from __future__ import annotations

import argparse
import getpass
import socket
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.storage.aws.database import Unavailable
from operate.errors import Refused


def say(sentence: str = "") -> None:
    print(sentence, flush=True)


class Parser(argparse.ArgumentParser):
    """Wrong arguments are a sentence, as everything else that goes wrong."""

    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message[:1].upper()}{message[1:]}. Try {self.prog} --help.")


def bare_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """For a command that needs no stage."""
    return Parser(prog=f"python -m operate.{name}", description=description)


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """With `--stage` and `--region`, which commands on a stage take."""
    made = bare_parser(name, description)
    made.add_argument("--stage", default="prod", help="a stage of .chalice/config.json")
    made.add_argument(
        "--region", help="the region of the stage; needed for its first deployment only"
    )
    return made


def run(main: Callable[[Sequence[str]], None]) -> None:
    """Say in a sentence what went wrong, and end with 1."""
    try:
        main(sys.argv[1:])
    except Refused as refused:
        sys.exit(str(refused))
    except ClientError as error:
        sys.exit(f"AWS refused {error.operation_name}: {error.response['Error']['Message']}")
    except (BotoCoreError, Unavailable) as error:
        sys.exit(f"AWS could not be asked: {error}")
    except KeyboardInterrupt:
        sys.exit("Broken off. The same command, run again, goes on from there.")


def operator() -> str:
    """Who is at work, for whoever else would like to be."""
    try:
        return f"{getpass.getuser()} on {socket.gethostname()}"
    except (KeyError, OSError):
        return socket.gethostname()


def listed(words: Sequence[str]) -> str:
    """a, b and c"""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def counted(number: int, noun: str) -> str:
    """1 event, 2 events"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
