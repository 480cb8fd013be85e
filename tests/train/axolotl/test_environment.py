"""Where the environment lies, when it is whole, and what is said where it is not."""

import json
import os
from pathlib import Path

import pytest

from doitkit.core.errors import DoitkitError, UsageError
from doitkit.train.axolotl import environment
from doitkit.train.axolotl.environment import (
    VERSION,
    Environment,
    environment_folder,
    find_environment,
    install,
    require_environment,
)

NAME = f"axolotl-{VERSION}"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOITKIT_BACKENDS", str(tmp_path / "backends"))
    return tmp_path / "backends" / NAME


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOITKIT_BACKENDS", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert environment_folder() == Path.home() / ".cache" / "doitkit" / "backends" / NAME
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert environment_folder() == tmp_path / "doitkit" / "backends" / NAME
    monkeypatch.setenv("DOITKIT_BACKENDS", "~/mine")
    assert environment_folder() == Path.home() / "mine" / NAME


def test_without_its_mark_it_is_none(elsewhere: Path) -> None:
    (elsewhere / "bin").mkdir(parents=True)
    assert find_environment() is None
    with pytest.raises(UsageError, match="not installed") as caught:
        require_environment()
    assert "doitkit backend install axolotl" in str(caught.value.next_step)


def test_with_its_mark_nothing_is_installed_again(elsewhere: Path) -> None:
    elsewhere.mkdir(parents=True)
    mark = {"torch": "2.13.0+cpu", "installer": "uv", "extras": ["ray"]}
    (elsewhere / "whole.json").write_text(json.dumps(mark))
    found = Environment(elsewhere, "2.13.0+cpu", "uv", ("ray",))
    assert find_environment() == found
    assert install(cpu=True, extras=["ray"]) == found
    assert sorted(elsewhere.iterdir()) == [elsewhere / "whole.json"]


def test_uv_is_asked_for_and_not_there(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(environment, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="no uv here"):
        install("uv")
    assert not elsewhere.exists()


@pytest.mark.slow
def test_an_installation_that_fails_is_told_with_its_log(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No index, and no wheel anywhere: pip finds no torch.
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(DoitkitError, match="cannot be installed") as caught:
        install("pip", cpu=True)
    assert "torch==" in str(caught.value.why)
    assert caught.value.where is not None
    assert "-m pip install torch==" in Path(caught.value.where).read_text()
    assert find_environment() is None
