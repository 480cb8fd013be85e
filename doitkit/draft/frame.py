"""What a drafted recipe says beside the data: its name, its model, what may be spent."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from doitkit.core.errors import UsageError
from doitkit.draft.filenames import slug
from doitkit.draft.wishes import require_name

LOCAL_MODEL = "models/base"


@dataclass(frozen=True)
class Frame:
    """The part of a recipe that does not depend on the data."""

    name: str
    base_model: str = LOCAL_MODEL
    budget: float | None = None


def frame_of(
    folder: Path,
    *,
    name: str | None = None,
    base_model: str | None = None,
    budget: float | None = None,
) -> Frame:
    """Return what the recipe in `folder` says beside the data.

    Parameters
    ----------
    name
        Name of the recipe; that of the folder, if None.
    base_model
        A model's folder, relative to the working directory, or a hub id; the tiny model that is
        put beside the recipe, if None.

    Raises
    ------
    UsageError
        If the name cannot be one, or the budget is no amount.
    """
    if budget is not None and not math.isfinite(budget):
        raise UsageError(f"a budget of {budget} is no amount", next_step="name a number of dollars")
    if name is None:
        name = slug(folder.resolve().name) or "project"
    else:
        try:
            require_name(name)
        except ValueError as error:
            raise UsageError(
                f"`--name {name}` cannot be the name of a recipe",
                why=str(error),
                next_step="choose another",
            ) from error
    if base_model is None:
        return Frame(name, budget=budget)
    if Path(base_model).is_dir():
        inside = Path(os.path.relpath(Path(base_model).resolve(), folder.resolve())).as_posix()
        base_model = inside if inside.startswith("..") else f"./{inside}"
    return Frame(name, base_model, budget)
