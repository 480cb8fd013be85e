"""What becomes of a recipe's `train:` block in Axolotl's configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from doitkit.recipe.training import Training
from doitkit.train.axolotl.config import Task, axolotl_config, write_config
from doitkit.train.axolotl.data import Handed
from doitkit.train.axolotl.fields import axolotl_fields
from doitkit.train.axolotl.launch import first_micro

pytestmark = pytest.mark.usefixtures("unseen_gpus")


def training(**declared: Any) -> Training:
    settings = {"base_model": "m", "device": "cpu", "dtype": "float32", **declared}
    return Training.model_validate(settings)


def config(end_mark: str | None = None, held_out: int = 0, **declared: Any) -> dict[str, Any]:
    asked = training(**declared)
    return axolotl_config(
        Task(
            training=asked,
            base_path="/models/base",
            data=Handed(Path("/job/axolotl/0123"), 30, held_out, end_mark),
            folder=Path("/job/axolotl"),
            seed=5,
            steps=None if asked.packing else 40,
            epochs=2.0,
            micro=first_micro(asked),
            threads=3,
        )
    )


EVERYTHING: list[dict[str, Any]] = [
    {},
    {"method": "lora", "lora": {"target_modules": ["q_proj"]}},
    {"method": "qlora", "device": "cuda", "dtype": "bfloat16"},
    {"validation": {"patience": 2}, "held_out": 3},
    {"handover": "messages", "end_mark": "</s>", "held_out": 3},
    {"packing": True, "options": {"flash_attention": True}, "gradient_checkpointing": True},
]


@pytest.mark.parametrize("declared", EVERYTHING)
def test_axolotl_knows_every_key_that_we_write(declared: dict[str, Any]) -> None:
    assert axolotl_fields().unknown(config(**declared)) == []


def test_tokens_lie_at_paths_that_name_their_content_and_nothing_is_cut() -> None:
    found = config(max_length=512)
    (rows,) = found["datasets"]
    assert rows["path"] == "/job/axolotl/0123/train.parquet"
    assert rows["type"] is None
    assert found["dataset_prepared_path"] == "/job/axolotl/prepared"
    assert found["output_dir"] == "/job/axolotl/output"
    assert found["sequence_len"] == 512
    assert found["excess_length_strategy"] == "raise"
    assert found["val_set_size"] == 0
    assert "test_datasets" not in found
    assert "chat_template" not in found


def test_messages_come_with_their_template_and_the_turns_to_train() -> None:
    found = config(handover="messages", end_mark="<|im_end|>", held_out=2)
    for rows in (*found["datasets"], *found["test_datasets"]):
        assert rows["type"] == "chat_template"
        assert rows["message_field_training"] == "train"
        assert rows["roles_to_train"] == []
    assert found["chat_template_jinja"] == "/job/axolotl/0123/template.jinja"
    assert found["eot_tokens"] == ["<|im_end|>"]


def test_the_schedule_is_stated_in_steps() -> None:
    found = config(batch_size=16, micro_batch_size=4, schedule="cosine", warmup_fraction=0.1)
    assert found["micro_batch_size"] * found["gradient_accumulation_steps"] == 16
    assert (found["max_steps"], found["warmup_steps"]) == (40, 4)
    assert (found["lr_scheduler"], found["seed"], found["logging_steps"]) == ("cosine", 5, 1)


def test_packed_rows_are_counted_by_axolotl() -> None:
    found = config(packing=True, options={"attn_implementation": "flash_attention_2"})
    assert found["sample_packing"] is True
    assert "max_steps" not in found
    assert found["num_epochs"] == 2.0
    assert "warmup_ratio" in found
    assert found["attn_implementation"] == "flash_attention_2"


def test_a_cpu_has_no_triton_and_no_short_numbers() -> None:
    found = config(method="lora")
    kernels = [key for key in found if key.startswith("lora_") and key.endswith("_kernel")]
    assert len(kernels) == 4
    assert not any(found[key] for key in [*kernels, "bf16", "fp16", "tf32"])
    assert found["attn_implementation"] == "sdpa"


def test_a_gpu_keeps_axolotls_own_kernels() -> None:
    found = config(method="qlora", device="cuda", dtype="bfloat16")
    assert not any(key.endswith("_kernel") for key in found)
    assert found["bf16"] is True
    assert (found["adapter"], found["load_in_4bit"]) == ("qlora", True)


def test_the_best_step_can_only_be_kept_where_every_measured_one_is_saved() -> None:
    best = config(validation={"every_steps": 7, "patience": 2}, held_out=3, checkpoint_steps=100)
    assert best["save_steps"] == best["eval_steps"] == 7
    assert best["load_best_model_at_end"] is True
    assert best["early_stopping_patience"] == 2
    last = config(validation={"every_steps": 7, "keep": "last"}, held_out=3, checkpoint_steps=100)
    assert last["save_steps"] == 100
    assert last["load_best_model_at_end"] is False


def test_options_come_last_and_files_are_named_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zero3.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    found = config(options={"optimizer": "adamw_8bit", "deepspeed": "zero3.json"})
    assert found["optimizer"] == "adamw_8bit"
    assert found["deepspeed"] == str(tmp_path / "zero3.json")


def test_it_is_written_as_yaml_that_reads_back(tmp_path: Path) -> None:
    task = Task(
        training(learning_rate=2e-5),
        "/models/base",
        Handed(tmp_path / "0123", 30, 0, None),
        tmp_path,
        1,
        3,
        1.0,
        16,
    )
    write_config(task, tmp_path / "config.yml")
    assert yaml.safe_load((tmp_path / "config.yml").read_text()) == axolotl_config(task)
