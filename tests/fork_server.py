"""The process of tests/forked.py: it has imported packages, and forks for each program.

    python tests/fork_server.py SOCKET SERVICE,SERVICE... PACKAGE...

It has also loaded botocore's data of these AWS services, which each program would load again
for its first client. It exits when its standard input ends. It imports nothing of this
repository: each program imports the code that it is given."""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any


def next_program(listener: socket.socket) -> dict[str, Any]:
    """Return in a fork that should run the program. The server itself exits here."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            return _begun(connection)
        connection.close()


def _begun(connection: socket.socket) -> dict[str, Any]:
    """Fork once more: one process waits for the exit code, the other is the program."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    first, streams, _, _ = socket.recv_fds(connection, 65_536, 3)
    text = first
    while part := connection.recv(65_536):
        text += part
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        connection.sendall(str(os.waitstatus_to_exitcode(status) & 255).encode())
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    program: dict[str, Any] = json.loads(text)
    return program


def run(program: dict[str, Any]) -> None:
    """Run a command line as Python does: `-B`, then `-m module`, `-c text` or a file, and
    arguments."""
    os.chdir(program["folder"])
    os.environ.clear()
    os.environ.update(program["environment"])
    sys.executable, *words = program["command"]
    sys.dont_write_bytecode = words[0] == "-B" or "PYTHONDONTWRITEBYTECODE" in os.environ
    words = words[words[0] == "-B" :]
    kind = words.pop(0) if words[0] in ("-m", "-c") else "file"
    name = words[0]
    sys.argv = [{"-c": "-c"}.get(kind, name), *words[1:]]
    sys.path[0] = str(Path(name).resolve().parent) if kind == "file" else program["folder"]
    given = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    sys.path[1:1] = given
    for part in given:
        if (Path(part) / "sitecustomize.py").exists():
            runpy.run_path(str(Path(part) / "sitecustomize.py"))
    if kind == "-m":
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    elif kind == "-c":
        exec(compile(name, "<string>", "exec"), {"__name__": "__main__"})
    else:
        runpy.run_path(name, run_name="__main__")


if __name__ == "__main__":
    path, services, *packages = sys.argv[1:]
    for package in packages:
        importlib.import_module(package)
    # As in tests/conftest.py: what AWS's services take is read once.
    session = importlib.import_module("botocore.session")
    setattr(session, "create_loader", lru_cache(session.create_loader))  # noqa: B010
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    for service in services.split(","):
        session.get_session().create_client(service, "us-east-1", **keys)
    gc.freeze()  # else the end of each fork would look through all of them
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", file=sys.__stdout__, flush=True)
        found = next_program(listening)
    run(found)
