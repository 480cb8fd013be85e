"""For Axolotl: messages, each with a mark whether it is trained, and a configuration."""

from typing import Any

import yaml

from doitkit.train.export.target import DATA_FILE, Messages, Settings, Target

_CONFIG = "axolotl.yaml"
_OVERFLOW = {"drop": "drop", "truncate": "truncate", "error": "raise"}
_BF16: dict[str, str | bool] = {"auto": "auto", "bfloat16": True, "float32": False}

_USE = f"""\
In this folder:

    axolotl train {_CONFIG}

Every turn of the assistant is trained, and no other: `train` in {DATA_FILE} says so of each
message. Rows are put into the model's own chat template. If that ends a turn with another token
than the tokenizer's end of text, name it in {_CONFIG}: `eot_tokens: ["..."]`.
"""


def _row(messages: Messages) -> dict[str, Any]:
    return {
        "messages": [
            {
                "role": message["role"],
                "content": message["content"],
                "train": message["role"] == "assistant",
            }
            for message in messages
        ]
    }


def _files(settings: Settings) -> dict[str, str]:
    return {_CONFIG: yaml.safe_dump(_config(settings), sort_keys=False, allow_unicode=True)}


def _config(settings: Settings) -> dict[str, Any]:
    training = settings.training
    config: dict[str, Any] = {
        "base_model": settings.base_model,
        "datasets": [
            {
                "path": DATA_FILE,
                "ds_type": "json",
                "type": "chat_template",
                "field_messages": "messages",
                "message_property_mappings": {"role": "role", "content": "content"},
                "message_field_training": "train",
                "roles_to_train": ["assistant"],
                "train_on_eos": "turn",
            }
        ],
        "chat_template": "tokenizer_default",
        "dataset_prepared_path": "prepared",
        "output_dir": "model",
        "val_set_size": training.validation.fraction if training.validation else 0.0,
        "sequence_len": training.max_length,
        "excess_length_strategy": _OVERFLOW[training.on_overflow],
        "sample_packing": training.packing,
        "micro_batch_size": settings.micro_batch_size,
        "gradient_accumulation_steps": settings.passes,
        "optimizer": "adamw_torch",
        "learning_rate": training.learning_rate,
        "lr_scheduler": settings.schedule,
        "warmup_ratio": training.warmup_fraction,
        "weight_decay": training.weight_decay,
        "gradient_checkpointing": training.gradient_checkpointing,
        "bf16": _BF16[training.dtype],
    }
    if training.max_steps is not None:
        config["max_steps"] = training.max_steps
    else:
        config["num_epochs"] = training.epochs or training.default_epochs
    if training.adapters:
        config |= _adapters(settings)
    return config | (training.options if training.backend == "axolotl" else {})


def _adapters(settings: Settings) -> dict[str, Any]:
    lora = settings.training.lora
    adapters: dict[str, Any] = {
        "adapter": settings.training.method,
        "lora_r": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
    }
    if lora.target_modules == "all-linear":
        adapters["lora_target_linear"] = True
    else:
        adapters["lora_target_modules"] = lora.target_modules
    if settings.training.method == "qlora":
        adapters["load_in_4bit"] = True
    return adapters


AXOLOTL = Target("Axolotl", _row, _files, _USE)
