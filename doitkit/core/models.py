"""What a model folder must hold to be one."""

from pathlib import Path

from doitkit.core.errors import ModelError

MODEL_FILES = (".safetensors", ".json", ".jinja", ".model")
"""Endings of the files that decide what a model does."""


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
