"""In which languages a dataset is written, as far as that is known."""

from collections.abc import Sequence

import pyarrow as pa

from doitkit.recipe.model import Recipe
from doitkit.source.language import language_of

_ROWS = 100
"""Rows of each cell that are looked at: in the nested order they are a random sample of it."""
_CODES = {
    "Dutch": "nl",
    "English": "en",
    "French": "fr",
    "German": "de",
    "Greek script": "el",
    "Han script": "zh",
    "Hangul script": "ko",
    "Hebrew script": "he",
    "Italian": "it",
    "Japanese script": "ja",
    "Portuguese": "pt",
    "Spanish": "es",
    "Thai script": "th",
}
"""What a language is taken for -> its ISO 639-1 code. Scripts of many languages have none."""


def languages_of(recipe: Recipe, train: pa.Table, cells: Sequence[int]) -> list[str]:
    """Return the ISO 639-1 codes of a dataset's languages, sorted.

    Those that a filter keeps; without such a filter, those that are plain in some rows of each
    cell.

    Parameters
    ----------
    train
        The training rows.
    cells
        How many rows each cell has, in the order in which they stand.
    """
    declared = recipe.curate.filters.language
    if declared is not None:
        return sorted(set(declared.keep))
    found: set[str] = set()
    start = 0
    for rows in cells:
        chats = train["messages"].slice(start, min(rows, _ROWS)).to_pylist()
        texts = (message["content"] for chat in chats for message in chat)
        found.add(_CODES.get(language_of(texts), ""))
        start += rows
    return sorted(found - {""})
