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

    See `paired_places`.
    """
    named = {
        key: [(record.id, record.prompt_id) for record in records] for key, records in cells.items()
    }
    places = paired_places(named, seed)
    return {key: [records[place] for place in places[key]] for key, records in cells.items()}


def paired_places(
    cells: Mapping[Key, Sequence[tuple[str, str]]], seed: int
) -> dict[Key, list[int]]:
    """Return the places of the rows of every cell of one ability in their paired order.

    The first k rows of two cells answer the same prompts, for every k up to the number of
    prompts that both answer. Within each cell the order is nested, as in `nested_places`.

    Parameters
    ----------
    cells
        Of each row of each cell, its id and the id of its prompt.
    """
    answered_by = Counter(
        prompt for rows in cells.values() for prompt in {prompt for _, prompt in rows}
    )
    return {key: _places(rows, seed, answered_by) for key, rows in cells.items()}


def _places(rows: Sequence[tuple[str, str]], seed: int, answered_by: Counter[str]) -> list[int]:
    seen: Counter[str] = Counter()
    placed: list[tuple[int, int, int, str, int]] = []
    for place in sorted(range(len(rows)), key=lambda place: rows[place][0]):
        identity, prompt = rows[place]
        placed.append((seen[prompt], -answered_by[prompt], rank_key(seed, prompt), identity, place))
        seen[prompt] += 1
    placed.sort(key=lambda entry: entry[:4])
    return [place for *_, place in placed]
