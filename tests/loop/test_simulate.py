"""A planned ladder in simulated worlds: what is told of it, and what its lacks are called."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doitkit.core.errors import FitError, UsageError
from doitkit.core.progress import SilentProgress, Task
from doitkit.core.workspace import Workspace
from doitkit.growth.simulate import Curve, World, Worth
from doitkit.loop import Resolution, simulate_plan
from doitkit.loop.resolution import Addition
from doitkit.loop.trial import Ladder, diagnosed, true_kinds
from doitkit.plan import Plan
from doitkit.preview import preview
from doitkit.recipe import Recipe
from tests.project import load_project

BALANCED = """
  sizes: [5, 20, 80, 320]
  designs:
    - {design: balanced, origins: {human: 1}, seeds: [1, 2]}
    - {design: balanced, origins: {human: 1, synthetic: 1}, abilities: [sums]}
"""
UNBALANCED = """
  sizes: [5, 20, 80, 320]
  designs:
    - {design: balanced, origins: {human: 1}, seeds: [1, 2]}
    - {design: unbalanced, runs: 8}
"""
MONEY = """
prices: {human: {per_row: 1.0}, synthetic: {per_row: 0.1}}
advise: {budget: 300}
"""


class Heard(SilentProgress):
    """Progress that keeps the titles of what it was told of."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    def task(self, title: str, total: float | None = None) -> AbstractContextManager[Task]:
        self.titles.append(title)
        return super().task(title, total)


def planned(folder: Path, ladder: str, more: str = MONEY, items: int = 300) -> tuple[Recipe, Plan]:
    recipe = load_project(folder, f"ladder:{ladder}{more}", rows=400)
    found = preview(recipe, Workspace(folder / "ws"))
    return recipe, replace(found, items=dict.fromkeys(found.items, items))


def test_a_design_is_resolved_as_far_as_it_goes(tmp_path: Path) -> None:
    recipe, plan = planned(tmp_path, UNBALANCED)
    heard = Heard()
    found = simulate_plan(recipe, plan, worlds=6, progress=heard)
    assert found.runs == 1 + plan.n_runs
    assert (found.worlds, found.failed) == (6, 0)
    assert [ability.ability for ability in found.abilities] == ["sums", "words"]
    for ability in found.abilities:
        assert ability.right + ability.wrong + ability.cannot_tell == pytest.approx(1.0)
    rate = found.abilities[0].exchange["synthetic"]
    assert rate.told >= 0.5
    assert rate.factor is not None
    assert 1.0 <= rate.factor < 4.0
    assert found.abilities[1].exchange == {}  # it has no synthetic source
    assert 0.0 <= found.gain.covered <= 1.0
    assert 0.0 < found.gain.width < 0.5
    assert -1e-9 <= found.regret < 0.3
    assert -1e-9 <= found.equal_regret < 0.6
    assert found.transfer == 1.0
    assert "simulating worlds" in heard.titles
    assert simulate_plan(recipe, plan, worlds=6) == found


def test_what_grows_together_is_not_told_apart_and_the_remedy_is_named(tmp_path: Path) -> None:
    ladder = UNBALANCED.replace("    - {design: unbalanced, runs: 8}\n", "")
    recipe, plan = planned(tmp_path, ladder)
    found = simulate_plan(recipe, plan, worlds=3)
    assert found.transfer == 0.0
    assert not found.resolves
    assert "add `{design: unbalanced, runs: 3}` to `ladder.designs`" in found.verdict
    assert len(found.additions) == 3
    assert [a.right for a in found.additions] == sorted(
        (a.right for a in found.additions), reverse=True
    )
    asked = MONEY.replace("300}", "300, transfer: false}")
    without = simulate_plan(*planned(tmp_path, ladder, asked), worlds=3)
    assert without.transfer is None
    assert "unbalanced" not in without.verdict


def test_more_items_make_more_diagnoses_right(tmp_path: Path) -> None:
    few = simulate_plan(*planned(tmp_path, UNBALANCED, items=15), worlds=10)
    many = simulate_plan(*planned(tmp_path, UNBALANCED, items=4000), worlds=10)
    assert many.right > few.right + 0.1
    assert many.gain.width < few.gain.width
    assert few.additions[0].what == "4 times the evaluation items" or not few.resolves


def test_diagnoses_are_held_against_what_the_world_is() -> None:
    worth = (Worth("exponential", 0.5, 500.0),)
    world = World(
        abilities=("flat", "quick", "slow"),
        origins=("human", "synthetic"),
        chance=np.zeros(3),
        start=np.full(3, 0.2),
        ceiling=np.array([0.2, 0.7, 0.8]),
        curves=(
            Curve("power", 100.0, 0.9),
            Curve("exponential", 15.0, 0.9),
            Curve("power", 800.0, 0.9),
        ),
        worths=(worth,) * 3,
        transfer=np.zeros((3, 3)),
        reach=100.0,
        size_slopes=np.zeros(3),
    )
    counts = [np.zeros((3, 2))]
    for size in (10, 30, 100, 300, 1000):
        for origin in (0, 1):
            counts.append(np.zeros((3, 2)))
            counts[-1][:, origin] = size
    ladder = Ladder(world.abilities, world.origins, np.array(counts), (100_000,) * 3, (0.0,) * 3)
    assert true_kinds(ladder, world, 0.02) == ("resistant", "plateaued", "responsive")
    assert true_kinds(ladder, world, 0.6) == ("resistant",) * 3
    right = [is_right for seed in range(4) for is_right in diagnosed(ladder, world, 0.02, seed)]
    assert len(right) >= 6
    assert np.mean(right) > 0.6
    assert diagnosed(ladder, world, 0.6, 0) == [True, True, True]


def test_verdicts_say_what_helps_and_what_does_not(tmp_path: Path) -> None:
    found = simulate_plan(*planned(tmp_path, UNBALANCED), worlds=2)
    good = replace(found, abilities=tuple(replace(a, right=0.9) for a in found.abilities))
    assert good.verdict == "the ladder resolves what is asked: 90% of the diagnoses are right"
    poor: Resolution = replace(
        found, abilities=tuple(replace(a, right=0.4) for a in found.abilities), additions=()
    )
    helped = replace(poor, additions=(_addition(0.8), _addition(0.5)))
    assert helped.verdict.endswith("more would make 80% of the diagnoses right instead of 40%")
    lost = replace(poor, additions=(_addition(0.42),))
    assert "not even more would change that much: raise `advise.min_gain`" in lost.verdict


def _addition(right: float) -> Addition:
    return Addition("more", right)


def test_what_cannot_be_simulated_is_refused(tmp_path: Path) -> None:
    recipe, plan = planned(tmp_path, UNBALANCED, "")
    with pytest.raises(UsageError, match="what may be spent"):
        simulate_plan(recipe, plan)
    recipe, plan = planned(tmp_path, UNBALANCED)
    with pytest.raises(UsageError, match="nothing to simulate"):
        simulate_plan(recipe, replace(plan, rungs=()))
    with pytest.raises(FitError, match="at least 3"):
        simulate_plan(recipe, replace(plan, rungs=(replace(plan.rungs[0], seeds=(1,)),)))
    unscored = recipe.model_copy(
        update={
            "abilities": recipe.abilities
            | {"sums": recipe.abilities["sums"].model_copy(update={"evaluate": "none"})}
        }
    )
    with pytest.raises(UsageError, match="`sums`, which is not scored"):
        simulate_plan(unscored, plan)
