"""The text of a recipe file, or why there is none."""

from pathlib import Path

from doitkit.core.errors import RecipeError
from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe.flaw import shown

MOST_BYTES = 4_000_000
"""Of a recipe, with all the recipes that it extends."""

_PARTS = ("demo-weak", "starter/recipe", "doit/base")
"""Shipped recipes that are part of something else."""


def find_recipe(path: str | Path) -> Path:
    """Return the file of a recipe given by path, or by the name of a shipped one.

    Raises
    ------
    RecipeError
        If there is none.
    """
    file = Path(path)
    if is_there(file):
        return file
    shipped = shipped_folder("recipes")
    if file.suffix == "" and is_there(shipped / f"{path}.yaml"):
        return shipped / f"{path}.yaml"
    if is_there(file, folder=True):
        raise RecipeError(
            "this is a folder, not a recipe",
            code="E101",
            where=file,
            next_step="name a file in it",
        )
    raise RecipeError(
        "the recipe does not exist",
        code="E101",
        where=shown(file),
        next_step=f"check the path, or use a shipped one: {', '.join(_offered())}",
    )


def is_there(path: Path, *, folder: bool = False) -> bool:
    """Whether a file, or a folder, lies at `path`: also where no file can be called so."""
    try:
        return path.is_dir() if folder else path.is_file()
    except (OSError, ValueError):
        return False


def _offered() -> list[str]:
    """Return the shipped recipes that stand by themselves, not as a part of a project."""
    names = shipped_names("recipes", ".yaml")
    return [name for name in names if name not in _PARTS]


def read_text(file: Path, called: str | None = None, room: int = MOST_BYTES) -> str:
    """Return the text of a recipe file.

    Parameters
    ----------
    called
        What the file is called in messages; its path, if not given.
    room
        How many bytes it may hold.

    Raises
    ------
    RecipeError
        If the file cannot be read, is larger than any recipe, or is not UTF-8 text.
    """
    called = called or str(file)
    try:
        if file.stat().st_size > room:
            raise _too_large(called, file.stat().st_size)
        with file.open("rb") as stream:
            content = stream.read(room + 1)
        if len(content) > room:  # no file of the disk, but one that the system makes up
            raise _too_large(called, len(content))
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise RecipeError(
            "the recipe is not UTF-8 text",
            code="E111",
            where=f"{called}:{line}:{column}",
            why=f"the byte 0x{error.object[error.start]:02x} stands there",
            next_step="save it as UTF-8",
        ) from error
    except OSError as error:
        raise RecipeError(
            "the recipe cannot be read",
            code="E101",
            where=called,
            why=error.strerror,
            next_step="check who may read it",
        ) from error


def _too_large(called: str, size: int) -> RecipeError:
    return RecipeError(
        "the recipe is too large",
        code="E110",
        where=called,
        why=f"{size:,} bytes; the limit is {MOST_BYTES:,}, with all that a recipe extends",
        next_step="put data into data files and name them under `sources`",
    )
