"""For TRL: messages as its SFTTrainer takes them, and a configuration of its command."""

from typing import Any

import yaml

from doitkit.train.export.target import DATA_FILE, Messages, Settings, Target, plain_messages

_CONFIG = "sft.yaml"

_USE = f"""\
In this folder:

    trl sft --config {_CONFIG}

or in Python:

    rows = datasets.load_dataset("json", data_files="{DATA_FILE}", split="train")
    SFTTrainer(model, args=SFTConfig(assistant_only_loss=True), train_dataset=rows)

`assistant_only_loss` trains every turn of the assistant, and no other. It takes a chat template
with {{% generation %}} marks; TRL puts them into the templates that it knows, and refuses others.
Rows longer than `max_length` are cut there, whatever the recipe says of them.
"""


def _row(messages: Messages) -> dict[str, Any]:
    return {"messages": plain_messages(messages)}


def _files(settings: Settings) -> dict[str, str]:
    return {_CONFIG: yaml.safe_dump(_config(settings), sort_keys=False, allow_unicode=True)}


def _config(settings: Settings) -> dict[str, Any]:
    training = settings.training
    config: dict[str, Any] = {
        "model_name_or_path": settings.base_model,
        "datasets": [{"path": "json", "data_files": DATA_FILE, "split": "train"}],
        "assistant_only_loss": True,
        "max_length": training.max_length,
        "packing": training.packing,
        "output_dir": "model",
        "per_device_train_batch_size": settings.micro_batch_size,
        "gradient_accumulation_steps": settings.passes,
        **settings.length,
        "learning_rate": training.learning_rate,
        "lr_scheduler_type": settings.schedule,
        # A number below 1 is a share of the steps.
        "warmup_steps": training.warmup_fraction,
        "weight_decay": training.weight_decay,
        "gradient_checkpointing": training.gradient_checkpointing,
    }
    if training.dtype != "auto":
        config["bf16"] = training.dtype == "bfloat16"
    if training.validation is not None:
        config["test_split_size"] = training.validation.fraction
    if training.adapters:
        modules = training.lora.target_modules
        config |= {
            "use_peft": True,
            "lora_r": training.lora.r,
            "lora_alpha": training.lora.alpha,
            "lora_dropout": training.lora.dropout,
            "lora_target_modules": modules,
        }
    if training.method == "qlora":
        config["load_in_4bit"] = True
    return config


TRL = Target("TRL", _row, _files, _USE)
