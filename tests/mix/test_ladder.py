"""The mixtures of a ladder: exact, nested in size, and unbalanced on purpose where asked."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.origins import Cell, Origin
from doitkit.mix import Mixture, Stock, ladder_rungs
from doitkit.recipe.ladder import Ladder

MATH, MATH_MODEL = Cell("math", "human"), Cell("math", "synthetic")
CODE = Cell("code", "human")
ORIGINS: tuple[Origin, ...] = ("programmatic", "synthetic")
SUPPLY = {MATH: 1000, MATH_MODEL: 1000, CODE: 1000}


def _ladder(*designs: dict[str, Any], **declared: Any) -> Ladder:
    return Ladder.model_validate({"sizes": [4, 16], "designs": list(designs), **declared})


def _mixtures(ladder: Ladder, seed: int = 0) -> list[Mixture]:
    return [rung.mixture for rung in ladder_rungs(ladder, ["math", "code"], Stock(SUPPLY), seed)]


def test_a_balanced_design_gives_every_ability_each_size() -> None:
    found = _mixtures(_ladder({"design": "balanced", "origins": {"human": 1}}))
    assert [(m.name, m.as_recipe()) for m in found] == [
        ("human-4", {"code": {"human": 4}, "math": {"human": 4}}),
        ("human-16", {"code": {"human": 16}, "math": {"human": 16}}),
    ]


def test_origins_split_a_size_exactly_over_those_an_ability_has() -> None:
    design = {"design": "balanced", "origins": {"human": 1, "synthetic": 2}, "sizes": [5]}
    (found,) = _mixtures(_ladder(design))
    assert found.as_recipe() == {"code": {"human": 5}, "math": {"human": 2, "synthetic": 3}}
    design = {"design": "balanced", "origins": {"human": 0, "synthetic": 1}, "sizes": [5]}
    (found,) = _mixtures(_ladder(design))
    assert found.as_recipe() == {"math": {"synthetic": 5}}


def test_equal_mixtures_of_two_designs_are_one_rung_with_the_seeds_of_both() -> None:
    ladder = _ladder(
        {"design": "balanced", "origins": {"human": 1}, "sizes": [4], "seeds": [1, 2]},
        {
            "design": "explicit",
            "mixtures": {
                "again": {"counts": {"math": {"human": 4}, "code": {"human": 4, "synthetic": 0}}}
            },
        },
        seeds=[3],
    )
    (rung,) = ladder_rungs(ladder, ["math", "code"], Stock(SUPPLY), 0)
    assert (rung.mixture.name, rung.seeds) == ("human-4 = again", (1, 2, 3))


def test_an_unbalanced_design_uses_the_sizes_and_keeps_within_the_supply() -> None:
    ladder = _ladder({"design": "unbalanced", "runs": 8, "max_rows": 24})
    supply = {MATH: 1000, MATH_MODEL: 10, CODE: 0}
    found = [rung.mixture for rung in ladder_rungs(ladder, ["math", "code"], Stock(supply), 0)]
    assert len(found) == 5  # of six mixtures of two cells, one is too large and one is empty
    for mixture in found:
        assert 0 < mixture.total <= 24
        assert mixture[MATH] in (0, 4, 16)
        assert mixture[MATH_MODEL] in (0, 4)
        assert mixture[CODE] == 0


def test_an_unbalanced_design_lets_the_cells_be_told_apart() -> None:
    found = _mixtures(_ladder({"design": "unbalanced", "runs": 12}))
    rows = np.log1p([[mixture[cell] for cell in SUPPLY] for mixture in found])
    correlations = np.corrcoef(rows, rowvar=False)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.5


@given(
    runs=st.integers(1, 8),
    max_rows=st.integers(40, 200),
    seed=st.integers(0, 5),
    origins=st.sampled_from([{"human": 1}, {"synthetic": 1}, {"human": 1, "synthetic": 1}]),
)
def test_an_unbalanced_design_adds_as_many_new_mixtures_as_it_says(
    runs: int, max_rows: int, seed: int, origins: dict[str, float]
) -> None:
    balanced = {"design": "balanced", "origins": origins}
    before = _mixtures(_ladder(balanced), seed)
    ladder = _ladder(balanced, {"design": "unbalanced", "runs": runs, "max_rows": max_rows})
    after = _mixtures(ladder, seed)
    assert len(after) == len(before) + runs
    assert all(0 < mixture.total <= max_rows for mixture in after[len(before) :])


def test_an_unbalanced_design_varies_every_cell() -> None:
    cells = {Cell(f"ability-{i}", origin): 900 for i in range(5) for origin in ORIGINS}
    ladder = _ladder(
        *({"design": "balanced", "origins": {origin: 1}} for origin in ORIGINS),
        {"design": "unbalanced", "runs": 8, "max_rows": 1600},
        sizes=[12, 48, 192, 768],
    )
    rungs = ladder_rungs(ladder, [f"ability-{i}" for i in range(5)], Stock(cells), 7)
    found = [r.mixture for r in rungs if r.mixture.name.startswith("unbalanced")]
    for cell in cells:
        held = [mixture[cell] for mixture in found]
        assert len(set(held)) >= 3
        assert max(held) >= 192
    assert sum(768 in dict(m.counts).values() for m in found) >= 7


def test_the_seed_decides_the_unbalanced_design() -> None:
    ladder = _ladder({"design": "unbalanced", "runs": 6})
    assert _mixtures(ladder, 5) == _mixtures(ladder, 5)
    assert _mixtures(ladder, 5) != _mixtures(ladder, 6)


def test_the_design_is_the_same_in_whatever_order_the_supply_is_told() -> None:
    ladder = _ladder({"design": "unbalanced", "runs": 6})
    backwards = {Cell("empty", "human"): 0, **dict(reversed(SUPPLY.items()))}
    found = [rung.mixture for rung in ladder_rungs(ladder, ["math", "code"], Stock(backwards), 0)]
    assert found == _mixtures(ladder)


def test_one_ability_at_a_time_leaves_the_others_as_they_are() -> None:
    design = {"design": "one-at-a-time", "origins": {"human": 1}, "sizes": [16], "others": 4}
    found = _mixtures(_ladder(design))
    assert [(m.name, m.as_recipe()) for m in found] == [
        ("math-human-16", {"code": {"human": 4}, "math": {"human": 16}}),
        ("code-human-16", {"code": {"human": 16}, "math": {"human": 4}}),
    ]
    alone = {"design": "one-at-a-time", "origins": {"synthetic": 1}, "abilities": ["math", "code"]}
    assert [m.as_recipe() for m in _mixtures(_ladder(alone))] == [
        {"math": {"synthetic": 4}},
        {"math": {"synthetic": 16}},
    ]


def test_a_balanced_design_may_be_kept_to_some_abilities() -> None:
    design = {"design": "balanced", "origins": {"human": 1}, "abilities": ["code"], "sizes": [4]}
    (found,) = _mixtures(_ladder(design))
    assert (found.name, found.as_recipe()) == ("code-human-4", {"code": {"human": 4}})


def test_every_mixture_is_trained_from_every_model_that_a_design_names() -> None:
    ladder = _ladder(
        {"design": "balanced", "origins": {"human": 1}, "sizes": [4]},
        {"design": "balanced", "origins": {"synthetic": 1}, "sizes": [4], "models": ["small"]},
        models={"small": "models/a", "large": "models/b"},
    )
    rungs = ladder_rungs(ladder, ["math", "code"], Stock(SUPPLY), 0)
    assert [(rung.mixture.name, rung.model) for rung in rungs] == [
        ("human-4", "small"),
        ("human-4", "large"),
        ("synthetic-4", "small"),
    ]


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=4, unique=True).map(sorted),
    st.dictionaries(
        st.sampled_from(["human", "synthetic"]), st.floats(0, 5, allow_subnormal=False), min_size=1
    ).filter(lambda origins: any(origins.values())),
)
def test_balanced_sizes_sum_exactly(sizes: list[int], origins: dict[str, float]) -> None:
    ladder = _ladder({"design": "balanced", "origins": origins}, sizes=sizes)
    for size, mixture in zip(sizes, _mixtures(ladder), strict=False):
        per_ability = {a: sum(o.values()) for a, o in mixture.as_recipe().items()}
        assert set(per_ability.values()) <= {size}


def test_origins_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="all origins are 0"):
        _ladder({"design": "balanced", "origins": {"human": 0}})
    with pytest.raises(ValueError, match="all origins are 0"):
        _ladder({"design": "one-at-a-time", "origins": {"human": 0}})


def test_different_mixtures_have_different_names() -> None:
    ladder = _ladder(
        {"design": "balanced", "origins": {"human": 1, "synthetic": 1}, "sizes": [9]},
        {"design": "balanced", "origins": {"human": 70, "synthetic": 30}, "sizes": [9]},
        {"design": "balanced", "origins": {"human": 1}, "sizes": [4]},
        {
            "design": "explicit",
            "mixtures": {
                "human-4": {"counts": {"math": {"human": 2}}},
                "base": {"counts": {"math": {"human": 3}}},
            },
        },
    )
    assert [mixture.name for mixture in _mixtures(ladder)] == [
        "human+synthetic-9",
        "70*human+30*synthetic-9",
        "human-4",
        "human-4 (2)",
        "base (2)",
    ]
