"""What tells others about a dataset: the card, and the Croissant metadata."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doitkit.build.card.croissant import croissant
from doitkit.build.card.languages import languages_of
from doitkit.build.card.page import card_text
from doitkit.build.layout import (
    CARD_FILE,
    CROISSANT_FILE,
    REJECTS_FILE,
    TRAIN_FOLDER,
    Layout,
)
from doitkit.build.reasons import read_reasons
from doitkit.core.files import write_json, write_text
from doitkit.core.saved import read_saved
from doitkit.recipe.model import Recipe


def write_metadata(
    folder: Path,
    recipe: Recipe,
    manifest: Mapping[str, Any],
    layout: Layout,
    dataset: Path | None = None,
) -> None:
    """Write the card and the Croissant metadata of a dataset beside its files.

    Parameters
    ----------
    folder
        Where the files of both splits lie, as `layout` calls them.
    dataset
        The folder of the dataset as the build wrote it; `folder`, if not given.
    """
    built = dataset or folder
    sizes = [manifest["supply"][ability][origin] for ability, origin in recipe.cells()]
    languages = languages_of(recipe, read_saved(built / TRAIN_FOLDER), sizes)
    reasons = read_reasons(built / REJECTS_FILE)
    write_text(folder / CARD_FILE, card_text(recipe, manifest, reasons, languages, layout))
    write_json(folder / CROISSANT_FILE, croissant(recipe, manifest, languages, layout, folder))
