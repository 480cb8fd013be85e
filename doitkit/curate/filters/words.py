"""What counts as a word: what stands between white space, and each character of Chinese."""

import polars as pl

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}"
"""Writing without spaces, in which each character is taken for a word."""

_WORD = rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+"
_ASCII_SPACE = r"[\t-\r]"


def count_words(text: pl.Expr) -> pl.Expr:
    """Return how many words each text has."""
    return text.str.count_matches(_WORD)


def words_of(texts: pl.Series) -> pl.DataFrame:
    """Return the words of all texts: `row`, the number of the text, and `words`, a list.

    Among the words there may be empty strings; the rows are in no order. Most texts are ASCII,
    and to split these at spaces is faster than to search for words.
    """
    numbered = texts.to_frame("words").with_row_index("row")
    text = pl.col("words")
    ascii_only = text.str.len_bytes() == text.str.len_chars()
    split = text.str.replace_all(_ASCII_SPACE, " ").str.split(" ")
    return pl.concat(
        [
            numbered.filter(ascii_only).with_columns(split),
            numbered.filter(~ascii_only).with_columns(text.str.extract_all(_WORD)),
        ]
    )
