"""Looking at every file of a folder."""

from pathlib import Path

from doitkit.core.errors import SourceError
from doitkit.core.progress import SILENT, Progress
from doitkit.source.kind import KINDS
from doitkit.source.look import Look, files_below, look_at

_SHOWN = 8


def look_around(folder: Path, progress: Progress = SILENT) -> list[Look]:
    """Look at every file below `folder`, of each at its beginning.

    Raises
    ------
    SourceError
        If there is no such folder, or nothing in it that could be a source.
    """
    files = files_below(folder)
    if not files:
        raise SourceError(
            "there is no file in this folder",
            where=folder,
            why="hidden files are not looked at",
            next_step=f"put data files there: {', '.join(KINDS)}, each plain, .gz or .zst",
        )
    looks: list[Look] = []
    with progress.task("looking at files", len(files)) as task:
        for path in files:
            looks.append(look_at(path, folder))
            task.advance(note=looks[-1].name)
    if not any(look.usable for look in looks):
        shown = [f"{look.name}: {look.why}" for look in looks[:_SHOWN]]
        more = [f"and {len(looks) - _SHOWN:,} more"] if len(looks) > _SHOWN else []
        raise SourceError(
            "no file in this folder can be read as instruction data",
            where=folder,
            why="\n         ".join([*shown, *more]),
            next_step="name the columns as a format does (`doitkit schema recipe` shows the "
            "formats), or write the recipe by hand: `doitkit init FOLDER`",
        )
    return looks
