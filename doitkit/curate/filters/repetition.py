"""Answers that say the same again and again."""

import polars as pl

from doitkit.curate.filters.filter import Filter
from doitkit.curate.filters.words import words_of
from doitkit.recipe.filters import Repetition

_GRAM = 4
_FEWEST_LINES = 3
"""Of two lines, one repeat would be half of them."""


def repetition_filter(declared: Repetition) -> Filter:
    """Return the filter of answers in which lines, or word 4-grams, are repeated.

    The share of repeats among n things of which u are distinct is 1 - u / n. Lines are compared
    without the white space around them, empty ones are passed over, and there must be three.
    """

    def reasons(answers: pl.Series) -> pl.Series:
        return _reasons(answers, declared)

    reason = pl.col("answer").map_batches(reasons, return_dtype=pl.String)
    return Filter("repetition", reason)


def _reasons(answers: pl.Series, declared: Repetition) -> pl.Series:
    # As many words need as many characters at least; short answers are not even split.
    long = answers.set(answers.str.len_chars() < declared.min_words, None)
    words = words_of(long).filter(_count(pl.col("words")) >= declared.min_words)
    lines = _lines(long).join(words.select("row"), on="row", how="semi")
    grams = _grams(words, declared.most_repeated_ngrams)
    counted = (
        pl.DataFrame({"row": pl.int_range(len(answers), dtype=pl.UInt32, eager=True)})
        .join(_counted(lines, "lines"), on="row", how="left", maintain_order="left")
        .join(_counted(grams, "grams"), on="row", how="left", maintain_order="left")
    )
    return counted.select(_reason(declared)).to_series()


def _reason(declared: Repetition) -> pl.Expr:
    lines = 1 - pl.col("distinct lines") / pl.col("lines")
    grams = 1 - pl.col("distinct grams") / pl.col("grams")
    most_lines, most_grams = declared.most_repeated_lines, declared.most_repeated_ngrams
    return (
        pl.when((pl.col("lines") >= _FEWEST_LINES) & (lines > most_lines))
        .then(_said(lines, pl.col("lines"), "lines", most_lines))
        .when(grams > most_grams)
        .then(_said(grams, pl.col("grams"), "word 4-grams", most_grams))
    )


def _said(share: pl.Expr, count: pl.Expr, of: str, most: float) -> pl.Expr:
    return pl.format(f"{{}} of {{}} {of} are repeats, more than {most:g}", share.round(3), count)


def _count(words: pl.Expr) -> pl.Expr:
    """Return how many words are not empty."""
    return words.list.len().cast(pl.Int64) - words.list.count_matches("")


def _lines(answers: pl.Series) -> pl.DataFrame:
    """Return the lines of all answers: `row`, the number of the answer, and `hash`."""
    line = pl.col("line")
    lines = (
        answers.to_frame("line")
        .with_row_index("row")
        .with_columns(line.str.split("\n"))
        .explode("line")
        .with_columns(line.str.strip_chars())
    )
    return lines.filter(line != "").select("row", hash=line.hash())


def _grams(words: pl.DataFrame, most: float) -> pl.DataFrame:
    """Return the word 4-grams of the answers that may repeat more than `most` of them.

    `row` is the number of the answer, and `hash` stands for the 4-gram. Every word but the first
    three is the last of a 4-gram, so an answer has at most three distinct words more than it has
    distinct 4-grams: where words differ so much, and they nearly always do, nobody need look.
    """
    word = pl.col("words")
    distinct = word.list.n_unique().cast(pl.Int64) - 1  # one may be the empty string
    repeating = distinct <= (1 - most) * (_count(word) - 3) + 3
    separate = words.filter(repeating).explode("words").filter(word != "")
    hashed = separate.select("row", hash=word.hash())
    # Each place weighs differently, so that other orders of words are other 4-grams.
    parts = [pl.col("hash").shift(-place) * (2 * place + 1) for place in range(_GRAM)]
    mixed = parts[0] ^ parts[1] ^ parts[2] ^ parts[3]
    of_one_answer = pl.col("row") == pl.col("row").shift(1 - _GRAM)
    return hashed.select("row", hash=mixed, whole=of_one_answer).filter("whole")


def _counted(pieces: pl.DataFrame, name: str) -> pl.DataFrame:
    return pieces.group_by("row").agg(
        pl.len().cast(pl.Int64).alias(name),
        pl.col("hash").n_unique().cast(pl.Int64).alias(f"distinct {name}"),
    )
