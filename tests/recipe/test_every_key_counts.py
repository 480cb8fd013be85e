"""No key of the recipe language is a switch that does nothing, and none hides a default size.

Peers had both: a deduplication switch that was read nowhere (synthetic-data-kit), and a default of
30 rows that dropped most of a user's data without a word (instructlab/sdg #420).
"""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import doitkit
from doitkit import api
from doitkit.plan import inventory_of, make_plan
from doitkit.recipe.model import Recipe
from doitkit.survey import survey
from tests.project import load_project

PACKAGE = Path(doitkit.__file__).parent
CODE = {file: file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _models() -> list[type[BaseModel]]:
    found: dict[type[BaseModel], None] = {}
    waiting: list[type[BaseModel]] = [Recipe]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found[model] = None
            for field in model.model_fields.values():
                waiting += _models_in(field.annotation)
    return list(found)


KEYS = sorted({(m.__name__, key, m.__module__) for m in _models() for key in m.model_fields})


@pytest.mark.parametrize(("model", "key", "module"), KEYS, ids=str)
def test_every_key_is_read_by_some_code(model: str, key: str, module: str) -> None:
    defined_in = PACKAGE.parent / f"{module.replace('.', '/')}.py"
    used = re.compile(rf"\.{key}\b|\"{key}\"")
    readers = [file for file, text in CODE.items() if used.search(text) and file != defined_in]
    beside = [line for line in CODE[defined_in].splitlines() if f"self.{key}" in line]
    assert readers or beside, f"{model}.{key} is read nowhere"


def test_what_is_not_asked_for_is_not_cut_and_not_drawn(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, rows=500)
    inventory = inventory_of(recipe, survey(recipe))
    assert {name: source.kept for name, source in inventory.sources.items()} == {
        "sums-by-people": 500, "sums-by-model": 500, "words-by-people": 500,
    }  # fmt: skip
    assert make_plan(recipe, inventory).today.total == 0


def test_counts_are_counts_and_not_draws(tmp_path: Path) -> None:
    # oumi: proportions went through random interleaving, and a seed of none was a random one.
    folders = tmp_path / "a", tmp_path / "b"
    built = []
    for folder in folders:
        folder.mkdir()
        text = (
            "mixture: {total: 31, weights: {sums: {human: 1, synthetic: 2}, words: {human: 4}}}\n"
        )
        recipe = load_project(folder, text)
        plan = make_plan(recipe, inventory_of(recipe, survey(recipe)))
        assert plan.today.as_recipe() == {
            "sums": {"human": 4, "synthetic": 9}, "words": {"human": 18},
        }  # fmt: skip
        built.append(api.build(recipe, folder / "ws").rows_of(plan.today)["id"].to_list())
    assert built[0] == built[1]
