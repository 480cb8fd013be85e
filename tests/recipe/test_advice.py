"""The block `advise`: what may be bought, under which limits, and what for."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from doitkit.core.errors import RecipeError
from doitkit.recipe import recipe_from_text
from doitkit.recipe.prices import Advice
from tests.project import RECIPE

PRICES = "prices: {human: {per_row: 1}, synthetic: {per_row: 0.1}}\n"


def advice(text: str) -> Advice:
    found = recipe_from_text(f"{RECIPE}{PRICES}advise: {{{text}}}\n", Path("recipe.yaml")).advise
    assert found is not None
    return found


def test_a_budget_alone_is_enough() -> None:
    found = advice("budget: 100")
    assert (found.objective, found.tail, found.min_scores, found.frozen) == ("mean", 0.2, {}, [])
    assert found.buy_at_most == {}
    assert (found.limits.rows, found.limits.tokens, found.limits.gpu_hours) == (None, None, None)


def test_a_limit_of_zero_is_none_of_it_and_not_no_limit() -> None:
    assert advice("budget: 100, limits: {rows: 0}").limits.rows == 0


@pytest.mark.parametrize("part", ["sums", "human", "sums/human", "a-b.c_1/synthetic"])
def test_an_ability_an_origin_or_a_cell_can_be_frozen(part: str) -> None:
    assert advice(f"budget: 100, frozen: [{part}]").frozen == [part]


@pytest.mark.parametrize(
    "text",
    [
        "objective: best",
        "tail: 0",
        "tail: 1.5",
        "min_scores: {sums: 55}",
        "min_scores: {sums: -0.1}",
        "limits: {rows: -1}",
        "limits: {gpu_hours: .nan}",
        "limits: {usd: 3}",
        "frozen: [sums/human/x]",
        "buy_at_most: {sums: {human: 1.5}}",
        "buy_at_most: {sums: {people: 1}}",
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        advice(f"budget: 100, {text}")
    assert "recipe.yaml:" in str(caught.value)


def test_the_page_shows_only_keys_that_load() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
    block = page.split("## The advice")[1].split("```yaml\n")[1].split("```")[0]
    shown: dict[str, Any] = yaml.safe_load(block)["advise"]
    assert Advice.model_validate(shown).limits.rows == 20_000
    every = set(Advice.model_fields) - {"tail", "min_gain", "transfer", "check_seeds"}
    assert set(shown) == every


def test_history_names_files() -> None:
    named = ["history/last-year.csv", "2024/*.parquet"]
    assert Advice.model_validate({"budget": 1, "history": named}).history == named
