"""How each file is used: its role, its ability, who wrote it. Every guess says what it is from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from doitkit.core.origins import Origin
from doitkit.draft.filenames import (
    human_word,
    is_evaluation,
    is_model,
    is_only_a_role,
    label_of,
    name_overlap,
    role_word,
    slug,
    stem_of,
    writer_word,
)
from doitkit.draft.wishes import Wishes
from doitkit.source.look import Look

Role = Literal["training", "evaluation", "skip"]
ROLES: tuple[Role, ...] = get_args(Role)

UNNAMED = "unnamed model"

_ALIKE = 0.5
"""Two names are alike if they share so much of their words."""
_ANSWER_COLUMNS = ("completion", "output", "messages")


@dataclass(frozen=True)
class FileUse:
    """How one file is used, and what each part of that was guessed from."""

    look: Look
    role: Role
    ability: str = ""
    origin: Origin = "human"
    generator: str | None = None
    role_from: str = ""
    ability_from: str = ""
    origin_from: str = ""

    def written_by(self, origin: Origin, said: str) -> "FileUse":
        """Return this with an origin that was said, not guessed."""
        generator = (self.generator or UNNAMED) if origin == "synthetic" else None
        return replace(self, origin=origin, generator=generator, origin_from=said)


def guess(looks: Sequence[Look], folder: Path, wishes: Wishes) -> list[FileUse]:
    """Return how each file of `folder` is used: as the user wishes, and as its name suggests.

    Raises
    ------
    UsageError
        If a wish is about no file.
    """
    wishes.require_matches([look.name for look in looks])
    names = _ability_names([look for look in looks if look.usable], folder)
    uses = [_use(look, names.get(look.name, ""), wishes) for look in looks]
    return _paired(uses)


def _use(look: Look, ability: str, wishes: Wishes) -> FileUse:
    if not look.usable:
        return FileUse(look, "skip", role_from=look.why or "")
    use = _written(FileUse(look, "training", ability))
    said = wishes.origin_of(look.name)
    if said is not None:
        use = use.written_by(said, "--origin")
    wished = wishes.ability_of(look.name)
    inside = _own_folder(look.name) is not None
    use = replace(
        use,
        ability=wished or ability,
        ability_from="--ability" if wished else f"its {'folder' if inside else 'name'}",
    )
    if wishes.skips(look.name):
        return replace(use, role="skip", role_from="--skip")
    if wishes.evaluates(look.name):
        return replace(use, role="evaluation", role_from="--eval")
    word = _role_word(look.name)
    if word is None:
        return replace(use, role_from="the lack of a word such as `test`")
    role: Role = "evaluation" if is_evaluation(word) else "training"
    return replace(use, role=role, role_from=f"`{word}` in its name")


def _role_word(name: str) -> str | None:
    word = role_word(stem_of(name))
    if word is not None:
        return word
    folders = PurePosixPath(name).parent.parts
    return next(
        (role_word(f) for f in reversed(folders) if is_only_a_role(f) and role_word(f)), None
    )


def _written(use: FileUse) -> FileUse:
    """Return a file's use with its origin: human, unless something names a model.

    `programmatic` is never guessed: that rows are verified is nothing that a name can tell.
    """
    look = use.look
    if look.generators:
        return replace(
            use,
            origin="synthetic",
            generator=", ".join(look.generators),
            origin_from="a column that names the model",
        )
    path = PurePosixPath(look.name)
    for place, where in ((stem_of(look.name), "name"), (str(path.parent), "folder's name")):
        word, human = writer_word(place), human_word(place)
        if word is not None:
            return _by_model(use, word, f"`{word}` in its {where}")
        if human is not None:
            return replace(use, origin_from=f"`{human}` in its {where}")
    answer = _answer_column(look)
    word = writer_word(answer)
    if word is not None:
        return _by_model(use, word, f"the column `{answer}`")
    return replace(use, origin_from="the lack of a model's name")


def _by_model(use: FileUse, word: str, said: str) -> FileUse:
    generator = word if is_model(word) else UNNAMED
    return replace(use, origin="synthetic", generator=generator, origin_from=said)


def _answer_column(look: Look) -> str:
    mapped = dict(look.meaning.columns) if look.meaning else {}
    return next((mapped[column] for column in _ANSWER_COLUMNS if column in mapped), "")


def _own_folder(name: str) -> str | None:
    """Return the nearest folder whose name says more than a role, as a path below the data."""
    for folder in PurePosixPath(name).parents:
        if folder.name and not is_only_a_role(folder.name):
            return str(folder)
    return None


def _ability_names(looks: Sequence[Look], folder: Path) -> dict[str, str]:
    """Return the ability of each file: its folder, or at the top what its name is without role."""
    groups: dict[str, list[str]] = {}
    for look in looks:
        own = _own_folder(look.name)
        group = label_of(stem_of(look.name)) if own is None else f"{own}/"
        groups.setdefault(group, []).append(look.name)
    taken: set[str] = set()
    names: dict[str, str] = {}
    for group, files in groups.items():
        name = _free_name(group or folder.resolve().name, taken)
        taken.add(name)
        names |= dict.fromkeys(files, name)
    return names


def _free_name(group: str, taken: set[str]) -> str:
    """Return a name for a group: the end of its path, as much of it as no other group has."""
    parts = PurePosixPath(group).parts
    for count in range(1, len(parts) + 1):
        name = slug("-".join(parts[-count:]))
        if name and name not in taken:
            return name
    base = slug(parts[-1]) if parts and slug(parts[-1]) else "ability"
    number = 1 if base == "ability" else 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _paired(uses: list[FileUse]) -> list[FileUse]:
    """Give evaluation files whose ability nothing trains to the nearest ability that is trained."""
    trained = [use for use in uses if use.role == "training"]
    abilities = {use.ability for use in trained}
    return [
        _with_nearest(use, trained)
        if use.role == "evaluation" and use.ability not in abilities
        else use
        for use in uses
    ]


def _with_nearest(use: FileUse, trained: list[FileUse]) -> FileUse:
    nearest = None if use.ability_from == "--ability" else _nearest(use, trained)
    if nearest is None:
        return replace(use, role="skip", role_from="it would score, but nothing trains for it")
    said = f"the nearest training file, `{nearest.look.name}`"
    return replace(use, ability=nearest.ability, ability_from=said)


def _nearest(use: FileUse, trained: list[FileUse]) -> FileUse | None:
    label = _label(use)
    if len({other.ability for other in trained}) == 1 and not label:
        return trained[0]

    def nearness(other: FileUse) -> tuple[int, float]:
        return _common_folders(use, other), name_overlap(label, _label(other))

    near = [other for other in trained if nearness(other) >= (0, _ALIKE)]
    return max(near, key=nearness, default=None)


def _common_folders(one: FileUse, other: FileUse) -> int:
    """Return how many of their outer folders, with names that say something, two files share."""
    count = 0
    pair = (PurePosixPath(one.look.name).parent.parts, PurePosixPath(other.look.name).parent.parts)
    for a, b in zip(*pair, strict=False):
        if a != b:
            break
        count += not is_only_a_role(a)
    return count


def _label(use: FileUse) -> str:
    """Return what the name of a file, or that of its folder, says of what it is about."""
    own = _own_folder(use.look.name)
    return label_of(PurePosixPath(own).name if own else stem_of(use.look.name))
