"""Answers that hold a phrase."""

import polars as pl

from doitkit.core.errors import UsageError
from doitkit.curate.filters.filter import Filter
from doitkit.recipe.filters import Phrases


def phrase_filter(key: str, said: str, shipped: pl.Expr, declared: Phrases) -> Filter:
    """Return the filter of answers that hold a phrase.

    Parameters
    ----------
    said
        What such an answer is, for the reason.
    shipped
        The words of a shipped phrase that an answer holds at a telling place, or null.
    declared
        Its own phrases, unlike the shipped ones, count at any place of the answer, blind to case
        and to how an apostrophe is written.
    """
    own = [*(declared.phrases or []), *declared.also]
    if not all(phrase.strip() for phrase in own):
        raise UsageError(
            "a phrase is empty, and would be found in every answer",
            where=f"curate.filters.{key}",
            next_step="remove it",
        )
    found = [] if declared.phrases is not None else [shipped]
    if own:
        # The longest first: where one begins another, the reason tells the whole.
        longest_first = sorted(own, key=lambda phrase: (-len(phrase), phrase))
        pattern = "|".join(pl.escape_regex(_plain(phrase)) for phrase in longest_first)
        found.append(plain(pl.col("answer")).str.extract(f"({pattern})", 1))

    # Where no words are found, nothing is said.
    return Filter(key, pl.format(f'{said}: "{{}}"', pl.coalesce(found)))


def any_of(*patterns: str) -> str:
    """Return the pattern of whatever matches one of `patterns`; the first that does, wins."""
    return f"(?:{'|'.join(patterns)})"


def plain(text: pl.Expr) -> pl.Expr:
    """Return `text` in lower case, with straight apostrophes, as phrases are written."""
    return text.str.to_lowercase().str.replace_all("’", "'", literal=True)


def _plain(phrase: str) -> str:
    return phrase.lower().replace("’", "'")
