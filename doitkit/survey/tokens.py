"""How many tokens rows hold, before anything is trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doitkit.core.errors import PlanError
from doitkit.core.hashing import digest_files
from doitkit.core.models import loading
from doitkit.recipe.model import Recipe

_BYTES_PER_TOKEN = 4.0
"""What English text takes with the tokenizers of 2023 to 2026, roughly."""
_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class TokenCounter:
    """Counts tokens of the messages' text, without the marks of a chat template.

    Without a tokenizer, a token is taken for four bytes of UTF-8: `exact` says which it is.
    """

    tokenizer: Any = None
    address: str | None = None
    """The hash of the tokenizer's file."""

    @property
    def exact(self) -> bool:
        """Whether the base model's own tokenizer counts."""
        return self.tokenizer is not None

    def count(self, chats: Iterable[Sequence[Mapping[str, str]]]) -> list[int]:
        """Return the tokens of each chat."""
        held = [[message["content"] for message in chat] for chat in chats]
        if self.tokenizer is None:
            return [
                max(1, round(sum(len(text.encode()) for text in texts) / _BYTES_PER_TOKEN))
                for texts in held
            ]
        flat = [text for texts in held for text in texts]
        encoded = iter(self.tokenizer.encode_batch_fast(flat, add_special_tokens=False))
        return [sum(len(next(encoded).ids) for _ in texts) for texts in held]


def token_counter(recipe: Recipe) -> TokenCounter:
    """Return the counter of a recipe's base model, if its tokenizer lies on this machine.

    Raises
    ------
    ModelError
        If it lies there, but cannot be loaded.
    """
    file = _tokenizer_file(recipe)
    if file is None:
        return TokenCounter()
    from tokenizers import Tokenizer

    with loading(file.parent):
        tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return TokenCounter(tokenizer, digest_files([file]))


def require_tokenizer(recipe: Recipe, counter: TokenCounter) -> TokenCounter:
    """Return `counter` if it counts with the base model's tokenizer, or raise a `PlanError`."""
    if not counter.exact:
        raise PlanError(
            "tokens cannot be counted: there is no tokenizer",
            code="E309",
            where=recipe.place("train", "base_model"),
            why="amounts in `tokens` and prices `per_1k_tokens` are counted with that of the base "
            "model, and its folder, or the Hub's cache, holds no tokenizer.json",
            next_step="download the model, or ask in rows and price rows",
        )
    return counter


def _tokenizer_file(recipe: Recipe) -> Path | None:
    models = recipe.base_models()
    if not models:
        return None
    name = next(iter(models.values()))
    local = recipe.folder / name / _TOKENIZER
    if local.is_file():
        return local
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(name, _TOKENIZER)
    except HFValidationError:
        return None
    return Path(cached) if isinstance(cached, str) else None
