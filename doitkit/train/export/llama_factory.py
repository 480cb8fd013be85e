"""For LLaMA-Factory: messages, `dataset_info.json` that says what they are, and a configuration."""

import json
from typing import Any

import yaml

from doitkit.train.export.target import DATA_FILE, Messages, Settings, Target, plain_messages

_CONFIG = "train.yaml"
_INFO = "dataset_info.json"

_USE = f"""\
In this folder:

    llamafactory-cli train {_CONFIG}

Every turn of the assistant is trained, and no other. {_CONFIG} names no `template`, so that that of
the model is used; add `template: ...` to choose one of LLaMA-Factory's own. Rows longer than
`cutoff_len` are cut there, whatever the recipe says of them. To use the rows with a configuration
of your own, copy the entry of {_INFO} into yours.
"""


def _row(messages: Messages) -> dict[str, Any]:
    return {"messages": plain_messages(messages)}


def _files(settings: Settings) -> dict[str, str]:
    info = {
        settings.name: {
            "file_name": DATA_FILE,
            "formatting": "sharegpt",
            "columns": {"messages": "messages"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
                "system_tag": "system",
            },
        }
    }
    return {
        _INFO: json.dumps(info, indent=2) + "\n",
        _CONFIG: yaml.safe_dump(_config(settings), sort_keys=False, allow_unicode=True),
    }


def _config(settings: Settings) -> dict[str, Any]:
    training = settings.training
    config: dict[str, Any] = {
        "model_name_or_path": settings.base_model,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora" if training.adapters else "full",
        "dataset": settings.name,
        "dataset_dir": ".",
        "cutoff_len": training.max_length,
        "packing": training.packing,
        "neat_packing": training.packing,
        "mask_history": False,
        "output_dir": "model",
        "per_device_train_batch_size": settings.micro_batch_size,
        "gradient_accumulation_steps": settings.passes,
        **settings.length,
        "learning_rate": training.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "warmup_ratio": training.warmup_fraction,
        "weight_decay": training.weight_decay,
        "disable_gradient_checkpointing": not training.gradient_checkpointing,
        "bf16": training.dtype == "bfloat16",
    }
    if training.validation is not None:
        config["val_size"] = training.validation.fraction
    if training.adapters:
        lora, modules = training.lora, training.lora.target_modules
        config |= {
            "lora_rank": lora.r,
            "lora_alpha": lora.alpha,
            "lora_dropout": lora.dropout,
            "lora_target": "all" if modules == "all-linear" else ",".join(modules),
        }
    if training.method == "qlora":
        config |= {"quantization_bit": 4, "quantization_method": "bnb"}
    return config


LLAMA_FACTORY = Target("LLaMA-Factory", _row, _files, _USE)
