"""The header of a dataset's card, as the Hugging Face Hub reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

from doitkit.build.card.licenses import OTHER, Licenses
from doitkit.build.layout import EVALUATION_FOLDER, TRAIN_FOLDER, Layout
from doitkit.recipe.edit import as_yaml
from doitkit.recipe.model import Recipe

_UNITS = ("K", "M", "B", "T")


def header(
    recipe: Recipe, manifest: Mapping[str, Any], languages: Sequence[str], layout: Layout
) -> str:
    """Return the YAML between two lines of dashes.

    Parameters
    ----------
    languages
        ISO 639-1 codes, as far as they are known.
    """
    licenses = licenses_of(recipe, manifest)
    ids = list(licenses.ids)
    value: dict[str, Any] = {
        "pretty_name": recipe.name,
        "license": ids[0] if len(ids) == 1 else ids,
    }
    if OTHER in ids:
        value["license_name"] = "; ".join(licenses.names)
    if languages:
        value["language"] = list(languages)
    origins = {origin for held in manifest["supply"].values() for origin in held}
    value |= {
        "task_categories": ["text-generation"],
        "size_categories": [_size(rows_of(manifest) + items_of(manifest))],
        "tags": ["doitkit", "instruction-tuning", *sorted(origins)],
        "configs": _configs(manifest, layout),
    }
    return f"---\n{as_yaml(value)}---"


def rows_of(manifest: Mapping[str, Any]) -> int:
    """Return the training rows of a dataset."""
    return sum(n for origins in manifest["supply"].values() for n in origins.values())


def items_of(manifest: Mapping[str, Any]) -> int:
    """Return the evaluation items of a dataset."""
    return sum(manifest["evaluation_items"].values())


def licenses_of(recipe: Recipe, manifest: Mapping[str, Any]) -> Licenses:
    """Return the licences of the sources and of the evaluation sets."""
    stated = [recipe.sources[name].license for name in manifest["rows_in"]]
    return Licenses.of([*stated, *(s.license for s in recipe.evaluation_sets().values())])


def _configs(manifest: Mapping[str, Any], layout: Layout) -> list[dict[str, Any]]:
    # The two splits have other columns, which one configuration could not have.
    train = {"config_name": TRAIN_FOLDER, "default": True}
    evaluation = {"config_name": EVALUATION_FOLDER}
    return [
        {**config, "data_files": [{"split": split, "path": layout.files_of(split)}]}
        for split, config in ((TRAIN_FOLDER, train), (EVALUATION_FOLDER, evaluation))
        if split == TRAIN_FOLDER or items_of(manifest)
    ]


def _size(rows: int) -> str:
    """Return the Hub's name for a number of rows: `n<1K`, `1K<n<10K` and so on."""
    if rows < 1000:
        return "n<1K"
    zeros = len(str(rows)) - 1
    low, high = (f"{10 ** (n % 3)}{_UNITS[n // 3 - 1]}" for n in (zeros, zeros + 1))
    return f"{low}<n<{high}"
