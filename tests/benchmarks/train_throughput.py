"""Tokens per second of the embedded backend, beside a plain loop of transformers' `Trainer`.

Run by hand: `python tests/benchmarks/train_throughput.py --data DIR [--model FOLDER] [--rounds N]`.
The last line is JSON.

Both train the same model, from the same weights, on the same real rows with the same labels, batch,
dtype, optimiser and number of steps, in turn, round after round; a round begins with the other one
each time. Tokens are those of rows, without padding. The plain loop is what the documentation of
transformers shows: `Trainer` with a collator that pads, in a random order. Loading and encoding
are left out of both. Without `--model`, it is a Llama of 5 million parameters with random weights.
"""

import argparse
import gzip
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    DataCollatorForSeq2Seq,
    LlamaConfig,
    LlamaForCausalLM,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from doitkit.demo.tokenizer import save_tokenizer
from doitkit.recipe.training import Training
from doitkit.train.embedded.fit import fit
from doitkit.train.embedded.model import load_tokenizer, with_adapters
from doitkit.train.tokens import IGNORED, Encoded, encode

BATCH = 16
MICRO = 8
MAX_LENGTH = 512


def rows_of(data: Path, tokenizer: Any, count: int) -> list[Encoded]:
    """Return real rows of gsm8k, encoded as the backend does."""
    file = next((data / "instructions" / "gsm8k").rglob("train.jsonl*"))
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        chats = [json.loads(line) for line in lines][: 2 * count]
    encoded = (
        encode(
            tokenizer,
            [
                {"role": "user", "content": chat["question"]},
                {"role": "assistant", "content": chat["answer"]},
            ],
        )
        for chat in chats
    )
    return [row for row in encoded if row.length <= MAX_LENGTH][:count]


def model_of(folder: Path | None, aside: Path) -> Path:
    """Return the folder of the model that is trained."""
    if folder is not None:
        return folder
    tokenizer = save_tokenizer(aside)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=MAX_LENGTH,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(aside)
    return aside


class Seen(TrainerCallback):
    """Tells when the first step began, so that what a trainer does before is not counted."""

    def on_step_begin(self, _args: Any, state: Any, *_: Any, **__: Any) -> None:
        if state.global_step == 0:
            self.start = time.perf_counter()


def plain(model: Any, rows: Sequence[Encoded], settings: Training, steps: int, pad: Any) -> float:
    """Return the seconds of a plain `Trainer`."""
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                output_dir=folder,
                max_steps=steps,
                per_device_train_batch_size=MICRO,
                gradient_accumulation_steps=BATCH // MICRO,
                learning_rate=settings.learning_rate,
                optim="adamw_torch",
                bf16=settings.dtype == "bfloat16" and settings.method == "full",
                use_cpu=not torch.cuda.is_available(),
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                remove_unused_columns=False,
                seed=1,
            ),
            train_dataset=[
                {
                    "input_ids": row.input_ids,
                    "labels": row.labels,
                    "attention_mask": [1] * len(row.input_ids),
                }
                for row in rows
            ],
            data_collator=DataCollatorForSeq2Seq(pad, label_pad_token_id=IGNORED),
            callbacks=[seen],
        )
        trainer.train()
    return time.perf_counter() - seen.start


def ours(model: Any, rows: Sequence[Encoded], settings: Training, device: str, pad: int) -> float:
    """Return the seconds of the embedded backend's training."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        fit(model, [(row,) for row in rows], settings, 1, Path(folder), device, pad)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--method", choices=["full", "lora"], default="full")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"])
    parser.add_argument("--rows", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = asked.dtype or ("bfloat16" if device == "cuda" else "float32")
    low = dtype == "bfloat16" and asked.method == "lora"
    with tempfile.TemporaryDirectory() as aside:
        folder = model_of(asked.model, Path(aside))
        tokenizer = load_tokenizer(str(folder))
        rows = rows_of(asked.data, tokenizer, asked.rows)
        settings = Training(
            base_model=str(folder),
            method=asked.method,
            epochs=1,
            batch_size=BATCH,
            micro_batch_size=MICRO,
            dtype=dtype,
            max_length=MAX_LENGTH,
            checkpoint_steps=10**6,
        )
        steps = -(-len(rows) // BATCH)
        tokens = sum(len(row.input_ids) for row in rows)
        parameters = AutoModelForCausalLM.from_pretrained(folder).num_parameters()

        def loaded() -> Any:
            set_seed(1)
            model = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.bfloat16 if low else torch.float32
            )
            return with_adapters(model.to(device), settings)

        seconds: dict[str, list[float]] = {"ours": [], "plain": []}
        for turn in range(asked.rounds):
            for name in ("ours", "plain") if turn % 2 == 0 else ("plain", "ours"):
                if name == "ours":
                    took = ours(loaded(), rows, settings, device, tokenizer.pad_token_id)
                else:
                    took = plain(loaded(), rows, settings, steps, tokenizer)
                seconds[name].append(took)
                print(f"round {turn + 1}, {name}: {took:.2f} s, {tokens / took:,.0f} tokens/s")
    pairs = [p / o for o, p in zip(seconds["ours"], seconds["plain"], strict=True)]
    print(
        json.dumps(
            {
                "ratio": round(statistics.median(pairs), 3),
                "device": device if device == "cpu" else torch.cuda.get_device_name(0),
                "tokens_per_s": round(tokens / min(seconds["ours"])),
                "plain_tokens_per_s": round(tokens / min(seconds["plain"])),
                "method": asked.method,
                "dtype": dtype,
                "parameters": parameters,
                "tokens": tokens,
                "rounds": asked.rounds,
            }
        )
    )


if __name__ == "__main__":
    main()
