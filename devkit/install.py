"""Make the virtual environment, install the pinned packages, build the browser's files.

    python3 devkit/install.py

The one file here that the system's own Python runs, so the standard library is all it has, and
an older Python must be able to read it far enough to say that it is too old. What is already
there is left alone: a second run takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
INSTALLED = VENV / "installed"  # what was installed: a hash of the above

OLDEST = (3, 11)


def main() -> None:
    refuse_old_python()
    if not is_installed():
        install()
    if subprocess.call([str(PYTHON), "-m", "devkit.frontend_build"], cwd=str(ROOT)):
        sys.exit(1)


def refuse_old_python() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"LiveInsight needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and {sys.executable} "
            f"is {sys.version.split()[0]}. Name another one: make run PYTHON=python3.12"
        )


def is_installed() -> bool:
    """Whether the environment works and has what the requirements ask for today."""
    return (
        PYTHON.exists()
        and INSTALLED.exists()
        and INSTALLED.read_text(encoding="utf-8") == fingerprint()
    )


def fingerprint() -> str:
    """Changes with the requirements, with the Python, and when the folder was moved."""
    parts = [path.read_bytes() for path in REQUIREMENTS]
    parts += [sys.version.encode(), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install() -> None:
    say("Installing the packages of requirements-dev.txt into .venv (about a minute, once).")
    INSTALLED.unlink(missing_ok=True)
    try:
        venv.create(VENV, clear=not runs(PYTHON), with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit(
            "This Python cannot make virtual environments. On Debian and Ubuntu: "
            "apt-get install python3-venv"
        )
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*command, "--require-hashes", "-r", str(REQUIREMENTS[-1])]):
        sys.exit("The packages could not be installed; pip says why above.")
    INSTALLED.write_text(fingerprint(), encoding="utf-8")


def runs(python: Path) -> bool:
    """Whether an environment made earlier still has a Python of this version behind it."""
    if not python.exists():
        return False
    version = subprocess.run(
        [str(python), "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return version.stdout.strip() == sys.version.strip()


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    # The packages of the environment are wanted, not those of whoever calls.
    os.environ.pop("PYTHONPATH", None)
    main()
