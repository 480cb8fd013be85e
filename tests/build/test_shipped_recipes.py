"""The shipped recipes over the real data: they load, plan and build, and their rows read well."""

import re
from pathlib import Path

import polars as pl
import pytest

from doitkit.build import Dataset, build
from doitkit.core.origins import Cell
from doitkit.core.resources import shipped_folder
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture
from doitkit.plan import planned_mixtures
from doitkit.recipe import Recipe, load_recipe

ORIGINS = {"math": "h", "code": "hs", "logic": "hsp", "ethics": "hs", "dialogue": "h",
           "writing": "hs"}  # fmt: skip


def _load(name: str, data_root: Path) -> Recipe:
    return load_recipe(shipped_folder("recipes") / f"{name}.yaml", data_root=data_root)


@pytest.fixture(scope="module")
def english(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Dataset]:
    recipe = _load("english-abilities", data_folder / "instructions")
    return recipe, build(recipe, Workspace(tmp_path_factory.mktemp("english")))


@pytest.fixture(scope="module")
def gaokao(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Dataset]:
    recipe = _load("gaokao-paired", data_folder / "instructions" / "gaokao_bench")
    return recipe, build(recipe, Workspace(tmp_path_factory.mktemp("gaokao")))


def _reply(frame: pl.DataFrame) -> pl.Series:
    return frame["messages"].list.last().struct.field("content")


def _prompt(frame: pl.DataFrame) -> pl.Series:
    return frame["messages"].list.get(0).struct.field("content")


def test_english_has_the_rows_that_its_sources_are_known_to_hold(
    english: tuple[Recipe, Dataset],
) -> None:
    recipe, dataset = english
    assert dataset.manifest["rows_in"]["gsm8k"] == 7473
    assert dataset.manifest["rows_in"]["ethics-justice"] == 21791
    # Three more hold the answer of an item: other wordings of one task have one solution.
    assert dataset.supply[Cell("code", "human")] == 474 - 3
    assert all(n >= 128 for n in dataset.supply.values())
    assert set(dataset.manifest["evaluation_items"].values()) == {40}
    origins = dict.fromkeys(ORIGINS, "")
    for cell in sorted(dataset.supply, key=lambda cell: "hsp".index(cell.origin[0])):
        origins[cell.ability] += cell.origin[0]
    assert origins == ORIGINS
    _, rungs = planned_mixtures(recipe, dataset.stock(recipe))
    assert [r.mixture.name for r in rungs][:3] == ["human-8", "human-24", "human-72"]


def test_english_rows_are_short_and_their_origin_is_told(english: tuple[Recipe, Dataset]) -> None:
    _, dataset = english
    pool = dataset.pool()
    sizes = pool["messages"].list.eval(pl.element().struct.field("content").str.len_chars())
    assert sizes.list.sum().max() <= 1200
    assert pool.filter(pl.col("origin") == "synthetic")["generator"].null_count() == 0
    assert pool.filter(pl.col("origin") == "human")["generator"].null_count() == len(
        pool.filter(pl.col("origin") == "human")
    )
    assert pool["license"].null_count() == 0


def test_english_answers_have_the_form_that_is_scored(english: tuple[Recipe, Dataset]) -> None:
    _, dataset = english
    pool, items = dataset.pool(), dataset.items()

    def replies(source: str) -> list[str]:
        return list(_reply(pool.filter(pl.col("source") == source)))

    assert all(re.search(r"The answer is -?[\d.,]+$", text) for text in replies("gsm8k"))
    assert not any("<<" in text for text in replies("gsm8k"))
    assert all(re.match(r"\([A-E]\)", text) for text in replies("ar-lsat"))
    assert set(replies("ethics-deontology")) == {"It is reasonable.", "It is unreasonable."}
    for task, choices in {"logic": 5, "ethics": 2, "dialogue": 3}.items():
        part = items.filter(pl.col("task") == task)
        assert set(part["choices"].list.len()) == {choices}
        assert part["choices"].list.n_unique().min() == choices


def test_gaokao_pairs_its_questions(gaokao: tuple[Recipe, Dataset]) -> None:
    recipe, dataset = gaokao
    assert dataset.manifest["pairs"] == {
        "biology": 112, "history": 212, "chinese": 27, "maths": 281, "politics": 244,
    }  # fmt: skip
    _, rungs = planned_mixtures(recipe, dataset.stock(recipe))
    for ability in recipe.abilities:
        for size in (6, 24, 27):
            human, model = (
                dataset.rows_of(Mixture.of("m", {Cell(ability, origin): size}))
                for origin in ("human", "synthetic")
            )
            assert human["prompt_id"].to_list() == model["prompt_id"].to_list()
            assert human["id"].to_list() != model["id"].to_list()
    assert len(rungs) == 18


def test_gaokao_answers_end_with_the_key_and_items_are_of_later_years(
    gaokao: tuple[Recipe, Dataset],
) -> None:
    _, dataset = gaokao
    pool, items = dataset.pool(), dataset.items()
    astray = [text for text in _reply(pool) if not re.search(r"[^\n]\n【答案】[^\n]+$", text)]
    # GPT-4 itself left a blank line there, or wrote a sentence for a key.
    assert len(astray) == 4
    assert set(items["answer"]) == {f"【答案】{letter}" for letter in "ABCD"}
    assert not set(_prompt(pool)) & set(_prompt(items))
    assert items.height == sum(dataset.manifest["evaluation_items"].values()) > 300
