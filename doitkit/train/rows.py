"""The rows of a mixture as a model sees them, and what becomes of those that do not fit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from doitkit.build import Dataset, compositions
from doitkit.core.arrow import frame_of, write_arrow
from doitkit.core.errors import UsageError
from doitkit.core.hashing import digest
from doitkit.core.tables import COMPOSITION, RECORD, REJECT
from doitkit.mix import Mixture
from doitkit.recipe.training import Training, Validation
from doitkit.train.backend import Prepared
from doitkit.train.tokens import Encoded, encode

COMPOSITION_FILE = "composition.arrow"
REJECTS_FILE = "rejects.arrow"

_SHOWN = 200
_HELD_OUT_OF = 1 << 32


@dataclass(frozen=True)
class TrainingRows:
    """The rows of a mixture, and what is done with each.

    Attributes
    ----------
    rows
        In the `RECORD` schema, in the mixture's order.
    encoded
        The tokens of each.
    trained, held_out, left_out
        The places of the rows that are trained, that only measure, and that are too long.
    """

    rows: pl.DataFrame
    encoded: Sequence[Encoded]
    trained: Sequence[int]
    held_out: Sequence[int]
    left_out: Sequence[int]

    @property
    def truncated(self) -> int:
        """How many of the rows that are trained were cut."""
        return sum(self.encoded[at].length > len(self.encoded[at].input_ids) for at in self.trained)

    @cached_property
    def to_train(self) -> list[Encoded]:
        """The tokens of the rows that are trained."""
        return [self.encoded[at] for at in self.trained]

    @cached_property
    def to_measure(self) -> list[Encoded]:
        """The tokens of the rows that are held out."""
        return [self.encoded[at] for at in self.held_out]

    def prepared(self) -> Prepared:
        """Return what is known before training."""
        return Prepared(
            rows=self.rows.height,
            left_out=len(self.left_out),
            truncated=self.truncated,
            held_out=len(self.held_out),
            tokens=sum(len(row.input_ids) for row in self.to_train),
            trained_tokens=sum(row.trained for row in self.to_train),
            tokens_of=self.by_ability(),
            trained=self.by_cell(),
        )

    def by_ability(self) -> dict[str, int]:
        """Return the tokens of each ability that are seen in one pass."""
        found: dict[str, int] = {}
        abilities = self.rows["ability"].to_list()
        for at in self.trained:
            tokens = len(self.encoded[at].input_ids)
            found[abilities[at]] = found.get(abilities[at], 0) + tokens
        return found

    def by_cell(self) -> dict[str, dict[str, int]]:
        """Return the rows of each ability and origin that are trained."""
        found: dict[str, dict[str, int]] = {}
        cells = self.rows.select("ability", "origin")[list(self.trained)]
        for ability, origin in cells.iter_rows():
            origins = found.setdefault(ability, {})
            origins[origin] = origins.get(origin, 0) + 1
        return found

    def write(self, folder: Path, epochs: float) -> None:
        """Write what is trained and what is left out, as the tables `COMPOSITION` and `REJECT`."""
        ids = self.rows["id"].to_list()
        tokens = {ids[at]: len(self.encoded[at].input_ids) for at in self.trained}
        table = compositions(self.rows, tokens, epochs)
        write_arrow(folder / COMPOSITION_FILE, frame_of(table, COMPOSITION), COMPOSITION)
        write_arrow(folder / REJECTS_FILE, frame_of(self._rejects(), REJECT), REJECT)

    def _rejects(self) -> list[dict[str, Any]]:
        found = []
        for at in self.left_out:
            row = self.rows.row(at, named=True)
            place = json.loads(row["meta"] or "{}")
            found.append(
                {
                    "source": row["source"],
                    "file": place.get("file"),
                    "line": place.get("line"),
                    "step": "train",
                    "reason": f"{self.encoded[at].length:,} tokens, more than `max_length`",
                    "id": row["id"],
                    "text": row["messages"][0]["content"][:_SHOWN] if row["messages"] else "",
                }
            )
        return found


def training_rows(
    dataset: Dataset, mixture: Mixture, tokenizer: Any, training: Training
) -> TrainingRows:
    """Return the rows of a mixture, encoded, as `training` says.

    Raises
    ------
    UsageError
        If a row is too long and `on_overflow` is `error`, or if no row is left to train.
    ModelError
        If the chat template refuses a row, or rewrites turns.
    """
    rows = dataset.rows_of(mixture) if mixture.total else frame_of([], RECORD)
    limit = training.max_length
    cut = limit if training.on_overflow == "truncate" else None
    # Not by id: a model may have given the very answer of a person, and both rows count.
    encoded = [encode(tokenizer, messages, most=cut) for messages in rows["messages"].to_list()]
    # A row whose answer begins beyond the cut would teach nothing.
    fits = [len(e.input_ids) <= limit and (cut is None or e.trained > 0) for e in encoded]
    too_long = [at for at, fitting in enumerate(fits) if not fitting]
    if too_long and training.on_overflow == "error":
        raise _too_long(mixture, rows, encoded, too_long, training)
    held = _held_out(rows["prompt_id"], training.validation)
    found = TrainingRows(
        rows,
        encoded,
        trained=[at for at, fitting in enumerate(fits) if fitting and not held[at]],
        held_out=[at for at, fitting in enumerate(fits) if fitting and held[at]],
        left_out=too_long,
    )
    if encoded and not found.trained:
        raise _nothing_left(mixture, encoded, found, training)
    return found


def _held_out(prompts: pl.Series, validation: Validation | None) -> list[bool]:
    """Say of each row whether it is held out: by its prompt, so that all answers to one are.

    A prompt is held out by its hash alone, so that it is in every mixture that holds it.
    """
    if validation is None or not len(prompts):
        return [False] * len(prompts)
    places = {prompt: int(digest(["held out", prompt])[:8], 16) for prompt in prompts.unique()}
    limit = max(validation.fraction * _HELD_OUT_OF, min(places.values()) + 1)
    return [places[prompt] < limit for prompt in prompts]


def _too_long(
    mixture: Mixture,
    rows: pl.DataFrame,
    encoded: Sequence[Encoded],
    too_long: Sequence[int],
    training: Training,
) -> UsageError:
    longest = max(too_long, key=lambda at: encoded[at].length)
    place = json.loads(rows["meta"][longest] or "{}")
    return UsageError(
        f"{len(too_long):,} rows of the mixture `{mixture.name}` are too long",
        where=f"train.max_length: {training.max_length}",
        why=f"the longest has {encoded[longest].length:,} tokens "
        f"({rows['source'][longest]}, line {place.get('line', '?')}), and `on_overflow` is `error`",
        next_step="raise `max_length`, or say `on_overflow: drop` or `truncate`",
    )


def _nothing_left(
    mixture: Mixture, encoded: Sequence[Encoded], found: TrainingRows, training: Training
) -> UsageError:
    if found.held_out:
        return UsageError(
            f"the mixture `{mixture.name}` has no row left to train",
            where="train.validation",
            why="all that fit are held out: they share one prompt, or are too few",
            next_step="remove `validation`, or use a larger mixture",
        )
    return UsageError(
        f"every row of the mixture `{mixture.name}` is too long",
        where=f"train.max_length: {training.max_length}",
        why=f"the shortest has {min(e.length for e in encoded):,} tokens"
        + (", and no answer begins before the cut" if training.on_overflow == "truncate" else ""),
        next_step="raise `max_length`",
    )
