"""The conditions of `curate.filters.where`: checked when a recipe is loaded."""

from pathlib import Path

import pytest

from doitkit.core.errors import RecipeError
from doitkit.recipe.expressions import FILTER_COLUMNS, MOST_OPERATORS, condition
from tests.project import RECIPE, load_project


def _problem(folder: Path, expression: str) -> str:
    more = f"curate:\n  filters:\n    where:\n      odd: {expression!r}\n"
    with pytest.raises(RecipeError) as caught:
        load_project(folder, more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("answer like", "E129 not a condition on a row: unable to parse"),
        ("length(answer) > avg(turns)", "E129 not a condition on a row: `avg` looks at all rows"),
        ("instruction = 1", 'E129 not a condition on a row: unable to find column "instruction"'),
        ("length(answer)", "E129 not a condition on a row: it gives UInt32, not true or false"),
        ("answer in (select a from read_csv(1))", "could read other files"),
        ("answer", "it gives String, not true or false"),
        ("turns > 1 and " * MOST_OPERATORS + "turns > 1", "E108 the expression has"),
    ],
)
def test_what_is_no_condition_is_refused_at_its_line(
    expression: str, said: str, tmp_path: Path
) -> None:
    problem = _problem(tmp_path, expression)
    assert said in problem
    assert "odd:" in problem
    if "E129" in problem:
        assert "next: write a Polars SQL expression over: prompt, answer, text" in problem


def test_conditions_over_every_column_are_taken(tmp_path: Path) -> None:
    where = "".join(f"      with-{name}: {name} is not null\n" for name in FILTER_COLUMNS)
    recipe = load_project(tmp_path, f"curate:\n  filters:\n    where:\n{where}")
    assert len(recipe.curate.filters.where) == len(FILTER_COLUMNS)
    assert condition("turns > 1").meta.root_names() == ["turns"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("a in (select b from read_csv('x.csv'))", "a query inside an expression could read"),
        ("length(a) > 3 * avg(length(a))", "`avg` looks at all rows together"),
    ],
)
def test_sources_may_not_look_at_files_or_at_all_rows_either(
    where: str, said: str, tmp_path: Path
) -> None:
    recipe = RECIPE.replace("origin: human", f"origin: human\n    where: {where}", 1)
    with pytest.raises(RecipeError) as caught:
        load_project(tmp_path, recipe=recipe)
    assert f"E129 not a Polars SQL expression: {said}" in str(caught.value)
