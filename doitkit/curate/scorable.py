"""Evaluation items that their metric cannot score are found before anything is trained."""

import re
from collections.abc import Sequence

from doitkit.core.records import Record, Reject
from doitkit.recipe.data import EvaluationSet

_BY_CHOICES = ("multiple_choice", "choice_likelihood")


def extracted(text: str, pattern: str | None) -> str | None:
    """Return what `pattern` finds in `text` (its last match), or the whole of it without one."""
    if pattern is None:
        return text.strip()
    found = re.findall(pattern, text)
    if not found:
        return None
    last = found[-1]
    return (last if isinstance(last, str) else next((p for p in last if p), "")).strip()


def drop_unscorable(
    items: Sequence[Record], declared: EvaluationSet
) -> tuple[list[Record], list[Reject]]:
    """Leave out every item whose reference, or whose choices, the metric cannot compare."""
    kept: list[Record] = []
    rejects: list[Reject] = []
    for item in items:
        reason = _reason(item, declared)
        if reason is None:
            kept.append(item)
        else:
            rejects.append(_reject(item, reason))
    return kept, rejects


def drop_without_distractors(
    picked: Sequence[Record], declared: EvaluationSet
) -> tuple[list[Record], list[Reject]]:
    """Leave out the items of `choice_likelihood` against which no other answer can be set.

    The answers of the other items that are `picked` are the distractors, so an item has none
    only where every answer is the same.
    """
    same = len({item.answer for item in picked}) < 2
    if declared.metric != "choice_likelihood" or not same:
        return list(picked), []
    reason = "no distractor: the answers of all items are the same, and `choices` are not given"
    rejects = [_reject(item, reason) for item in picked if not item.choices]
    return [item for item in picked if item.choices], rejects


def _reason(item: Record, declared: EvaluationSet) -> str | None:
    if declared.metric == "exact_match" and not extracted(item.answer or "", declared.extract):
        return f"`extract` finds no answer in the reference: {declared.extract}"
    if declared.metric in _BY_CHOICES:
        twice = next((c for c in item.choices if item.choices.count(c) > 1), None)
        if twice is not None:
            return f"the choice {twice[:80]!r} stands there twice"
    return None


def _reject(item: Record, reason: str) -> Reject:
    return item.rejected("score", reason, item.prompt[-1]["content"])
