"""What is kept of a training: the model, as every backend leaves it."""

import shutil
from pathlib import Path
from typing import Any

_MODEL_FILES = ("config.json", "model*.safetensors", "model.safetensors.index.json")
_ADAPTER_FILES = ("adapter_config.json", "adapter_model*.safetensors")
_GENERATION = "generation_config.json"


def weights_in(output: Path, *, adapters: bool) -> list[Path]:
    """Return the files of a trained model among all that Axolotl wrote; none if it is not whole."""
    patterns = _ADAPTER_FILES if adapters else _MODEL_FILES
    files = [file for pattern in patterns for file in sorted(output.glob(pattern))]
    return files if any(file.suffix == ".safetensors" for file in files) else []


def keep_model(
    output: Path, folder: Path, tokenizer: Any, base_path: str, *, adapters: bool
) -> None:
    """Take over the weights, and what tells how to load them; the tokenizer is ours."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in weights_in(output, adapters=adapters):
        shutil.copy2(file, folder / file.name)
    generation = None if adapters else _generation_config(base_path)
    if generation is not None:
        shutil.copy2(generation, folder / _GENERATION)
    tokenizer.save_pretrained(folder)


def _generation_config(base_path: str) -> Path | None:
    """Return the base model's own: the one that Axolotl saves makes every model sample."""
    if Path(base_path).is_dir():
        file = Path(base_path) / _GENERATION
        return file if file.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(base_path, _GENERATION)
    return Path(cached) if isinstance(cached, str) else None
