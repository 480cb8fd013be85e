"""Model folders for tests: real architectures with random weights, small enough to train."""

import json
from pathlib import Path
from typing import Any

from doitkit.demo.tokenizer import save_tokenizer

HIDDEN = 32
CONTEXT = 256


def write_model(folder: Path, *, layers: int = 1, seed: int = 0) -> Path:
    """Write a Llama with random weights and the demo's tokenizer; return its folder."""
    tokenizer = save_tokenizer(folder)
    write_weights(folder, tokenizer, layers=layers, seed=seed)
    return folder


def write_weights(folder: Path, tokenizer: Any, *, layers: int = 1, seed: int = 0) -> None:
    """Write a Llama with random weights that fits `tokenizer`."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        # Far from flat, so that a choice between two texts is never a matter of rounding.
        initializer_range=0.3,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


def byte_tokenizer(
    template: str | None,
    special: list[str],
    *,
    eos: str | None = "</s>",
    bos: str | None = None,
    adds_bos: bool = False,
) -> Any:
    """Return a fast byte-level tokenizer, as most models have, with a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    named = [token for token in (eos, bos) if token is not None]
    marks = list(dict.fromkeys([*special, *named]))
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    # A few merges, so that tokens and characters differ.
    merged = ["th", "in", "an", "\u0120a", "\u0120t", "er"]
    vocabulary = {token: i for i, token in enumerate([*marks, *alphabet, *merged])}
    merges = [(pair[0], pair[1]) for pair in merged]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if adds_bos and bos is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, vocabulary[bos])]
        )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=eos,
        bos_token=bos,
        additional_special_tokens=[mark for mark in marks if mark not in named],
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = template
    return fast


def set_generation_config(folder: Path, **settings: Any) -> None:
    """Change entries of a model folder's generation_config.json."""
    file = folder / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))
