"""How the demo's base model was made: a tiny Llama that knows letters, digits and counting.

    python -m doitkit.demo.pretrain OUT

About twelve minutes on two cores. It learns sixteen primitive skills (repeat a word, name its
third letter, what comes after 41, 7 plus 5, which of two numbers is larger, ...) from rows made
on the fly, and none of the demo's five abilities. The result ships in `doitkit/demo/base`.
"""

import argparse
import json
import random
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from doitkit.demo.tokenizer import save_tokenizer

STEPS, BATCH, LEARNING_RATE, SEED = 8000, 64, 2e-3, 11
_BUCKET = 4
_HIDDEN, _LAYERS, _HEADS = 128, 4, 4

Row = tuple[str, str]


def primitive(draw: random.Random) -> Row:
    """Return a row of one of the sixteen primitive skills."""
    return draw.choice(_SKILLS)(draw)


def _word(draw: random.Random) -> str:
    """Return letters that alternate between consonants and vowels, or fully random ones."""
    length = draw.randrange(3, 9)
    if draw.random() < 0.5:
        return "".join(draw.choice(string.ascii_lowercase) for _ in range(length))
    kinds = ("bcdfghjklmnpqrstvwxyz", "aeiou")
    start = draw.randrange(2)
    return "".join(draw.choice(kinds[(start + i) % 2]) for i in range(length))


def _about_word(name: str, answer: Callable[[str], str]) -> Callable[[random.Random], Row]:
    def row(draw: random.Random) -> Row:
        word = _word(draw)
        return f"{name} {word}", answer(word)

    return row


def _letter(draw: random.Random) -> Row:
    word = _word(draw)
    at = draw.randrange(len(word))
    return f"Letter {at + 1} of {word}", word[at]


def _letter_from_end(draw: random.Random) -> Row:
    word = _word(draw)
    at = draw.randrange(1, len(word) + 1)
    return f"Letter {at} from the end of {word}", word[-at]


def _contains(draw: random.Random) -> Row:
    word = _word(draw)
    letter = draw.choice(word if draw.random() < 0.5 else string.ascii_lowercase)
    return f"Is {letter} in {word}?", "yes" if letter in word else "no"


def _after(draw: random.Random) -> Row:
    n = draw.randrange(200)
    return f"After {n} comes", str(n + 1)


def _before(draw: random.Random) -> Row:
    n = draw.randrange(1, 200)
    return f"Before {n} comes", str(n - 1)


def _plus(draw: random.Random) -> Row:
    a, b = draw.randrange(10), draw.randrange(10)
    return f"{a} plus {b}", str(a + b)


def _minus(draw: random.Random) -> Row:
    a, b = draw.randrange(19), draw.randrange(10)
    return f"{a} minus {b}", str(a - b)


def _tens_plus(draw: random.Random) -> Row:
    a, b = 10 * draw.randrange(1, 10), 10 * draw.randrange(1, 10)
    return f"{a} plus {b}", str(a + b)


def _digit(draw: random.Random) -> Row:
    n = draw.randrange(10, 100)
    return (f"Tens of {n}", str(n // 10)) if draw.randrange(2) else (f"Ones of {n}", str(n % 10))


def _larger(draw: random.Random) -> Row:
    a, b = draw.randrange(100), draw.randrange(100)
    return f"Larger of {a} and {b}", str(max(a, b))


def _count(draw: random.Random) -> Row:
    n, step = draw.randrange(100), draw.choice((1, -1))
    return f"Count: {n}, {n + step}, {n + 2 * step},", str(n + 3 * step)


_SKILLS: tuple[Callable[[random.Random], Row], ...] = (
    _about_word("Repeat:", lambda word: word),
    _about_word("Spell:", "-".join),
    _about_word("First letter:", lambda word: word[0]),
    _about_word("Last letter:", lambda word: word[-1]),
    _about_word("Length of", lambda word: str(len(word))),
    _letter,
    _letter_from_end,
    _contains,
    _after,
    _before,
    _plus,
    _minus,
    _tens_plus,
    _digit,
    _larger,
    _count,
)


def pretrain(folder: Path, steps: int) -> None:
    """Train the model from random weights and save it, in bfloat16, with what it can do."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from doitkit.train.embedded.fit import Padding
    from doitkit.train.tokens import encode

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = save_tokenizer(folder)
    torch.manual_seed(SEED)
    model: Any = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=_HIDDEN,
            intermediate_size=3 * _HIDDEN,
            num_hidden_layers=_LAYERS,
            num_attention_heads=_HEADS,
            num_key_value_heads=_HEADS,
            max_position_embeddings=256,
            initializer_range=0.05,
            tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.convert_tokens_to_ids("<u>"),
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    draw = random.Random(SEED)
    pad = Padding(tokenizer.pad_token_id)

    def batches() -> Any:
        while True:
            rows = [encode(tokenizer, _chat(primitive(draw))) for _ in range(_BUCKET * BATCH)]
            rows.sort(key=lambda row: len(row.input_ids))
            for index in draw.sample(range(_BUCKET), _BUCKET):
                part = rows[index * BATCH : (index + 1) * BATCH]
                yield pad([(row,) for row in part])

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.01
    )
    start = time.perf_counter()
    for step, batch in zip(range(steps), batches(), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, (step + 1) / 100) * (1 - 0.97 * step / steps)
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 400 == 0:
            passed = time.perf_counter() - start
            print(f"{step + 1}/{steps} {passed:.0f} s, loss {loss.item():.4f}", file=sys.stderr)
    accuracy = _accuracy(model, tokenizer, pad, random.Random(SEED + 1))
    model.to(torch.bfloat16).save_pretrained(folder)
    card = {
        "made_by": "python -m doitkit.demo.pretrain",
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": steps,
        "rows": steps * BATCH,
        "skills": len(_SKILLS),
        "accuracy_on_new_rows": accuracy,
        "license": "Apache-2.0",
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _chat(row: Row) -> list[dict[str, str]]:
    prompt, answer = row
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def _accuracy(model: Any, tokenizer: Any, pad: Any, draw: random.Random) -> float:
    """Return the share of new rows whose whole answer is the likeliest, token by token."""
    import torch

    from doitkit.train.tokens import IGNORED, encode

    rows = [encode(tokenizer, _chat(primitive(draw))) for _ in range(1000)]
    batch = pad([(row,) for row in rows])
    model.eval()
    with torch.inference_mode():
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[
            :, :-1
        ]
    labels = batch["labels"][:, 1:]
    right = (logits.argmax(-1) == labels) | (labels == IGNORED)
    return round(float(right.all(dim=1).float().mean()), 4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    pretrain(options.folder, options.steps)
