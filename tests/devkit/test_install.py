from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from devkit import frontend_build, install

ROOT = Path(__file__).parents[2]


def test_old_python_is_rejected(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))

    with pytest.raises(
        SystemExit, match=r"LiveInsight needs Python 3\.11 or newer, but .* is "
    ):
        install.require_python()


def test_current_python_is_accepted():
    install.require_python()


def test_packages_are_installed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(install, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(install, "INSTALLED", tmp_path / "installed")
    assert not install.is_installed()

    (tmp_path / "installed").write_text(install.fingerprint(), encoding="utf-8")
    assert install.is_installed()


def test_changed_requirements_are_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    requirements = tmp_path / "requirements.txt"
    monkeypatch.setattr(install, "REQUIREMENTS", [requirements])
    requirements.write_text("boto3==1.0", encoding="utf-8")
    before = install.fingerprint()

    requirements.write_text("boto3==1.1", encoding="utf-8")

    assert install.fingerprint() != before


def locked(name: str) -> dict[str, str]:
    """Return the version of each package in a file of `make lock`, all with hashes."""
    entries = re.split(r"^(?=\w)", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert all(re.match(r"[\w.-]+==\S+ .*\\\n", one) and "--hash=" in one for one in entries)
    return {one.split("==")[0]: re.split("==| ", one)[1] for one in entries}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_pinned_and_locked(name: str):
    lines = (ROOT / f"{name}.in").read_text("utf-8").splitlines()
    pins = [line.split("#")[0].strip() for line in lines if re.match(r"\w", line)]
    versions = locked(f"{name}.txt")

    assert pins
    for pin in pins:
        package, _, version = pin.partition("==")
        assert versions[package.lower()] == version


def test_packages_of_the_lambda_are_the_tested_ones():
    carried, installed = locked("requirements.txt"), locked("requirements-dev.txt")

    assert carried.items() <= installed.items()


def test_lambda_package_contains_no_sdk():
    carried = locked("requirements.txt").keys()

    assert not carried & {"boto3", "botocore", "chalice", "moto", "pytest"}


def test_npm_packages_are_pinned_and_name_no_download_address():
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    lock = (ROOT / "package-lock.json").read_text("utf-8")

    assert all(version[0].isdigit() for version in versions)
    assert "integrity" in lock
    assert "resolved" not in lock


@pytest.mark.parametrize("package", ["preact", "uplot"])
def test_bundled_packages_keep_their_licenses(package: str):
    licenses = (frontend_build.STATIC / "licenses.txt").read_text("utf-8")

    assert f"{package}\n\nThe MIT License" in licenses
    assert "Copyright" in licenses


def test_browser_files_are_rebuilt_when_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    commands: list[list[str]] = []
    monkeypatch.setattr(frontend_build, "FRONTEND", tmp_path / "frontend")
    monkeypatch.setattr(frontend_build, "ROOT", tmp_path)
    for name in ("LOCK", "API", "BUILT"):
        monkeypatch.setattr(frontend_build, name, tmp_path / name)
    for path in (
        tmp_path / "LOCK",
        tmp_path / "API",
        tmp_path / "frontend" / "dashboard" / "main.tsx",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(frontend_build, "install_modules", lambda: None)
    monkeypatch.setattr(frontend_build, "run", commands.append)

    frontend_build.build()
    frontend_build.build()
    assert len(commands) == 1

    (tmp_path / "frontend" / "dashboard" / "main.tsx").write_text("changed", "utf-8")
    frontend_build.build()
    assert len(commands) == 2
