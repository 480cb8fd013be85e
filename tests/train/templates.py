"""Chat formats as their makers describe them, written out as Jinja templates for tests."""

from dataclasses import dataclass

_TURNS = "{% for m in messages %}"
_END = "{% endfor %}"


@dataclass(frozen=True)
class Format:
    """A chat format. `after` ends an answer that a turn follows, `last` the last answer."""

    template: str
    special: tuple[str, ...]
    after: str
    last: str
    before: str = ""
    eos: str = "</s>"
    bos: str | None = None
    system: bool = True


def _prompted(turns: str, prompt: str, otherwise: str = "") -> str:
    closing = f"{{% else %}}{otherwise}" if otherwise else ""
    return f"{turns}{{% if add_generation_prompt %}}{prompt}{closing}{{% endif %}}"


FORMATS: dict[str, Format] = {
    "chatml": Format(
        _prompted(
            _TURNS
            + r"{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}"
            + _END,
            r"{{ '<|im_start|>assistant\n' }}",
        ),
        ("<|im_start|>", "<|im_end|>"),
        after="<|im_end|>",
        last="<|im_end|>",
        eos="<|im_end|>",
    ),
    "llama-2": Format(
        "{% if messages[0]['role'] == 'system' %}"
        r"{% set told = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}"
        "{% set turns = messages[1:] %}"
        "{% else %}{% set told = '' %}{% set turns = messages %}{% endif %}"
        "{% for m in turns %}{% if m['role'] == 'user' %}"
        "{{ bos_token + '[INST] ' + (told if loop.first else '') + m['content'] + ' [/INST]' }}"
        "{% else %}{{ ' ' + m['content'] + ' ' + eos_token }}{% endif %}{% endfor %}",
        (),
        before=" ",
        after=" </s>",
        last=" </s>",
        bos="<s>",
    ),
    "llama-3": Format(
        _prompted(
            "{{ bos_token }}"
            + _TURNS
            + r"{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' }}"
            "{{ m['content'] | trim + '<|eot_id|>' }}" + _END,
            r"{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}",
        ),
        ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        after="<|eot_id|>",
        last="<|eot_id|>",
        eos="<|end_of_text|>",
        bos="<|begin_of_text|>",
    ),
    "zephyr": Format(
        _prompted(
            _TURNS + r"{{ '<|' + m['role'] + '|>\n' + m['content'] + eos_token + '\n' }}" + _END,
            r"{{ '<|assistant|>\n' }}",
        ),
        (),
        after="</s>",
        last="</s>",
    ),
    "gemma": Format(
        _prompted(
            "{{ bos_token }}" + _TURNS + "{% if m['role'] == 'system' %}"
            "{{ raise_exception('System role not supported') }}{% endif %}"
            "{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
            r"{{ '<start_of_turn>' + role + '\n' + m['content'] | trim + '<end_of_turn>\n' }}"
            + _END,
            r"{{ '<start_of_turn>model\n' }}",
        ),
        ("<start_of_turn>", "<end_of_turn>"),
        after="<end_of_turn>",
        last="<end_of_turn>",
        eos="<eos>",
        bos="<bos>",
        system=False,
    ),
    "phi-3": Format(
        _prompted(
            _TURNS + r"{{ '<|' + m['role'] + '|>\n' + m['content'] + '<|end|>\n' }}" + _END,
            r"{{ '<|assistant|>\n' }}",
            "{{ eos_token }}",
        ),
        ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
        after="<|end|>\n",
        last="<|end|>\n<|endoftext|>",
        eos="<|endoftext|>",
    ),
}

FORGETFUL = (
    "{% for m in messages %}"
    "{% if m['role'] == 'user' %}{{ 'Q: ' + m['content'] + '\n' }}"
    "{% elif loop.last %}{{ 'A: <think></think>' + m['content'] + eos_token }}"
    "{% else %}{{ 'A: ' + m['content'] + eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'A: ' }}{% endif %}"
)
"""Drops the thoughts of earlier turns, as formats of reasoning models do."""

NUMBERED = (
    "{{ 'A chat of ' + (messages | length | string) + ' messages\n' }}"
    "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)
"""Rewrites the very beginning when a turn is added."""
