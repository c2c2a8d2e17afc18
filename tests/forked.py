"""A `python` for programs that tests run in their own processes, without the second that
importing the AWS packages takes: a server has imported them, and forks for each program.
Otherwise it is like a new process: the program imports the code that it is given, and has its
own folder, environment and streams."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SERVER = Path(__file__).with_name("fork_server.py")

_CLIENT = """#!{python} -ISB
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    program = {{
        "command": [{own!r}, *sys.argv[1:]], "folder": os.getcwd(),
        "environment": dict(os.environ),
    }}
    socket.send_fds(server, [b" "], [0, 1, 2])
    server.sendall(json.dumps(program).encode())
    server.shutdown(socket.SHUT_WR)
    code = server.recv(16)
sys.exit(int(code or 255))
"""


@contextmanager
def forked_python(folder: Path, *packages: str, services: Sequence[str]) -> Iterator[Path]:
    """Return a file in `folder` that works as the command `python` until the context ends.
    Programs start with the packages imported and the services' data loaded."""
    path, python = folder / "fork", folder / "python"
    text = _CLIENT.format(python=sys.executable, path=str(path), own=str(python))
    python.write_text(text, "utf-8")
    python.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, str(SERVER), str(path), ",".join(services), *packages],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin
    assert server.stdout
    try:
        assert server.stdout.readline() == "ready\n"
        yield python
    finally:
        server.stdin.close()
        server.wait(60)
        server.stdout.close()
