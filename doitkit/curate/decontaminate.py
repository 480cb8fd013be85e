"""Training rows that are evaluation items in disguise are left out, with the match named."""

from collections.abc import Iterable, Sequence

from doitkit.core.records import Record, Reject, folded

_MIN_CHARS = 24


def drop_contaminated(
    records: Sequence[Record], items: Iterable[Record]
) -> tuple[list[Record], list[Reject]]:
    """Leave out every record that has the id, or the prompt text, of an evaluation item.

    Prompts are compared blind to case and white space. A question may also stand inside a
    longer prompt, so the last user message is compared by itself too, if it is long enough
    (24 characters) not to agree by chance.
    """
    ids: dict[str, str] = {}
    prompts: dict[str, str] = {}
    texts: dict[str, str] = {}
    for item in items:
        place = f"{item.source}, {item.file}:{item.line}"
        ids.setdefault(item.id, place)
        prompts.setdefault(item.prompt_id, place)
        text = _question(item)
        if len(text) >= _MIN_CHARS:
            texts.setdefault(text, place)
    kept: list[Record] = []
    rejects: list[Reject] = []
    for record in records:
        match = ids.get(record.id) or prompts.get(record.prompt_id) or texts.get(_question(record))
        if match is None:
            kept.append(record)
            continue
        reason = f"same prompt as the evaluation item {match}"
        rejects.append(record.rejected("decontaminate", reason, _question(record)))
    return kept, rejects


def _question(record: Record) -> str:
    return folded(record.prompt[-1]["content"])
