"""Which grams are common text: those in many different rows of one source, copies apart."""

import numpy as np
import numpy.typing as npt
import polars as pl

_CONTEXT = {
    "source": pl.UInt32,
    "key": pl.UInt32,
    "is_prompt": pl.Boolean,
    "text": pl.UInt64,
}


class Commonness:
    """In how many contexts of each source every gram stands.

    To count rows would be a trap: fifty solutions of one test question, or fifty times the same
    row, are copies, and if they made its text common none of them would be found. So the
    different prompts are counted under which a gram stands, and, of rows that hold it in their
    answer only, the different answers too. A refusal that a thousand prompts get is common
    text, and so is how a thousand stories begin that were all written to one prompt.

    Parameters
    ----------
    keys
        How many grams there are.
    most
        The prompts, and the answers, of one source that a gram may have and still tell something.
    """

    def __init__(self, keys: int, most: int) -> None:
        self._common: npt.NDArray[np.bool_] = np.zeros(keys, np.bool_)
        self._most = most
        self._sources: dict[str, int] = {}
        self._contexts = pl.DataFrame(schema=_CONTEXT)

    def count(self, hits: pl.DataFrame, source: str) -> None:
        """Take account of `hits`: `key`, `in_prompt`, and the hashes of `prompt` and `answer`."""
        number = self._sources.setdefault(source, len(self._sources))
        under = hits.select("key", is_prompt=True, text="prompt")
        within = hits.filter(~pl.col("in_prompt")).select("key", is_prompt=False, text="answer")
        new = pl.concat([under, within]).with_columns(source=pl.lit(number, pl.UInt32))
        contexts = pl.concat([self._contexts, self.told(new).select(*_CONTEXT)]).unique()
        counts = contexts.group_by("source", "key", "is_prompt").len()
        self._common[counts.filter(pl.col("len") > self._most)["key"].to_numpy()] = True
        self._contexts = self.told(contexts)

    def told(self, grams: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of `grams` whose `key` is not common text, as far as is known yet."""
        return grams.filter(~self._common[grams["key"].to_numpy()])
