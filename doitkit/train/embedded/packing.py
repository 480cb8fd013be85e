"""Several rows in one sequence, none of which sees another."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.train.tokens import IGNORED, Encoded

_PROBE = 8
_SAME = 0.05
"""Of the spread of logits: rounding stays far below it, and another row's tokens far above."""


def packed(rows: Sequence[Encoded], most: int) -> list[tuple[Encoded, ...]]:
    """Return the rows in sequences of at most `most` tokens, by best fit, longest first."""
    sequences: list[list[Encoded]] = []
    room: list[tuple[int, int]] = []
    for row in sorted(rows, key=lambda row: -len(row.input_ids)):
        size = len(row.input_ids)
        at = bisect_left(room, (size, -1))
        if at < len(room):
            left, sequence = room.pop(at)
        else:
            left, sequence = most, len(sequences)
            sequences.append([])
        sequences[sequence].append(row)
        insort(room, (left - size, sequence))
    return [tuple(sequence) for sequence in sequences]


@dataclass(frozen=True)
class Packing:
    """Makes a batch of sequences: each row attends to itself alone, and counts from 0."""

    pad_id: int

    def __call__(self, sequences: Sequence[Sequence[Encoded]]) -> dict[str, Any]:
        """Return the batch as tensors of shape (sequences, longest), and the mask by pairs."""
        import torch

        width = max(sum(len(row.input_ids) for row in sequence) for sequence in sequences)
        shape = (len(sequences), width)
        ids = torch.full(shape, self.pad_id)
        labels = torch.full(shape, IGNORED)
        positions = torch.zeros(shape, dtype=torch.long)
        owner = torch.full(shape, -1)
        for at, sequence in enumerate(sequences):
            begin = 0
            for number, row in enumerate(sequence):
                end = begin + len(row.input_ids)
                ids[at, begin:end] = torch.tensor(row.input_ids)
                # What comes first in a row is not foretold by the end of the one before.
                labels[at, begin + 1 : end] = torch.tensor(row.labels[1:])
                positions[at, begin:end] = torch.arange(end - begin)
                owner[at, begin:end] = number
                begin = end
        together = owner[:, :, None] == owner[:, None, :]
        mask = together & torch.ones(width, width, dtype=torch.bool).tril()
        return {
            "input_ids": ids,
            "labels": labels,
            "position_ids": positions,
            "attention_mask": mask[:, None],
        }


def require_separation(model: Any, most: int) -> None:
    """Raise unless rows of one sequence leave each other alone in this model; tried out on it.

    Raises
    ------
    UsageError
        If they do not, as in models without attention, or with a window shorter than `most`.
    """
    import torch

    config = model.config.get_text_config()
    window = getattr(config, "sliding_window", None)
    if window is not None and window < most and getattr(config, "use_sliding_window", True):
        raise _inseparable(f"it attends to a window of {window:,} tokens, less than `max_length`")
    known = model.get_input_embeddings().num_embeddings
    tokens = [[(3 * at + 7 * row + 1) % known for at in range(_PROBE)] for row in range(2)]
    rows = [Encoded(ids, ids, 0, len(ids)) for ids in tokens]
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            alone, together = (
                model(
                    **{
                        name: tensor.to(device)
                        for name, tensor in Packing(0)([sequence]).items()
                        if name != "labels"
                    }
                ).logits[0, -_PROBE:]
                for sequence in (rows[1:], rows)
            )
    except (TypeError, ValueError, RuntimeError) as error:
        raise _inseparable(str(error).splitlines()[0]) from error
    finally:
        model.train(was_training)
    if (alone - together).abs().max() > _SAME * alone.float().std():
        raise _inseparable("the second row of a sequence sees the first one")


def _inseparable(why: str) -> UsageError:
    return UsageError(
        "this model cannot keep several rows of a sequence apart",
        where="train.packing",
        why=why,
        next_step="say `packing: false`",
    )
