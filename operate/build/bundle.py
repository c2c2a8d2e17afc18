"""The packages of requirements.txt for Lambda: for our runtime and its processor, not for this
machine. Chalice copies the folder `vendor` of a project into its zip unchanged."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from operate.build.runtime import RUNTIME
from operate.errors import CommandError

# Amazon Linux 2023 has glibc 2.34, which runs wheels for that version and older ones.
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64")
# Files that no function reads: tests, metadata except licenses, the sources of time zones.
UNUSED = (
    "**/tests",
    "bin",
    "*.dist-info/[A-Z]*",
    "*.dist-info/top_level.txt",
    "tzdata/zoneinfo/*.tab",
    "tzdata/zoneinfo/tzdata.zi",
    "tzdata/zoneinfo/leapseconds",
)


def add_packages(project: Path, cache: Path) -> None:
    """Install the packages of the project's requirements.txt into its `vendor`, and empty the
    file, because Chalice would choose packages itself. `cache` keeps what was installed."""
    requirements = project / "requirements.txt"
    text = requirements.read_text(encoding="utf-8")
    if not _names_any(text):
        return
    shutil.copytree(_installed(text, cache), project / "vendor", dirs_exist_ok=True)
    requirements.write_text(f"# In vendor, for {RUNTIME}.\n", encoding="utf-8")


def _installed(requirements: str, cache: Path) -> Path:
    recipe = "\0".join((RUNTIME, *PLATFORMS, *UNUSED, requirements))
    folder = cache / hashlib.sha256(recipe.encode()).hexdigest()[:16]
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _install(requirements, part)
        _prune(part)
        part.rename(folder)
    return folder


def _install(requirements: str, folder: Path) -> None:
    requirements_file = folder.with_suffix(".txt")
    requirements_file.write_text(requirements, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-compile", "--only-binary", ":all:", "--implementation", "cp"),
            *("--python-version", RUNTIME.removeprefix("python")),
            *(word for platform in PLATFORMS for word in ("--platform", platform)),
            *("--target", str(folder), "--requirement", str(requirements_file)),
        ],
        check=False,
    )
    requirements_file.unlink()
    if done.returncode:
        raise CommandError(
            f"The packages of requirements.txt could not be installed for {RUNTIME} on arm64. "
            "pip's reason is above. Each package needs a wheel for this platform or for all."
        )


def _prune(folder: Path) -> None:
    for pattern in UNUSED:
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _names_any(requirements: str) -> bool:
    lines = (line.strip() for line in requirements.splitlines())
    return any(line and not line.startswith("#") for line in lines)
