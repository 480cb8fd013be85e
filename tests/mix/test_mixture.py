"""Mixtures: named by what they hold, and read back from what they write."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.origins import ORIGINS, Cell, Origin
from doitkit.mix import Mixture, Stock, mixture_of
from doitkit.recipe.amounts import Amounts

cells = st.builds(Cell, st.sampled_from(["code", "logic", "math"]), st.sampled_from(ORIGINS))
tables = st.dictionaries(cells, st.integers(0, 1000))


@given(tables)
def test_a_mixture_reads_back_from_the_recipe_it_writes(counts: dict[Cell, int]) -> None:
    mixture = Mixture.of("m", counts)
    declared = Amounts.model_validate({"counts": mixture.as_recipe()})
    assert mixture_of("other name", declared, Stock({})) == mixture
    assert mixture.total == sum(counts.values())
    assert all(mixture[cell] == n for cell, n in counts.items())


@given(tables, st.randoms())
def test_the_id_depends_on_the_counts_alone(counts: dict[Cell, int], draw: Random) -> None:
    shuffled = list(counts.items())
    draw.shuffle(shuffled)
    with_zero = {**dict(shuffled), Cell("unused", "human"): 0}
    assert Mixture.of("a", counts).id == Mixture.of("b", with_zero).id


def test_different_counts_have_different_ids() -> None:
    human: Origin = "human"
    one, two = Cell("math", human), Cell("code", human)
    ids = {Mixture.of("m", c).id for c in ({}, {one: 1}, {one: 2}, {two: 1}, {one: 1, two: 1})}
    assert len(ids) == 5


@given(tables, tables)
def test_a_purchase_adds_up(held: dict[Cell, int], bought: dict[Cell, int]) -> None:
    after = Mixture.of("held", held).plus("after", bought)
    for cell in {*held, *bought}:
        assert after[cell] == held.get(cell, 0) + bought.get(cell, 0)
