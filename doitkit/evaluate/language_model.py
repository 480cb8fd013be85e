"""The harness's view of a model, with answers told apart from prompts as in training.

Imported only where a model is scored: it needs the harness.
"""

from lm_eval.models.huggingface import HFLM


class LanguageModel(HFLM):  # type: ignore[misc]
    """A model whose answers begin where their prompts end."""

    def _encode_pair(self, context: str, continuation: str) -> tuple[list[int], list[int]]:
        # The harness moves white space from the end of the prompt to the answer. Most chat
        # templates end a prompt with a line break, which training does not count: its bits would
        # be added to every answer, and never learned.
        encoded = self.tokenizer(
            context + continuation, add_special_tokens=False, return_offsets_mapping=True
        )
        ids: list[int] = list(encoded["input_ids"])
        ends = (end for _, end in encoded["offset_mapping"])
        split = next(at for at, end in enumerate(ends) if end > len(context))
        return ids[:split], ids[split:]
