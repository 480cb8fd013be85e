"""How many rows each cell should hold after curation, and what ladder they carry."""

from collections import Counter
from collections.abc import Mapping, Sequence

from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell
from doitkit.core.records import Record
from doitkit.draft.parts import DraftAbility, DraftRows, DraftSource
from doitkit.recipe.curation import Curation
from doitkit.source import Meant
from doitkit.survey import Curated, curate_rows

_LARGEST = 1024
_STEP = 4
_MOST_SIZES = 4
_TOO_SMALL = 4
"""Sizes below this are used only where there is no other."""


def expected_supply(abilities: Sequence[DraftAbility]) -> dict[Cell, int]:
    """Return the rows that each cell should hold, reckoned from those that were seen.

    The rows seen of all files are curated together, as a build will curate all rows: so copies of
    a file, and files that hold the evaluation items, are found out here.

    Raises
    ------
    UsageError
        If nothing is left of a cell.
    """
    sources: dict[str, tuple[Cell, list[Meant]]] = {}
    items: list[Record] = []
    for ability in abilities:
        for source in ability.sources:
            sources[source.name] = Cell(ability.name, source.origin), _taken(source)
        items += _items(ability)
    curated = curate_rows(sources, items, Curation())
    left_after = curated.left()
    tried, left = Counter(left_after["read"]), Counter(left_after["decontaminate"])
    supply: Counter[Cell] = Counter()
    for ability in abilities:
        for source in ability.sources:
            share = left[source.name] / max(1, tried[source.name])
            supply[Cell(ability.name, source.origin)] += int(source.records * share)
    for cell, rows in supply.items():
        if rows == 0:
            raise _nothing_left(cell, abilities, curated)
    return dict(supply)


def ladder_sizes(supply: Mapping[Cell, int], *, exact: bool) -> tuple[int, ...]:
    """Return up to four sizes, each four times the one before, that the smallest cell carries.

    Parameters
    ----------
    exact
        Whether `supply` was counted. Of what was reckoned, half is relied on.
    """
    smallest = min(supply.values())
    carried = min(_LARGEST, smallest if exact else smallest // 2)
    sizes = [1]
    while sizes[-1] * _STEP <= carried:
        sizes.append(sizes[-1] * _STEP)
    telling = [size for size in sizes if size >= _TOO_SMALL]
    return tuple((telling if len(telling) > 1 else sizes)[-_MOST_SIZES:])


def _taken(rows: DraftRows) -> list[Meant]:
    found = []
    for look in rows.looks:
        taken = [at for at, line in enumerate(look.lines) if rows.takes(line)]
        found.append(
            Meant.of(
                [look.chats[at] for at in taken],
                [look.name] * len(taken),
                [look.lines[at] for at in taken],
            )
        )
    return found


def _items(ability: DraftAbility) -> list[Record]:
    return [
        Record(tuple(row["messages"]), ability.name, "human", "", row["file"], row["line"])
        for some in _taken(ability.evaluate)
        for row in some.rows.iter_rows(named=True)
    ]


def _nothing_left(cell: Cell, abilities: Sequence[DraftAbility], curated: Curated) -> UsageError:
    own: list[DraftSource] = [
        source
        for ability in abilities
        for source in ability.sources
        if Cell(ability.name, source.origin) == cell
    ]
    reasons: Counter[str] = Counter()
    for frame in curated.reject_frames([source.name for source in own]):
        reasons.update(frame["reason"])
    return UsageError(
        f"nothing would be left to train `{cell.ability}` on ({cell.origin})",
        where=", ".join(path for source in own for path in source.paths),
        why="; ".join(f"{n:,} x {reason}" for reason, n in reasons.most_common(2)) or None,
        next_step="leave a file out with --skip, or name other evaluation files with --eval",
    )
