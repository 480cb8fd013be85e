"""Answers from a model folder on this machine, through transformers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from doitkit.core.errors import MissingExtraError
from doitkit.core.hashing import digest_folder
from doitkit.core.models import MODEL_FILES, require_model_folder
from doitkit.recipe.data import Generator
from doitkit.synth.provider import Answer, Request


class LocalProvider:
    """A causal language model loaded from a folder; greedy unless a temperature is given."""

    whole_batches = True

    def __init__(self, generator: Generator, folder: Path) -> None:
        require_model_folder(folder)
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise MissingExtraError("a local generator cannot run", extra="train") from error
        self._generator = generator
        self.batch_size = generator.batch_size
        self.identity = {
            "provider": "local",
            "model": digest_folder(folder, MODEL_FILES),
            "max_new_tokens": generator.max_new_tokens,
            "temperature": generator.temperature,
            "batch_size": generator.batch_size,
        }
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, padding_side="left")
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
        self._model.to(self._device).eval()

    def most_usd(self, request: Request) -> float:  # noqa: ARG002
        """A local model costs no money."""  # noqa: D401
        return 0.0

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer the batch in one generation."""
        import torch
        from transformers import GenerationConfig

        prompts = [
            self._tokenizer.apply_chat_template(
                list(request.messages), tokenize=False, add_generation_prompt=True
            )
            for request in requests
        ]
        inputs = self._tokenizer(
            prompts, return_tensors="pt", padding=True, add_special_tokens=False
        ).to(self._device)
        sampling = self._generator.temperature > 0
        config = GenerationConfig(
            max_new_tokens=self._generator.max_new_tokens,
            do_sample=sampling,
            temperature=self._generator.temperature if sampling else None,
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=self._tokenizer.eos_token_id,
        )
        torch.manual_seed(0)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                generation_config=config,
            )
        width = inputs["input_ids"].shape[1]
        lengths = inputs["attention_mask"].sum(dim=1).tolist()
        for index, row in enumerate(output[:, width:].tolist()):
            ended = self._tokenizer.eos_token_id in row
            kept = row[: row.index(self._tokenizer.eos_token_id)] if ended else row
            yield (
                index,
                Answer(
                    text=self._tokenizer.decode(kept, skip_special_tokens=True),
                    finish_reason="stop" if ended else "length",
                    input_tokens=int(lengths[index]),
                    output_tokens=len(kept),
                    usd=0.0,
                ),
            )

    def close(self) -> None:
        """Free the model."""
        self._model = None
