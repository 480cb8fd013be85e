"""The paired order of the cells of an ability: equal sizes answer the same prompts.

Where people and a model answered the same prompts, the first k rows of both cells must hold the
same k prompts, or the effect of who answered is mixed up with the effect of what was asked. So
the cells are ordered together: prompts that more origins answered come first, in the order of a
keyed hash of the prompt; a second answer to one prompt comes after all first answers. Weights of
sources have no say here: they would place a prompt differently in each cell.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from doitkit.core.hashing import rank_key
from doitkit.core.records import Record

Key = TypeVar("Key")


def paired_order(cells: Mapping[Key, Sequence[Record]], seed: int) -> dict[Key, list[Record]]:
    """Return the records of every cell of one ability in their paired order.

    The first k records of two cells answer the same prompts, for every k up to the number of
    prompts that both answer. Within each cell the order is nested, as in `nested_order`.
    """
    answered_by = Counter(
        prompt for records in cells.values() for prompt in {record.prompt_id for record in records}
    )
    return {key: _ordered(records, seed, answered_by) for key, records in cells.items()}


def _ordered(records: Sequence[Record], seed: int, answered_by: Counter[str]) -> list[Record]:
    seen: Counter[str] = Counter()
    placed: list[tuple[int, int, int, str, Record]] = []
    for identity, record in sorted(((r.id, r) for r in records), key=lambda pair: pair[0]):
        prompt = record.prompt_id
        placed.append(
            (seen[prompt], -answered_by[prompt], rank_key(seed, prompt), identity, record)
        )
        seen[prompt] += 1
    placed.sort(key=lambda entry: entry[:4])
    return [record for *_, record in placed]
