"""Create the virtual environment, install the pinned packages, build the frontend.

    python3 devkit/install.py

The system's own Python runs this file, so it uses the standard library only, and an old Python
must be able to parse it and report that it is too old. A second run skips what is up to date
and takes a fraction of a second.
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
INSTALLED = VENV / "installed"  # a hash of the requirements that were installed

MIN_PYTHON = (3, 11)


def main() -> None:
    require_python()
    if not is_installed():
        install()
    if subprocess.call([str(PYTHON), "-m", "devkit.frontend_build"], cwd=str(ROOT)):
        sys.exit(1)


def require_python() -> None:
    if sys.version_info < MIN_PYTHON:
        sys.exit(
            f"LiveInsight needs Python {MIN_PYTHON[0]}.{MIN_PYTHON[1]} or newer, but "
            f"{sys.executable} is {sys.version.split()[0]}. Choose another one: "
            "make run PYTHON=python3.12"
        )


def is_installed() -> bool:
    """Return whether the environment works and matches the requirements."""
    return (
        PYTHON.exists()
        and INSTALLED.exists()
        and INSTALLED.read_text(encoding="utf-8") == fingerprint()
    )


def fingerprint() -> str:
    """Return a hash that changes with the requirements, the Python and the folder."""
    parts = [path.read_bytes() for path in REQUIREMENTS]
    parts += [sys.version.encode(), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install() -> None:
    echo("Installing the packages of requirements-dev.txt into .venv (about a minute, once).")
    INSTALLED.unlink(missing_ok=True)
    try:
        venv.create(VENV, clear=not is_usable(PYTHON), with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit(
            "This Python cannot create virtual environments. On Debian and Ubuntu: "
            "apt-get install python3-venv"
        )
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*command, "--require-hashes", "-r", str(REQUIREMENTS[-1])]):
        sys.exit("The packages could not be installed; pip says why above.")
    INSTALLED.write_text(fingerprint(), encoding="utf-8")


def is_usable(python: Path) -> bool:
    """Return whether the environment's Python runs and has the version of this one."""
    if not python.exists():
        return False
    version = subprocess.run(
        [str(python), "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return version.stdout.strip() == sys.version.strip()


def echo(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    # The environment must not see the packages of the caller.
    os.environ.pop("PYTHONPATH", None)
    main()
