"""The demo model's tokenizer: one token per printable ASCII character."""

from pathlib import Path
from typing import Any

PAD, USER, ASSISTANT, END, UNKNOWN = "<pad>", "<u>", "<a>", "<e>", "<unk>"
_TEMPLATE = (
    "{% for m in messages %}"
    "{% if m['role'] == 'user' %}{{ '<u>' + m['content'] }}"
    "{% elif m['role'] == 'assistant' %}{{ '<a>' + m['content'] + '<e>' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<a>' }}{% endif %}"
)


def save_tokenizer(folder: Path) -> Any:
    """Write the tokenizer into a model folder, and return it."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    symbols = [PAD, USER, ASSISTANT, END, UNKNOWN, *(chr(code) for code in range(32, 127))]
    vocabulary = {symbol: index for index, symbol in enumerate(symbols)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        additional_special_tokens=[USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = _TEMPLATE
    fast.save_pretrained(folder)
    return fast
