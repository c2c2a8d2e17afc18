"""The package is for Lambda's Python and processor, not for those of this machine. The wheels
are created for the test: pip finds them in a folder and uses no index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree, ignore_patterns
from types import SimpleNamespace

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from cfnlint.data import AdditionalSpecs
from chalice.config import Config

from devkit.project_paths import ROOT
from operate.build.bundle import add_packages
from operate.build.runtime import DEPRECATED_ON, RUNTIME, this_python
from operate.deploy import preflight
from operate.deploy.package import package
from operate.errors import CommandError
from tests.packaging import app_without_packages

TAGS = [
    "cp311-cp311-manylinux2014_aarch64",
    "cp311-cp311-manylinux2014_x86_64",
    "cp313-cp313-manylinux2014_x86_64",
    "cp313-cp313-manylinux_2_28_aarch64",
    "cp313-cp313-manylinux_2_39_aarch64",  # newer than the system of Lambda
    "cp314-cp314-manylinux2014_aarch64",
]


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for pip, with a compiled package for several Pythons and a pure one."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for tag in TAGS:
        _wheel(folder, "fast", tag, {"fast/__init__.py": "", "fast/built_for.txt": tag})
    _wheel(
        folder,
        "pure",
        "py3-none-any",
        {
            "pure/__init__.py": "",
            "pure/tests/test_pure.py": "",
            "pure-1.0.dist-info/licenses/LICENSE": "free",
        },
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _wheel(folder: Path, name: str, tag: str, files: dict[str, str]) -> None:
    info = f"{name}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as wheel:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            wheel.writestr(path, text)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = app_without_packages(tmp_path / "project")
    (folder / "requirements.txt").write_text("fast==1.0\npure==1.0  # both\n", "utf-8")
    return folder


def test_packages_match_the_lambda_runtime(wheels: Path, project: Path, tmp_path: Path):
    add_packages(project, tmp_path / "cache")

    built_for = (project / "vendor" / "fast" / "built_for.txt").read_text("utf-8")
    assert built_for == "cp313-cp313-manylinux_2_28_aarch64"


def test_zip_omits_files_that_no_function_reads(wheels: Path, project: Path, tmp_path: Path):
    add_packages(project, tmp_path / "cache")

    vendor = project / "vendor"
    results = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    assert results == {
        "fast/__init__.py",
        "fast/built_for.txt",
        "pure/__init__.py",
        "pure-1.0.dist-info/licenses/LICENSE",
    }


def test_zip_and_template_target_the_runtime(wheels: Path, project: Path, tmp_path: Path):
    """Run `make package` as a whole; Chalice has no packages left to choose."""
    package(project, "prod", tmp_path / "out")

    with zipfile.ZipFile(tmp_path / "out" / "deployment.zip") as packed:
        assert packed.read("fast/built_for.txt") == b"cp313-cp313-manylinux_2_28_aarch64"
        assert {"app.py", "pure/__init__.py", "chalicelib/settings.py"} <= {*packed.namelist()}
    resources = json.loads((tmp_path / "out" / "sam.json").read_text("utf-8"))["Resources"]
    runtimes = [
        one["Properties"]["Runtime"]
        for one in resources.values()
        if one["Type"] == "AWS::Serverless::Function"
    ]
    assert runtimes == ["python3.13"] * 4


def test_packages_are_installed_once(
    wheels: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    text = (project / "requirements.txt").read_text("utf-8")
    add_packages(project, tmp_path / "cache")
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    (project / "requirements.txt").write_text(text, "utf-8")

    add_packages(project, tmp_path / "cache")

    assert (project / "vendor" / "fast" / "built_for.txt").exists()


def test_package_without_a_wheel_for_the_runtime_stops_the_build(
    wheels: Path, project: Path, tmp_path: Path
):
    for path in wheels.glob("fast-*cp313*"):
        path.unlink()

    with pytest.raises(CommandError, match=r"could not be installed for python3\.13 on arm64"):
        add_packages(project, tmp_path / "cache")

    assert not list((tmp_path / "cache").glob("????????????????"))


def test_lambda_supports_the_runtime_and_its_dates_match_aws():
    model = ServiceModel(Loader().load_service_model("lambda", "service-2"))
    path = Path(AdditionalSpecs.__path__[0]) / "LmbdRuntimeLifecycle.json"
    known = json.loads(path.read_text("utf-8"))

    assert RUNTIME in model.shape_for("Runtime").enum
    for runtime, day in DEPRECATED_ON.items():
        assert known[runtime]["deprecated"] == day.isoformat()


def test_plain_chalice_deploys_the_python_that_runs_it():
    """Otherwise operate/build/chalice_command.py would be unnecessary."""
    assert Config().lambda_python_version == this_python()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ((3, 11), "python3.11, which Lambda deprecates on 30 June 2027"),
        ((3, 12), "python3.12, which Lambda deprecates on 31 October 2028"),
        ((3, 15), "python3.15. make deploy"),
    ],
)
def test_manual_deployment_with_another_python_prints_a_warning(
    version: tuple[int, int], told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("operate.build.runtime.sys", SimpleNamespace(version_info=version))

    note = preflight.by_hand_note() or ""

    assert told in note
    assert "make build PYTHON=python3.13" in note


def test_manual_deployment_with_the_runtime_python_prints_no_warning(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("operate.build.runtime.sys", SimpleNamespace(version_info=(3, 13)))

    assert preflight.by_hand_note() is None


def without_system_zones(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONTZPATH": "", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_do_not_need_system_time_zones():
    done = without_system_zones("import chalicelib.settings", ROOT)

    assert done.returncode == 0, done.stderr
    assert "tzdata==" in (ROOT / "requirements.txt").read_text("utf-8")


def test_packaged_time_zones_are_read_as_files(tmp_path: Path):
    """As in Lambda, where they are next to chalicelib. Importing the tzdata package takes
    longer."""
    spec = find_spec("tzdata")
    assert spec
    assert spec.origin
    copytree(ROOT / "chalicelib", tmp_path / "chalicelib", ignore=ignore_patterns("static"))
    (tmp_path / "tzdata").symlink_to(Path(spec.origin).parent)
    program = """
import sys
from zoneinfo import ZoneInfo
from chalicelib.settings import UTC
assert UTC.key == "UTC" and ZoneInfo("Asia/Seoul").key == "Asia/Seoul"
assert "tzdata" not in sys.modules, "read as a package"
"""

    done = without_system_zones(program, tmp_path)

    assert done.returncode == 0, done.stderr
