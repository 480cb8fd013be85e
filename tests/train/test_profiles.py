"""Every profile in `backends/` is a `train:` block that works."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from doitkit.core.errors import UsageError
from doitkit.core.resources import shipped_folder
from doitkit.recipe.training import Training
from doitkit.train import open_backend
from doitkit.train.axolotl.backend import example_config
from doitkit.train.axolotl.environment import find_environment
from doitkit.train.axolotl.fields import axolotl_fields
from doitkit.train.axolotl.launch import processes
from doitkit.train.axolotl.options import require_options
from doitkit.train.axolotl.validate import problems_of
from tests.project import load_project

FILES = sorted(Path(shipped_folder("backends")).glob("*.yaml"))
AXOLOTL = [file.stem for file in FILES if file.stem.startswith("axolotl-")]


def training_of(folder: Path, profile: str, **more: Any) -> Training:
    """Load a recipe that names the profile, as a user would."""
    block = {"train": {"base_model": "unused", "profile": profile, **more}}
    folder.mkdir(exist_ok=True)
    loaded = load_project(folder, yaml.safe_dump(block)).train
    assert loaded is not None
    return loaded


def test_the_profiles_are_these() -> None:
    assert [file.stem for file in FILES] == [
        "axolotl-full-8gpu-fsdp2",
        "axolotl-lora-1gpu",
        "axolotl-qlora-70b",
        "axolotl-ray-multinode",
        "embedded-1gpu",
        "embedded-cpu",
    ]


@pytest.mark.parametrize("profile", [file.stem for file in FILES])
def test_a_recipe_takes_every_key_of_it(profile: str, tmp_path: Path) -> None:
    loaded = training_of(tmp_path / "project", profile)
    (file,) = [file for file in FILES if file.stem == profile]
    given = yaml.safe_load(file.read_text())
    assert loaded.model_dump(mode="json", exclude_unset=True)["backend"] == given["backend"]
    stated = loaded.model_dump(mode="json", include=set(given), exclude_unset=True)
    assert set(stated) == set(given)
    assert file.read_text().startswith("# ")
    open_backend(loaded.backend)


@pytest.mark.parametrize("profile", [file.stem for file in FILES])
def test_keys_of_the_recipe_override_it(profile: str, tmp_path: Path) -> None:
    assert training_of(tmp_path / "project", profile, max_length=96).max_length == 96


@pytest.mark.parametrize("profile", AXOLOTL)
def test_axolotl_knows_every_key_of_it(profile: str, tmp_path: Path) -> None:
    loaded = training_of(tmp_path / "project", profile)
    require_options(loaded)
    assert axolotl_fields().unknown(example_config(loaded, "unused")) == []
    rows = loaded.batch_size / processes(loaded) / (loaded.micro_batch_size or 1)
    assert rows == int(rows)


@pytest.mark.slow
def test_axolotl_itself_accepts_them(tmp_path: Path, tiny_model: Path) -> None:
    environment = find_environment()
    if environment is None:
        pytest.skip("Axolotl is not installed: doitkit backend install axolotl --cpu")
    loaded = [training_of(tmp_path / profile, profile) for profile in AXOLOTL]
    bad = loaded[0].model_copy(update={"options": {"adapter": "lora", "fsdp_version": "two"}})
    configs = [example_config(training, str(tiny_model)) for training in [*loaded, bad]]
    *good, refused = problems_of(configs, environment, assume_gpus=8)
    assert dict(zip(AXOLOTL, good, strict=True)) == {name: [] for name in AXOLOTL}
    assert any("fsdp_version" in problem["key"] for problem in refused)


def test_a_profile_with_a_typo_is_refused(tmp_path: Path) -> None:
    options = {"fsdp_versoin": 2}
    loaded = training_of(tmp_path / "project", "axolotl-lora-1gpu", options=options)
    with pytest.raises(UsageError, match="has no key `fsdp_versoin`"):
        require_options(loaded)
