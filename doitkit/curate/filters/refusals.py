"""Answers that refuse. The lists are our own, in English and Chinese, in lower case.

A refusal opens an answer, or is a sentence of a short one; so an answer that discusses refusals,
or a letter that declines an invitation, is not taken for one.
"""

import polars as pl

from doitkit.curate.filters.filter import Filter, worked_out_once
from doitkit.curate.filters.phrases import any_of, phrase_filter, plain
from doitkit.recipe.filters import Phrases

_SORRY = any_of(
    r"(?:no, )?(?:i'?m |i am )?(?:very |so |truly |really |terribly )?sorry",
    r"(?:my )?apologies",
    r"i (?:do )?apologi[sz]e",
    r"unfortunately",
    r"regrettably",
)
_SORRY += r"(?: for [a-z ]{1,30})?\W{0,3}(?:but |however,? )?"

_CANNOT = any_of(
    r"i (?:cannot|can't|can not|won't|will not|am unable to|am not able to|do not|don't)",
    r"i'm (?:unable to|not able to|not going to)",
)
_SERVE = any_of(
    r"provide",
    r"assist",
    r"help (?:you|with)",
    r"fulfill?",
    r"comply",
    r"engage in",
    r"condone",
    r"encourage",
    r"generate",
    r"access",
    r"browse",
    r"answer (?:this|that|your)",
    r"complete (?:this|that|your|the) (?:task|request|instruction)",
    r"make (?:any )?(?:assumptions|generali[sz]ations|judgments)",
    r"have (?:personal|opinions|feelings)",
    r"promote (?:or|any|illegal|harm|violence)",
)
"""What an assistant refuses to do, and a person who writes `I cannot` seldom means."""

_SERVE_AFTER_SORRY = any_of(
    r"do (?:that|this)\b",
    r"answer|discuss|share|disclose|tell (?:you|a|any)|write|create|produce|draw",
    r"support|offer|recommend|suggest|advise|give (?:you|advice|out)|facilitate",
    r"display|show|see (?:the|any)|view|open|extract|verify|confirm",
    r"perform|execute|process|respond|continue|participate in",
    r"agree|predict|determine|express|speculate|take (?:a side|sides)",
    r"make (?:any|a|fun|derogatory|personal|such)\b",
    r"have (?:a|any|the ability|access)",
)
"""What is a refusal after an apology only."""

_MODEL = any_of(
    r"(?:ai|artificial intelligence|text)(?:[ -]based)?(?: (?:text[ -]based|language))?"
    r"(?: (?:model|assistant|system|program|chatbot|bot))?",
    r"language model(?: ai)?",
    r"(?:helpful|responsible|virtual|digital) assistant",
)
_AS_A_MODEL = (
    r"(?:as|i am|i'm|being) (?:just |only |merely )?an? "
    rf"(?:(?:large|helpful|responsible|safe|mere) )?{_MODEL}"
    r"(?:,|\.| \(| (?:and|i|it|my|trained|designed|developed|created|programmed)\b)"
    r"[^!?\n]{0,120}?\b(?:cannot|can't|can not|not|don't|doesn't|isn't|unable|won't|never)\b"
)
_IMPROPER = (
    r"(?:that|this|it|your (?:question|request|statement)|the (?:question|request))"
    r"(?: is| would be|'s)(?: [a-z]+){0,3}?"
    r" (?:inappropriate|unethical|illegal|offensive|against|harmful"
    r"|not (?:appropriate|ethical|legal|acceptable|okay))"
)
_BEYOND = (
    r"(?:this|that|the) (?:task|request|instruction|prompt|output)"
    r" (?:is not possible|cannot be|can't be|requires? (?:a |an )?(?:visual|image)"
    r"|involves (?:creating|generating))"
)

_SORRY_ZH = (
    r"(?:我?(?:非常|很|十分|实在|真的)?(?:抱歉|遗憾)|对不起|不好意思)[，,。！!\s]*(?:但是?)?"
)
_CANNOT_ZH = r"(?:我们?|本人)?(?:目前|暂时)?(?:无法|不能|没有办法|没办法|不可以)(?:直接|为[您你])?"
_SERVE_ZH = any_of(
    r"提供|回答|满足|生成|执行|访问|协助|透露",
    r"帮助[您你]",
    r"完成(?:此|该|这|您的|你的)",
    r"处理(?:此|该|这)",
)
_AS_A_MODEL_ZH = (
    r"作为(?:一个|一名|一款|一种)?[^，,。\n]{0,6}(?:ai|人工智能|语言模型|智能助手)"
    r"[^，,。\n]{0,8}[，,]?[^。\n]{0,12}?(?:无法|不能|不会|没有|不具备|并不)"
)

_REFUSAL = any_of(
    rf"(?:{_SORRY})?{_AS_A_MODEL}",
    rf"{_SORRY}{_CANNOT} (?:{_SERVE}|{_SERVE_AFTER_SORRY})",
    rf"{_SORRY}{_IMPROPER}",
    rf"(?:{_SORRY})?{_BEYOND}",
    rf"(?:no, )?{_CANNOT} {_SERVE}",
    r"<no ?output\b",
    r"no ?output(?: required)?\W{0,2}\z",
    rf"(?:{_SORRY_ZH})?{_AS_A_MODEL_ZH}",
    rf"{_SORRY_ZH}{_CANNOT_ZH}{_SERVE_ZH}",
    rf"(?:{_SORRY_ZH})?(?:此|该|这个|这项)(?:任务|请求|指令)(?:涉及|需要视觉|无法)",
    r"我(?:们)?(?:无法|不能)(?:提供|回答|协助|完成(?:此|该|这))",
    r"无法(?:执行|完成)(?:此|该|这个|这项|此类)(?:任务|请求|指令)",
)
_CUE = any_of(
    r"sorry|apolog|unfortunately|regrettably",
    r"cannot|can't|can not|won't|will not|unable|not able|not going to|i don't|i do not",
    r"\bai\b|artificial intelligence|language model|assistant|text[ -]based",
    r"not possible|requires? (?:a |an )?(?:visual|image)|involves|no ?output",
    r"抱歉|遗憾|对不起|不好意思|无法|不能|不会|没有|不具备|并不|涉及|需要视觉",
)
"""What every refusal holds, and few other answers: most are told by this, at a glance."""

_OPENS = rf"\A\W{{0,3}}({_REFUSAL})"
_SENTENCE = rf"(?:\A\W{{0,3}}|[.!?。！？，\n]\s*)({_REFUSAL})"
_OPENING = 240
_SHORT = 200


def refusal_filter(declared: Phrases) -> Filter:
    """Return the filter of answers that refuse."""
    opening = plain(pl.col("answer").str.head(_OPENING))
    marked = worked_out_once(opening, lambda text: pl.when(text.str.contains(_CUE)).then(text))
    return phrase_filter("refusals", "a refusal", worked_out_once(marked, _refusal), declared)


def _refusal(opening: pl.Expr) -> pl.Expr:
    short = pl.when(opening.str.len_chars() <= _SHORT).then(opening)
    return pl.coalesce(opening.str.extract(_OPENS, 1), short.str.extract(_SENTENCE, 1))
