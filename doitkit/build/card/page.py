"""The card of a dataset: what it is, where its rows come from, and how to open it.

Markdown with the header that the Hugging Face Hub reads. It depends on the recipe and the rows
alone: no date, no path and no library version of the machine that built them is in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from doitkit.build.card import sections as tables
from doitkit.build.card.header import header, items_of, rows_of
from doitkit.build.card.markdown import code, plain
from doitkit.build.declared import RECIPE_FILE
from doitkit.build.layout import (
    ARROW,
    EVALUATION_FOLDER,
    MANIFEST_FILE,
    REJECTS_FILE,
    TRAIN_FOLDER,
    Layout,
)
from doitkit.build.reasons import Reason
from doitkit.core.origins import ORIGINS
from doitkit.recipe.model import Recipe


def card_text(
    recipe: Recipe,
    manifest: Mapping[str, Any],
    reasons: Sequence[Reason],
    languages: Sequence[str],
    layout: Layout,
) -> str:
    """Return the card of a dataset.

    Parameters
    ----------
    reasons
        Why rows were left out, the commonest reasons first.
    languages
        ISO 639-1 codes, as far as they are known.
    """
    sections = {
        "Sources": tables.sources(recipe, manifest),
        "What there is": tables.supply(recipe, manifest),
        "Evaluation": tables.evaluation(recipe, manifest) if items_of(manifest) else "",
        "The flow of rows": tables.flow(manifest),
        "What was left out, and why": _left_out(reasons, layout),
        "Duplicates": tables.duplicates(manifest),
        "Personal data": tables.personal(manifest),
        "What the rows cost": tables.costs(manifest),
        "How to open it": _ARROW if layout == ARROW else _PARQUET,
        "How to build it again": _BUILD,
    }
    parts = [f"## {title}\n\n{text}" for title, text in sections.items() if text]
    opening = f"# {plain(recipe.name)}\n\n{_summary(recipe, manifest)}"
    return "\n\n".join([header(recipe, manifest, languages, layout), opening, *parts]) + "\n"


def _summary(recipe: Recipe, manifest: Mapping[str, Any]) -> str:
    said = f"{plain(recipe.description)}\n\n" if recipe.description else ""
    order = "their prompts" if recipe.paired else "the rows"
    return (
        f"{said}{rows_of(manifest):,} training rows and {items_of(manifest):,} evaluation items, "
        f"built by doitkit {manifest['versions']['doitkit']} from the recipe {code(recipe.name)} "
        f"with seed {recipe.seed}.\n\n"
        f"Every row says which ability it teaches, where its answer came from (`origin`: "
        f"{', '.join(ORIGINS)}), its source and its `position`. The rows of an ability and an "
        f"origin stand in one order, by a hash of {order} and the seed: those with a position "
        "below k are a random subset of size k, and part of every larger one."
    )


def _left_out(reasons: Sequence[Reason], layout: Layout) -> str:
    if not reasons:
        return ""
    where = f"\n\n`{REJECTS_FILE}` holds every one of these rows, with file, line and reason."
    return tables.left_out(reasons) + (where if layout == ARROW else "")


_ARROW = """\
```python
from datasets import load_from_disk

data = load_from_disk("FOLDER")  # train and evaluation
```

```python
from pathlib import Path

from doitkit.build import Dataset

dataset = Dataset(Path("FOLDER"))
dataset.pool(), dataset.items(), dataset.rejects()  # Polars frames
```

`doitkit inspect FOLDER` shows samples, lengths, and what was left out."""

_PARQUET = f"""\
```python
from datasets import load_dataset

train = load_dataset("FOLDER", "{TRAIN_FOLDER}")
evaluation = load_dataset("FOLDER", "{EVALUATION_FOLDER}")
```"""

_BUILD = f"""\
`{RECIPE_FILE}` says what decided about the rows, and `{MANIFEST_FILE}` has the hash of every file
that the build wrote. The same recipe over the same input files gives the same bytes:

```sh
doitkit build {RECIPE_FILE} --data FOLDER
```"""
