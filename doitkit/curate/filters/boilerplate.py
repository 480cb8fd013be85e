"""Answers with the set phrases of assistants. The lists are our own, in English and Chinese.

A set phrase opens an answer, or stands in the last line near its end: in a letter, which closes
with a name, or in a story, the same words are content.
"""

import polars as pl

from doitkit.curate.filters.filter import Filter, worked_out_once
from doitkit.curate.filters.phrases import any_of, phrase_filter, plain
from doitkit.recipe.filters import Phrases

_YES = r"(?:sure|certainly|of course|absolutely|definitely|no problem)(?: thing)?[!,.:]+ "
_AT_WORK = any_of(
    r"here",
    r"i(?:'d| would) be",
    r"i(?:'ll| will| can) (?:help|assist|provide|do my best)\b",
    r"let me\b",
    r"below\b",
    r"please (?:provide|find)",
)
_OPENING = any_of(
    rf"{_YES}{_AT_WORK}",
    r"(?:that's |that is |what )an? (?:great|excellent|interesting|good) question[!,.]",
    r"(?:great|excellent|good) question[!.]",
    r"thank you for (?:your question|asking|reaching out to me)",
    r"i(?:'d| would) be (?:happy|glad|delighted) to (?:help|assist)",
    r"(?:当然|好的|没问题)(?:可以)?[，,！!。](?:以下是|下面是|这是|我很乐意|我会|我可以)",
    r"(?:这是一个|这是个)(?:很好|非常好)的问题",
)

_HELPS = any_of(
    r"helps|help|helped|(?:is|are|was) (?:helpful|useful)",
    r"clarif(?:y|ies)",
    r"answers your",
)
_MORE_QUESTIONS = r"have (?:any )?(?:other|further|more|additional) questions"
_MORE_HELP = (
    r"(?:need|want|would like|'d like) (?:any )?(?:further|more|additional|other)"
    r" (?:help|assistance|information|clarification|details)"
)
_QUESTIONS_ZH = r"如果?[您你](?:还)?有(?:任何|其他|更多)[^。！\n]{0,10}(?:问题|疑问)[^。！\n]{0,6}"
_ASK_ZH = r"(?:随时)?(?:问我|告诉我[^们]|提问|向我[^们])"
_CLOSING = any_of(
    rf"(?:i )?hope (?:this|that|these|it|the above)(?: [a-z]+)? {_HELPS}",
    r"(?:so |and )?(?:please )?feel free to (?:ask|let me know)",
    rf"(?:please )?let me know if you (?:{_MORE_QUESTIONS}|{_MORE_HELP})",
    r"(?:i'm|i am) (?:always )?here to (?:help|assist) you with",
    r"希望(?:这|以上|我的|上述)[^。！\n]{0,16}(?:帮助|有用|帮到|有所启发)",
    rf"{_QUESTIONS_ZH}{_ASK_ZH}",
)

_CUE_OPENING = r"\A\W{0,3}" + any_of(
    r"sure|certainly|of course|absolutely|definitely|no problem",
    r"that|what|great|excellent|good|thank|i'd|i would",
    r"当然|好的|没问题|这",
)
_CUE_CLOSING = any_of(r"hope (?:th|it)|feel free|let me know|here to", r"希望|[您你](?:还)?有")
"""What every set phrase holds, and few other answers: most are told by this, at a glance."""

_OPENS = rf"\A\W{{0,3}}({_OPENING})"
_CLOSES = rf"(?:\A|[.,!?。！？，\n]\s{{0,2}})({_CLOSING})[^\n]{{0,80}}\z"
_HEAD = 80
_TAIL = 240


def boilerplate_filter(declared: Phrases) -> Filter:
    """Return the filter of answers with the set phrases of assistants."""
    answer = pl.col("answer")
    opening = _held(plain(answer.str.head(_HEAD)), _CUE_OPENING, _OPENS)
    closing = _held(plain(answer.str.tail(_TAIL)), _CUE_CLOSING, _CLOSES)
    return phrase_filter("boilerplate", "a set phrase", pl.coalesce(opening, closing), declared)


def _held(text: pl.Expr, cue: str, pattern: str) -> pl.Expr:
    def marked(text: pl.Expr) -> pl.Expr:
        return pl.when(text.str.contains(cue)).then(text).str.extract(pattern, 1)

    return worked_out_once(text, marked)
