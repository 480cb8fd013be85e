"""What a model folder must hold to be one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from doitkit.core.errors import DoitkitError, ModelError

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


@contextmanager
def loading(path: str | Path) -> Iterator[None]:
    """Say in one error whatever goes wrong while a model or tokenizer is loaded.

    The libraries beneath raise errors of many kinds, a bare `Exception` among them.
    """
    try:
        yield
    except DoitkitError:
        raise
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise ModelError(
            "the model cannot be loaded",
            where=path,
            why=f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__,
            next_step="check that the folder holds a causal language model saved by transformers"
            if Path(path).is_dir()
            else "check the hub id and the network, or name a local folder",
        ) from error


def require_fit(tokenizer: Any, model: Any) -> None:
    """Raise a `ModelError` if `tokenizer` has tokens for which `model` has no embedding."""
    known = model.get_input_embeddings().num_embeddings
    if len(tokenizer) > known:
        raise ModelError(
            "the tokenizer is of another model",
            where=tokenizer.name_or_path,
            why=f"it has {len(tokenizer):,} tokens, the model knows {known:,}",
            next_step="put the model's own tokenizer into the folder",
        )


def completed_tokenizer(tokenizer: Any) -> Any:
    """Return `tokenizer` with the chat template and padding token that it may lack.

    Generating, training and scoring must agree on both, so all take them from here.

    Raises
    ------
    ModelError
        If it has no token that ends a text: nothing could be told to stop.
    """
    if tokenizer.eos_token is None:
        raise ModelError(
            "the tokenizer has no end-of-text token",
            where=tokenizer.name_or_path,
            next_step="set `eos_token` in its tokenizer_config.json",
        )
    if tokenizer.chat_template is None:
        tokenizer.chat_template = opening(tokenizer) + PLAIN_TEMPLATE
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def opening(tokenizer: Any) -> str:
    """Return the token that the tokenizer itself puts before a text, or nothing.

    Texts are always tokenised without it, since chat templates bring their own.
    """
    bos = tokenizer.bos_token
    begins = bos is not None and tokenizer("").input_ids[:1] == [tokenizer.bos_token_id]
    return str(bos) if begins else ""


def rendered(tokenizer: Any, messages: Sequence[Mapping[str, str]], *, prompt: bool) -> str:
    """Return a chat as one text; with `prompt`, up to where the assistant is to answer.

    Raises
    ------
    ModelError
        If the chat template refuses the chat, as some do with system messages.
    """
    from jinja2 import TemplateError

    try:
        return str(
            tokenizer.apply_chat_template(
                [dict(message) for message in messages],
                tokenize=False,
                add_generation_prompt=prompt,
            )
        )
    except TemplateError as error:
        raise ModelError(
            "the chat template of the model refuses a chat",
            where=f"{tokenizer.name_or_path}: {', '.join(m['role'] for m in messages)}",
            why=str(error),
            next_step="leave such rows out with `where`, or use a model that takes them",
        ) from error


def end_marks(tokenizer: Any) -> list[str]:
    """Return the tokens that end an answer: the chat template's own, and that of any text."""
    chat = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    tail = rendered(tokenizer, chat, prompt=False).rpartition("A")[2]
    special = tokenizer.added_tokens_decoder
    ids = tokenizer(tail, add_special_tokens=False).input_ids
    marks = [special[token].content for token in ids if token in special][:1]
    return list(dict.fromkeys([*marks, tokenizer.eos_token]))
