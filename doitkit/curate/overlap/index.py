"""The grams of items that can tell something, ready to be looked up in many rows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from doitkit.curate.overlap.items import MIN_TOKENS, Held, sides_of
from doitkit.curate.overlap.runs import Positions
from doitkit.curate.overlap.sieve import Sieve
from doitkit.curate.overlap.tokens import Tokens


class Hits(NamedTuple):
    """What of the items stands in a block of texts.

    Attributes
    ----------
    texts, keys
        Shape (hits,). Which text of the block holds which gram.
    copied, sides
        Shape (copies,). Which text of the block holds the whole of which long prompt.
    """

    texts: Positions
    keys: Positions
    copied: Positions
    sides: Positions


class Index:
    """The grams of `items` that stand in at most `common` of them.

    What stands in more of them is the frame that a test puts around all its questions.

    Attributes
    ----------
    grams
        One row per gram and place: `key`, `side`, `position`, as in `Sides`. A key is the rank
        of the gram's hash among those of all grams.
    firsts, sizes
        Shape (sides,). As in `Sides`.
    """

    def __init__(self, items: Sequence[Held], ngram: int, common: int) -> None:
        sides = sides_of(items, ngram, common)
        self.sizes, self.firsts = sides.sizes, sides.firsts
        self._ngram = ngram
        self._wholes = sides.hashes
        self._hashes = sides.grams["hash"].unique().sort().to_numpy()
        self._known, self._heads = Sieve(self._hashes), Sieve(sides.heads)
        keys = np.searchsorted(self._hashes, sides.grams["hash"].to_numpy())
        grams = sides.grams.with_columns(key=pl.Series(keys, dtype=pl.UInt32))
        self.grams = grams.select("key", "side", "position").sort(pl.all())
        size = pl.Series(self.sizes[grams["side"].to_numpy()])
        self._short = size.filter(size < ngram).unique().sort().to_list()
        # The rarest gram of a long prompt says where to compare the whole of it.
        long = grams.filter((size >= ngram) & (pl.col("side") % 2 == 0))
        anchors = long.sort("side", "items", "position").unique("side", keep="first")
        anchors = anchors.sort("key", "side")
        self._anchored = anchors["key"].to_numpy()
        self._sides = anchors["side"].to_numpy()
        self._before = anchors["position"].to_numpy() - self.firsts[self._sides]

    @property
    def keys(self) -> int:
        """How many different grams are looked for."""
        return self._hashes.size

    def look_up(self, tokens: Tokens) -> Hits:
        """Return what stands in a block of texts; no gram reaches over the end of a text.

        A prompt that is looked for in one piece has to be one there too, between marks or line
        ends: who asks "What is the capital of Australia and when was it founded?" does not ask
        "What is the capital of Australia?".
        """
        runs = tokens.runs
        rolled = runs.grams(self._ngram)
        at = self._known.passes(rolled)
        starts, sizes, hashes = [at], [np.full_like(at, self._ngram)], [rolled[at]]
        if self._short:
            # Most places are ruled out by their first tokens, before any length is tried.
            heads = self._heads.passes(runs.grams(MIN_TOKENS))
            for size in self._short:
                at = heads[heads + size <= tokens.values.size]
                starts.append(at)
                sizes.append(np.full_like(at, size))
                hashes.append(runs.hashes(at, at + size))
        start, size = np.concatenate(starts), np.concatenate(sizes)
        wanted = np.concatenate(hashes)
        texts = tokens.texts(start)
        keys = np.searchsorted(self._hashes, wanted).clip(max=self.keys - 1)
        held = (self._hashes[keys] == wanted) & (start + size <= tokens.firsts[texts + 1])
        for place in np.flatnonzero(held & (size < self._ngram)):
            held[place] = all(map(tokens.parted, (start[place], start[place] + size[place])))
        texts, keys = texts[held], keys[held]
        return Hits(texts, keys, *self._copies(tokens, start[held], texts, keys))

    def _copies(
        self, tokens: Tokens, starts: Positions, texts: Positions, keys: Positions
    ) -> tuple[Positions, Positions]:
        """Return which texts hold the whole of which long prompt, from the grams they hold."""
        low = np.searchsorted(self._anchored, keys, "left")
        times = np.searchsorted(self._anchored, keys, "right") - low
        which = np.repeat(low - np.cumsum(times) + times, times) + np.arange(times.sum())
        texts = np.repeat(texts, times)
        first = np.repeat(starts, times) - self._before[which]
        sides = self._sides[which]
        end = first + self.sizes[sides]
        inside = (first >= tokens.firsts[texts]) & (end <= tokens.firsts[texts + 1])
        texts, sides, first, end = (a[inside] for a in (texts, sides, first, end))
        whole = tokens.runs.hashes(first, end) == self._wholes[sides]
        return texts[whole], sides[whole]
