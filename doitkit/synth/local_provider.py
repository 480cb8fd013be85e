"""Answers from a model folder on this machine, through transformers."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from doitkit.core.errors import MissingExtraError, ProviderError
from doitkit.core.hashing import digest_folder
from doitkit.core.models import (
    MODEL_FILES,
    completed_tokenizer,
    end_marks,
    loading,
    rendered,
    require_fit,
    require_model_folder,
)
from doitkit.recipe.data import Generator
from doitkit.synth.provider import Again, Answer, Request


class LocalProvider:
    """A causal language model loaded from a folder; greedy unless a temperature is given."""

    def __init__(self, generator: Generator, folder: Path) -> None:
        require_model_folder(folder)
        self._generator = generator
        self._folder = folder
        self._model: Any = None
        self.batch_size: int | None = generator.batch_size
        self.identity = {
            "provider": "local",
            "model": digest_folder(folder, MODEL_FILES),
            "max_new_tokens": generator.max_new_tokens,
            "temperature": generator.temperature,
            "batch_size": generator.batch_size,
        }

    def open(self) -> None:
        """Load the model."""
        if self._model is not None:
            return
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
            from transformers.utils import logging
        except ImportError as error:
            raise MissingExtraError("a local generator cannot run", extra="train") from error
        logging.disable_progress_bar()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        with loading(self._folder):
            found = AutoTokenizer.from_pretrained(self._folder, padding_side="left")
            model = AutoModelForCausalLM.from_pretrained(self._folder, dtype="auto")
        self._tokenizer: Any = completed_tokenizer(found)
        require_fit(self._tokenizer, model)
        self._model = model.to(self._device).eval()

    def answer(
        self,
        requests: Iterable[Request],
        again: Again,  # noqa: ARG002
    ) -> Iterator[tuple[int, Answer | ProviderError]]:
        """Answer all requests in one generation; none is ever sent twice."""
        import torch
        from transformers import GenerationConfig

        prompts = [rendered(self._tokenizer, r.messages, prompt=True) for r in requests]
        inputs = self._tokenizer(
            prompts, return_tensors="pt", padding=True, add_special_tokens=False
        ).to(self._device)
        ends = self._tokenizer.convert_tokens_to_ids(end_marks(self._tokenizer))
        sampling = self._generator.temperature > 0
        config = GenerationConfig(
            max_new_tokens=self._generator.max_new_tokens,
            do_sample=sampling,
            temperature=self._generator.temperature if sampling else None,
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=ends,
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
            stop = next((at for at, token in enumerate(row) if token in ends), None)
            kept = row[:stop]
            yield (
                index,
                Answer(
                    text=self._tokenizer.decode(kept, skip_special_tokens=True),
                    finish_reason="length" if stop is None else "stop",
                    input_tokens=int(lengths[index]),
                    output_tokens=len(kept),
                    usd=0.0,
                ),
            )

    def close(self) -> None:
        """Free the model."""
        self._model = None
