"""`doitkit backend list`, `install` and `check`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from doitkit.cli.backend import app
from doitkit.core.errors import UsageError
from doitkit.train.axolotl.environment import VERSION, Environment
from doitkit.train.axolotl.fields import axolotl_fields


def test_the_list_says_what_can_train_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOITKIT_BACKENDS", str(tmp_path))
    done = CliRunner().invoke(app, ["list", "--json"])
    assert done.exit_code == 0
    states = {row["backend"]: row["state"] for row in json.loads(done.stdout)}
    assert "in this environment" in states["embedded"]
    assert states["axolotl"] == "not installed: doitkit backend install axolotl"
    assert "not installed" in CliRunner().invoke(app, ["list"]).stdout


def test_what_is_installed_is_shown_and_not_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOITKIT_BACKENDS", str(tmp_path))
    folder = tmp_path / f"axolotl-{VERSION}"
    folder.mkdir()
    mark = {"torch": "2.13.0+cpu", "installer": "pip", "extras": []}
    (folder / "whole.json").write_text(json.dumps(mark))
    done = CliRunner().invoke(app, ["install", "axolotl", "--with", "pip", "--cpu", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "folder": str(folder),
        "torch": "2.13.0+cpu",
        "installed with": "pip",
        "extras": "none",
    }


def test_there_is_nothing_to_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOITKIT_BACKENDS", str(tmp_path))
    done = CliRunner().invoke(app, ["check", "axolotl", "--quiet"])
    assert isinstance(done.exception, UsageError)
    assert "not installed" in done.exception.what


def test_only_what_has_an_environment_is_installed() -> None:
    done = CliRunner().invoke(app, ["install", "embedded"])
    assert done.exit_code == 2


@pytest.mark.slow
def test_the_installed_version_is_the_one_that_is_known(installed: Environment) -> None:
    done = CliRunner().invoke(app, ["check", "axolotl", "--quiet"])
    assert done.exit_code == 0
    assert installed.torch in done.stdout
    assert f"{len(axolotl_fields().keys)} keys" in done.stdout
