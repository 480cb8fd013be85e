"""What a model folder must hold to be one."""

from pathlib import Path
from typing import Any

from doitkit.core.errors import ModelError

MODEL_FILES = (".safetensors", ".json", ".jinja", ".model")
"""Endings of the files that decide what a model does."""

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}"
    "{% elif message['role'] == 'user' %}"
    "{{ '### Instruction:\\n' + message['content'] + '\\n\\n### Response:\\n' }}"
    "{% else %}{{ message['content'] + eos_token + '\\n\\n' }}{% endif %}"
    "{% endfor %}"
)
"""The template given to a tokenizer that has none, as base models often do."""


def require_model_folder(folder: Path) -> None:
    """Raise a `ModelError` unless `folder` holds a model's config, weights and tokenizer."""
    if not folder.is_dir():
        raise ModelError(
            "the model folder does not exist",
            where=folder,
            next_step="correct the path (relative to the recipe), or download the model there",
        )
    missing = []
    if not (folder / "config.json").is_file():
        missing.append("config.json")
    if not any(folder.glob("*.safetensors")):
        missing.append("*.safetensors")
    if not (folder / "tokenizer.json").is_file() and not (folder / "tokenizer.model").is_file():
        missing.append("tokenizer.json")
    if missing:
        raise ModelError(
            "this folder is not a Hugging Face model folder",
            where=folder,
            why=f"it lacks {', '.join(missing)}",
            next_step="save the model with `save_pretrained` (weights as safetensors) there",
        )


def completed_tokenizer(tokenizer: Any) -> Any:
    """Return `tokenizer` with the chat template and padding token that it may lack.

    Training and scoring must agree on both, so both take them from here.
    """
    if tokenizer.chat_template is None:
        tokenizer.chat_template = PLAIN_TEMPLATE
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer
