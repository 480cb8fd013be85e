"""From the uses of files to the sources and abilities of a recipe."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell
from doitkit.draft.filenames import label_of, shard_key, slug, stem_of
from doitkit.draft.guess import UNNAMED, FileUse
from doitkit.draft.hold_out import every_nth
from doitkit.draft.parts import DraftAbility, DraftRows, DraftSource, Part
from doitkit.draft.supply import expected_supply, ladder_sizes
from doitkit.source.look import Look

_MAX_LISTED = 4
_SHOWN = 6


@dataclass(frozen=True)
class Draft:
    """Everything that the recipe will say of the data."""

    folder: Path
    abilities: tuple[DraftAbility, ...]
    left_out: tuple[tuple[str, str], ...]
    """Files that are not used, and why."""
    supply: dict[Cell, int] = field(default_factory=dict)
    """Rows that each cell should hold after curation, as far as the rows seen tell."""
    sizes: tuple[int, ...] = ()
    uses: tuple[FileUse, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what was seen and decided as plain JSON."""
        return {
            "data": str(self.folder),
            "files": [_use_as_json(use) for use in self.uses],
            "sources": {
                source.name: {
                    "ability": ability.name,
                    "path": list(source.paths),
                    "where": source.where,
                    "origin": source.origin,
                    "generator": source.uses[0].generator,
                    "rows": source.rows,
                }
                for ability in self.abilities
                for source in ability.sources
            },
            "abilities": {
                ability.name: {
                    "sources": [source.name for source in ability.sources],
                    "evaluate": list(ability.evaluate.paths),
                    "where": ability.evaluate.where,
                    "items": ability.items,
                }
                for ability in self.abilities
            },
            "left_out": dict(self.left_out),
            "ladder_sizes": list(self.sizes),
        }


def assemble(uses: Sequence[FileUse], folder: Path, hold_out: int | None = None) -> Draft:
    """Return the draft of a recipe over the files of `folder`, used as `uses` says.

    Parameters
    ----------
    hold_out
        How many rows of an ability that has no evaluation file are kept to score it.

    Raises
    ------
    UsageError
        If nothing is left to train on, or an ability cannot be scored.
    """
    left_out = [(use.look.name, use.role_from) for use in uses if use.role == "skip"]
    training = _by_ability([use for use in uses if use.role == "training"])
    evaluation = _by_ability([use for use in uses if use.role == "evaluation"])
    for name in evaluation.keys() - training.keys():
        why = f"nothing trains its ability, {name}"
        left_out += [(use.look.name, why) for use in evaluation[name]]
    if not training:
        raise UsageError(
            "no file is left to train on",
            where=folder,
            why=_shown([f"{file}: {why}" for file, why in left_out]),
            next_step="give --eval and --skip to fewer files",
        )
    unscored = [name for name in training if name not in evaluation]
    if unscored and hold_out is None:
        raise _unscored(unscored, training, folder)
    abilities: list[DraftAbility] = []
    taken: set[str] = set()
    for name, own in training.items():
        sources = _sources(own, folder, taken)
        if name in evaluation:
            chosen, rest = _items(evaluation[name], own, folder)
            left_out += rest
            abilities.append(DraftAbility(name, sources, chosen))
        else:
            assert hold_out is not None
            abilities.append(_held_out(name, sources, hold_out))
    supply = expected_supply(abilities)
    return Draft(
        folder=folder,
        abilities=tuple(abilities),
        left_out=tuple(sorted(left_out)),
        supply=supply,
        sizes=ladder_sizes(supply, exact=all(use.look.seen_whole for use in uses)),
        uses=tuple(uses),
    )


def _by_ability(uses: Sequence[FileUse]) -> dict[str, list[FileUse]]:
    groups: dict[str, list[FileUse]] = {}
    for use in uses:
        groups.setdefault(use.ability, []).append(use)
    return groups


def _sources(uses: Sequence[FileUse], folder: Path, taken: set[str]) -> tuple[DraftSource, ...]:
    """Return a source for each file, or for all shards of one, under names that are not taken."""
    groups: dict[object, list[FileUse]] = {}
    for use in uses:
        shard = shard_key(use.look.name) or use.look.name
        groups.setdefault((shard, use.origin, use.generator, _reading(use.look)), []).append(use)
    writers = {(use.origin, use.generator) for use in uses}
    sources: list[DraftSource] = []
    for group in groups.values():
        name = _source_name(group[0], taken, several_writers=len(writers) > 1)
        taken.add(name)
        paths = _paths([use.look.name for use in group], folder)
        sources.append(DraftSource(tuple(group), paths, name=name))
    return tuple(sources)


def _items(
    uses: Sequence[FileUse], training: Sequence[FileUse], folder: Path
) -> tuple[DraftRows, list[tuple[str, str]]]:
    """Return the evaluation set, and the files that are read in another way than it.

    Of several ways, that of the training files is taken; else that of the most items.
    """
    trained = {_reading(use.look) for use in training}
    groups: dict[object, list[FileUse]] = {}
    for use in uses:
        groups.setdefault(_reading(use.look), []).append(use)
    chosen = max(
        groups.values(),
        key=lambda group: (
            _reading(group[0].look) in trained,
            sum(use.look.records for use in group),
        ),
    )
    paths = _paths([use.look.name for use in chosen], folder)
    others = [use for group in groups.values() if group is not chosen for use in group]
    why = f"{chosen[0].ability} is scored on {chosen[0].look.name}, which is read in another way"
    return DraftRows(tuple(chosen), paths), [(use.look.name, why) for use in others]


def _held_out(ability: str, sources: tuple[DraftSource, ...], items: int) -> DraftAbility:
    """Return an ability that is scored on every n-th row of its largest human source."""
    source = max(sources, key=lambda s: (s.origin == "human", s.records))
    nth = every_nth(source.looks, items)
    if nth is None:
        raise UsageError(
            f"{items:,} rows cannot be held out for the ability `{ability}`",
            where=", ".join(source.paths),
            why=f"that would be more than half of the rows that can be read: "
            f"about {source.records:,}",
            next_step="give a smaller --hold-out, or an evaluation file with --eval",
        )
    kept = replace(source, part=Part(nth, held_out=False))
    held = DraftRows(source.uses, source.paths, Part(nth, held_out=True))
    others = tuple(kept if other is source else other for other in sources)
    return DraftAbility(ability, others, held, items)


def _reading(look: Look) -> tuple[object, ...]:
    """Return everything that decides how a file is read; files that agree can be read as one."""
    header = tuple(look.header) if isinstance(look.header, list) else look.header
    return look.meaning, header, look.records_at


def _source_name(use: FileUse, taken: set[str], *, several_writers: bool) -> str:
    """Return a name that no source has: the ability, the file, and who wrote it, if need be."""
    name, ability = slug(label_of(stem_of(use.look.name))), use.ability
    if name and not name.startswith(slug(ability.replace("_", "-"))):
        name = f"{ability}-{name}"
    name = name or ability
    if several_writers and use.generator is not None:
        writer = slug(use.generator) if use.generator != UNNAMED else use.origin
        name = name if name.endswith(f"-{writer}") else f"{name}-{writer}"
    name = name[:70].rstrip("-_.")
    free, number = name, 2
    while free in taken:
        free = f"{name}-{number}"
        number += 1
    return free


def _paths(files: list[str], folder: Path) -> tuple[str, ...]:
    """Return a glob if there are many files and it names them and no other; else the files."""
    if len(files) <= _MAX_LISTED:
        return tuple(files)
    one = re.sub(r"(?<![^\W_])[0-9]+(?![^\W_])", "*", files[0])
    found = sorted(path for path in folder.glob(one) if path.is_file()) if "[" not in one else []
    return (
        (one,) if [path.relative_to(folder).as_posix() for path in found] == files else tuple(files)
    )


def _unscored(names: list[str], training: dict[str, list[FileUse]], folder: Path) -> UsageError:
    lines = []
    for name in names:
        files = [use.look.name for use in training[name]]
        more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
        lines.append(f"{name} ({files[0]}{more})")
    return UsageError(
        "these abilities have no evaluation file, so nothing could score them"
        if len(names) > 1
        else "this ability has no evaluation file, so nothing could score it",
        where=folder,
        why=_shown(lines),
        next_step="name evaluation files with --eval GLOB (and --ability GLOB=NAME where the name "
        "does not tell), leave files out with --skip GLOB, or keep some rows of each for scoring "
        "with --hold-out N",
    )


def _shown(lines: list[str]) -> str:
    more = [f"and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
    return "\n         ".join([*lines[:_SHOWN], *more])


def _use_as_json(use: FileUse) -> dict[str, Any]:
    decided = {name: value for name, value in vars(use).items() if name != "look"}
    return use.look.as_json() | decided
