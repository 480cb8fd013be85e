"""What a recipe may say to Axolotl besides: any of its keys that the recipe does not decide."""

from collections.abc import Mapping
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.recipe.training import Training
from doitkit.train.axolotl.fields import require_known

_DECIDED = {
    "train.base_model": ("base_model", "base_model_config", "tokenizer_config"),
    "the mixture": (
        "datasets",
        "test_datasets",
        "pretraining_dataset",
        "streaming",
        "dataset_prepared_path",
        "dataset_exact_deduplication",
        "dataset_shard_idx",
        "dataset_shard_num",
        "push_dataset_to_hub",
        "skip_prepare_dataset",
        "shuffle_merged_datasets",
        "shuffle_before_merging_datasets",
        "curriculum_sampling",
        "group_by_length",
    ),
    "the model's chat template and `train.handover`": (
        "chat_template",
        "chat_template_jinja",
        "chat_template_kwargs",
        "default_system_message",
        "added_tokens_overrides",
        "special_tokens",
        "tokens",
        "eot_tokens",
        "train_on_inputs",
        "tokenizer_use_mistral_common",
    ),
    "train.max_length and train.on_overflow": (
        "sequence_len",
        "eval_sequence_len",
        "excess_length_strategy",
        "min_sample_len",
    ),
    "train.packing": ("sample_packing", "eval_sample_packing"),
    "the seed of the run": ("seed",),
    "train.batch_size and train.micro_batch_size": (
        "batch_size",
        "micro_batch_size",
        "gradient_accumulation_steps",
        "auto_find_batch_size",
    ),
    "train.epochs and train.max_steps": ("num_epochs", "max_steps"),
    "train.learning_rate": ("learning_rate",),
    "train.schedule": ("lr_scheduler",),
    "train.warmup_fraction": ("warmup_steps", "warmup_ratio"),
    "train.weight_decay": ("weight_decay",),
    "train.method": ("adapter", "load_in_4bit", "load_in_8bit", "rl", "reward_model"),
    "train.lora": (
        "lora_r",
        "lora_alpha",
        "lora_dropout",
        "lora_target_modules",
        "lora_target_linear",
    ),
    "train.dtype": ("bf16", "bfloat16", "fp16", "float16", "fp8"),
    "train.gradient_checkpointing": ("gradient_checkpointing",),
    "train.validation": (
        "val_set_size",
        "eval_steps",
        "eval_strategy",
        "evals_per_epoch",
        "early_stopping_patience",
        "load_best_model_at_end",
        "metric_for_best_model",
        "greater_is_better",
    ),
    "train.checkpoint_steps": (
        "save_steps",
        "save_strategy",
        "saves_per_epoch",
        "save_total_limit",
        "save_only_model",
        "auto_resume_from_checkpoints",
        "resume_from_checkpoint",
    ),
    "doitkit, which collects the result": (
        "output_dir",
        "logging_steps",
        "hub_model_id",
        "axolotl_config_path",
    ),
}
_BY = {key: by for by, keys in _DECIDED.items() for key in keys}

_ATTENTION_FLAGS = {
    "flash_attention": "flash_attention_2",
    "flex_attention": "flex_attention",
    "xformers_attention": "xformers",
    "sage_attention": "sage",
    "sdp_attention": "sdpa",
    "eager_attention": "eager",
}
_SEPARATING = ("flash", "flex", "xformers", "sage", "kernels-community/")


def attention(options: Mapping[str, Any]) -> str | None:
    """Return which attention the options ask for, if they ask for any."""
    stated = options.get("attn_implementation")
    flags = (name for flag, name in _ATTENTION_FLAGS.items() if options.get(flag))
    return str(stated) if stated else next(flags, None)


def require_options(training: Training) -> None:
    """Raise unless the options are keys of Axolotl, and contradict nothing in the recipe.

    Raises
    ------
    UsageError
        It names the key, and what decides it.
    """
    require_known(training.options)
    for key in training.options:
        if key in _BY:
            raise UsageError(
                f"`{key}` is decided by {_BY[key]}",
                where=f"train.options.{key}",
                why="with two answers to one question, records would not say what was trained",
                next_step="remove it from `options`",
            )
    asked = attention(training.options)
    if training.packing and not (asked or "").startswith(_SEPARATING):
        raise UsageError(
            "packed rows need an attention that keeps them apart",
            where="train.packing",
            why=f"Axolotl would pack with `{asked or 'sdpa'}`, in which a row may see another",
            next_step="say `options: {attn_implementation: flash_attention_2}`, or "
            "`packing: false`",
        )
