"""The step that keeps training rows clear of evaluation items."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from doitkit.core.hashing import digest
from doitkit.core.ids import folded_texts
from doitkit.core.records import Record, folded
from doitkit.core.rows import with_texts
from doitkit.core.store import Store
from doitkit.curate.overlap import Held, OverlapSearch
from doitkit.recipe.curation import Curation
from doitkit.survey.shards import Mask, RowNumbers, Shards
from doitkit.survey.verdict import Judged, Verdict, nothing_left_out, verdict

VERSION = 1
_MIN_CHARS = 24
"""A question that is shorter may agree with another by chance."""


def contaminated(
    store: Store,
    shards: Shards,
    alive: Mask,
    addresses: Any,
    items: Sequence[Record],
    curation: Curation,
) -> Verdict:
    """Return which of the rows in `alive` are evaluation items, or hold a good part of one.

    A row is one if it has an item's id or its prompt, blind to case and white space; or if its
    question, the last message before the answer, is an item's and is no short one. What else a
    row may hold of an item, the recipe's `overlap` says.

    Parameters
    ----------
    addresses
        What decided about `alive`.
    items
        The items of every evaluation set that is used, and of every set in `against`.
    """
    key = {
        "version": VERSION,
        "rows": addresses,
        "items": digest([[item.id, item.source, item.file, item.line] for item in items]),
        "overlap": curation.overlap.model_dump(mode="json") if curation.decontaminate else None,
    }

    def judge(_: Path) -> Judged:
        if not (curation.decontaminate and items and alive.any()):
            return nothing_left_out(), {}
        return _Search(items, curation).verdict(shards, alive)

    return verdict(store, "decontaminate", key, judge)


class _Search:
    def __init__(self, items: Sequence[Record], curation: Curation) -> None:
        self._items = items
        self._places = [f"{item.source}, {item.file}:{item.line}" for item in items]
        self._by_id: dict[str, int] = {}
        self._by_prompt: dict[str, int] = {}
        self._by_question: dict[str, int] = {}
        for index, item in enumerate(items):
            self._by_id.setdefault(item.id, index)
            self._by_prompt.setdefault(item.prompt_id, index)
            question = folded(item.prompt[-1]["content"])
            if len(question) >= _MIN_CHARS:
                self._by_question.setdefault(question, index)
        held = [
            Held(place, "\n".join(m["content"] for m in item.prompt), item.reply)
            for place, item in zip(self._places, items, strict=True)
        ]
        self._overlaps = OverlapSearch(held, curation.overlap)

    def verdict(self, shards: Shards, alive: Mask) -> Judged:
        numbers = np.flatnonzero(alive).astype(np.uint32)
        parts = [pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String})]
        looked_at = 0
        for batch in shards.batches("id", "prompt_id", "messages"):
            # What is gone tells nothing: neither whether it is an item nor what is common.
            held = np.flatnonzero(alive[batch.numbers])
            rows = with_texts(batch.rows[held], "prompt", "answer", "question")
            self._overlaps.look_at(looked_at, rows, batch.source.name)
            parts.append(self._same(rows, numbers[looked_at : looked_at + len(held)]))
            looked_at += len(held)
        same = pl.concat(parts)
        found = self._overlaps.found()
        places = self._places_of(found["item"])
        held_parts = found.select(
            pl.Series("row", numbers[found["row"].to_numpy()]),
            pl.format(
                "holds {} % of the {} of the evaluation item {}: {}",
                (pl.col("share") * 100).round(0).cast(pl.Int64),
                "of",
                places,
                "passage",
            ).alias("reason"),
        )
        return pl.concat([same, held_parts.join(same, on="row", how="anti")]), {}

    def _same(self, rows: pl.DataFrame, numbers: RowNumbers) -> pl.DataFrame:
        """Return which rows are items."""
        questions = folded_texts(rows["question"].fill_null(""))
        found = pl.DataFrame(
            {
                "row": numbers,
                "item": pl.select(
                    pl.coalesce(
                        _looked_up(rows["id"], self._by_id),
                        _looked_up(rows["prompt_id"], self._by_prompt),
                        _looked_up(questions, self._by_question),
                    )
                ).to_series(),
            }
        ).filter(pl.col("item").is_not_null())
        places = self._places_of(found["item"])
        return found.select(
            "row", pl.format("same prompt as the evaluation item {}", places).alias("reason")
        )

    def _places_of(self, items: pl.Series) -> pl.Series:
        # In one chunk: `format` panics at texts in several (Polars 2.1).
        return pl.Series("place", self._places, dtype=pl.String)[items].rechunk()


def _looked_up(keys: pl.Series, index: Mapping[str, int]) -> pl.Series:
    return keys.replace_strict(index, default=None, return_dtype=pl.Int64)
