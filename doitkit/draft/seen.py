"""What was seen of the files of a source, in words."""

from collections.abc import Sequence

from doitkit.draft.parts import DraftRows
from doitkit.source.look import Look

_FEW_LABELS = 10
_SHORT_LABEL = 30
_ENOUGH_ROWS = 20


def seen(looks: Sequence[Look]) -> str:
    """Return how many rows there are, how long, in what language, and what cannot be read."""
    rows = sum(look.rows for look in looks)
    text = f"{'' if all(look.exact for look in looks) else 'about '}{rows:,} rows"
    if len(looks) > 1:
        text += f" in {len(looks):,} files"
    if looks[0].meaning is not None and looks[0].meaning.explode is not None:
        text += f" with about {sum(look.records for look in looks):,} records"
    middle = sorted(look.median_chars for look in looks)[len(looks) // 2]
    longest = max(look.long_chars for look in looks)
    text += f"; median {middle:,} characters, 90 % at most {longest:,}; "
    text += ", ".join(dict.fromkeys(look.language for look in looks)) + "."
    worst = min(looks, key=lambda look: look.share)
    if worst.share < 1:
        text += f" {worst.share:.0%} of {worst.seen:,} rows can be read; others: {worst.why}."
    unreadable = sum(look.unreadable for look in looks)
    if unreadable:
        text += f" {unreadable:,} lines are no rows: {next(k.why for k in looks if k.unreadable)}."
    return text


def by_reason(left_out: Sequence[tuple[str, str]], most: int | None = None) -> list[str]:
    """Return a sentence for each reason for which files are not used, naming `most` of them."""
    reasons: dict[str, list[str]] = {}
    for file, why in left_out:
        reasons.setdefault(why, []).append(file)
    sentences = []
    for why, files in reasons.items():
        others = len(files) - len(files[:most])
        more = f" and {others:,} more" if others else ""
        sentences.append(f"{', '.join(files[:most])}{more}: {why}")
    return sentences


def labels(rows: DraftRows) -> str:
    """Return a warning if the answers are labels, which mean nothing as they stand; or nothing."""
    meaning = rows.looks[0].meaning
    replies = [chat.messages[-1]["content"] for look in rows.looks for chat in look.chats]
    known = sorted(set(replies))
    if meaning is None or meaning.format == "multiple_choice" or len(replies) < _ENOUGH_ROWS:
        return ""
    if len(known) > _FEW_LABELS or any(len(label) > _SHORT_LABEL for label in known):
        return ""
    shown = ", ".join(f"`{label}`" for label in known)
    return f"The answers are labels: {shown}. Say in `columns` what they mean, in words."
