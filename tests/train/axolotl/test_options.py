"""Keys that Axolotl does not know, and keys that the recipe decides, are refused."""

from typing import Any

import pytest

from doitkit.core.errors import UsageError
from doitkit.recipe.training import Training
from doitkit.train.axolotl.fields import axolotl_fields
from doitkit.train.axolotl.options import _DECIDED, require_options


def refused(**declared: Any) -> UsageError:
    with pytest.raises(UsageError) as caught:
        require_options(Training.model_validate({"base_model": "m", **declared}))
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize(
    ("options", "where", "meant"),
    [
        ({"flash_atention": True}, "flash_atention", "flash_attention"),
        ({"optimiser": "adamw_8bit"}, "optimiser", "optimizer"),
        (
            {"fsdp_config": {"reshard_after_foward": True}},
            "fsdp_config.reshard_after_foward",
            "reshard_after_forward",
        ),
        ({"liger_rope": True}, "liger_rope", ""),
    ],
)
def test_a_typo_is_found_with_what_it_meant(
    options: dict[str, Any], where: str, meant: str
) -> None:
    error = refused(options=options)
    assert error.where == f"train.options.{where}"
    assert f"`{meant}`" in str(error.next_step) or not meant


def test_keys_of_a_plugin_are_known_with_that_plugin() -> None:
    options = {"plugins": ["axolotl.integrations.liger.LigerPlugin"], "liger_rope": True}
    require_options(Training.model_validate({"base_model": "m", "options": options}))
    assert refused(options={**options, "liger_rop": True}).where == "train.options.liger_rop"


def test_keys_of_an_unknown_plugin_cannot_be_checked() -> None:
    options = {"plugins": ["mine.Plugin"], "my_key": 1}
    require_options(Training.model_validate({"base_model": "m", "options": options}))


@pytest.mark.parametrize(
    ("key", "by"),
    [
        ("datasets", "the mixture"),
        ("base_model", "train.base_model"),
        ("output_dir", "doitkit"),
        ("sequence_len", "train.max_length"),
        ("seed", "the seed of the run"),
        ("lora_r", "train.lora"),
        ("max_steps", "train.max_steps"),
    ],
)
def test_what_the_recipe_decides_is_decided_there(key: str, by: str) -> None:
    error = refused(options={key: 1})
    assert by in error.what
    assert error.where == f"train.options.{key}"


def test_every_key_that_is_decided_is_one_of_axolotls() -> None:
    keys = [key for keys in _DECIDED.values() for key in keys]
    assert sorted(set(keys) - set(axolotl_fields().keys)) == []
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("options", [{}, {"attn_implementation": "sdpa"}, {"sdp_attention": True}])
def test_packing_needs_an_attention_that_keeps_rows_apart(options: dict[str, Any]) -> None:
    error = refused(packing=True, options=options)
    assert error.where == "train.packing"
    assert "sdpa" in str(error.why)


@pytest.mark.parametrize(
    "options",
    [{"flash_attention": True}, {"attn_implementation": "flash_attention_3"}],
)
def test_packing_with_flash_attention(options: dict[str, Any]) -> None:
    require_options(
        Training.model_validate({"base_model": "m", "packing": True, "options": options})
    )
