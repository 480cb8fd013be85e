"""Money by category against its cap: a plan over a cap is an error, not a surprise later."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from doitkit.core.errors import PlanError
from doitkit.plan import Plan, Speed, Stored, inventory_of, make_plan, measured_speed
from doitkit.survey import survey
from tests.project import RECIPE, load_project

BUYING = """
mixture: {counts: {sums: {human: 100}, words: {human: 45}}}
prices:
  human: {per_row: 2.0, abilities: {words: {per_row: 5.0}}}
  synthetic: {per_row: 0.1}
  cpu_hour: 0.5
  gpu_hour: 4.0
ladder:
  sizes: [8, 16]
  designs: [{design: balanced, origins: {human: 1}, seeds: [1, 2]}]
train: {base_model: m, epochs: 2, batch_size: 4, workers: 2}
"""
SPEED = {"m": Speed("cpu", start_s=10.0, s_per_token=0.5, runs=3)}


def _plan(
    folder: Path,
    more: str = "",
    *,
    stored: Stored | None = None,
    speeds: Mapping[str, Speed] | None = None,
) -> Plan:
    recipe = load_project(folder, BUYING + more, recipe=RECIPE)
    found = inventory_of(recipe, survey(recipe))
    return make_plan(recipe, found, stored=stored, speeds=speeds)


def _money(plan: Plan) -> dict[str, float | None]:
    return {line.category: line.amount for line in plan.money}


def test_rows_that_are_still_to_be_bought_cost_their_price(tmp_path: Path) -> None:
    # 60 sums at 2 and 5 words at 5; generation is no part of a recipe that generates nothing.
    assert _money(_plan(tmp_path)) == {
        "annotation": 145.0,
        "training hours": None,
        "training": None,
    }


def test_time_comes_from_timed_runs_and_costs_what_the_device_costs(tmp_path: Path) -> None:
    plan = _plan(tmp_path, speeds=SPEED)
    small, large = plan.runs
    assert (small.rows, small.steps, large.steps) == (16, 8, 16)
    assert small.seconds == pytest.approx(10 + 0.5 * 2 * small.tokens, rel=0.02)
    seconds = 2 * (small.seconds or 0) + 2 * (large.seconds or 0)
    hours = _money(plan)["training hours"]
    assert hours == pytest.approx(seconds / 2 / 3600)  # two workers share the machine
    assert _money(plan)["training"] == pytest.approx(seconds / 2 / 3600 * 0.5)
    gpu = {"m": Speed("cuda", 10.0, 0.5, 3)}
    assert _money(_plan(tmp_path, speeds=gpu))["training"] == pytest.approx(hours * 4.0)


def test_what_is_done_already_costs_nothing_more(tmp_path: Path) -> None:
    plan = _plan(tmp_path, speeds=SPEED)
    done = frozenset((rung.mixture.id, "", seed) for rung in plan.rungs for seed in (1, 2))
    after = _plan(tmp_path, speeds=SPEED, stored=Stored(True, done))
    assert (after.n_done, after.n_runs) == (4, 4)
    assert _money(after)["training hours"] == 0
    half = frozenset(key for key in done if key[2] == 1)
    left = _money(_plan(tmp_path, speeds=SPEED, stored=Stored(True, half)))["training hours"]
    assert left == pytest.approx((_money(plan)["training hours"] or 0) / 2)


@pytest.mark.parametrize(
    ("caps", "code", "what"),
    [
        ("{annotation: 144.9}", "E305", "annotation would exceed the cap on annotation"),
        ("{hours: 0.01}", "E306", "training would exceed the cap on hours"),
        ("{compute: 0.001}", "E306", "training would exceed the cap on compute"),
        ("{hours: 0}", "E306", "training would exceed the cap on hours"),
    ],
)
def test_every_cap_is_hard(tmp_path: Path, caps: str, code: str, what: str) -> None:
    with pytest.raises(PlanError) as caught:
        _plan(tmp_path, f"caps: {caps}\n", speeds=SPEED)
    assert (caught.value.code, caught.value.what) == (code, what)
    assert str(caught.value.where).endswith("recipe.yaml:41:8")


def test_a_cap_of_nothing_needs_no_timing(tmp_path: Path) -> None:
    for cap in ("hours", "compute"):
        with pytest.raises(PlanError, match=f"exceed the cap on {cap}") as caught:
            _plan(tmp_path, f"caps: {{{cap}: 0}}\n")
        assert "some runs are left to train" in str(caught.value.why)


def test_what_is_to_be_bought_is_named_where_it_costs_too_much(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        _plan(tmp_path, "caps: {annotation: 10}\n")
    assert caught.value.why == (
        "145.00 money needed for 60 sums/human, 5 words/human rows; the cap is 10.00 money"
    )


def test_caps_that_hold_are_shown_beside_what_they_cap(tmp_path: Path) -> None:
    plan = _plan(tmp_path, "caps: {annotation: 145, hours: 10, compute: 1}\n")
    shown = {line.category: (line.cap, line.over) for line in plan.money}
    # Nothing was timed, so nobody can say whether the cap on compute is exceeded.
    assert shown == {
        "annotation": (145.0, False),
        "training hours": (10.0, False),
        "training": (1.0, False),
    }


def test_a_speed_is_fitted_to_short_and_long_runs_alike() -> None:
    timed = [(tokens, 3.0 + 0.002 * tokens) for tokens in (100.0, 1000.0, 50_000.0)]
    found = measured_speed("cpu", timed)
    assert found is not None
    assert (found.start_s, found.s_per_token) == (pytest.approx(3.0), pytest.approx(0.002))
    assert found.seconds(10_000) == pytest.approx(23.0)
    one = measured_speed("cpu", [(1000.0, 4.0)])
    assert one is not None
    assert one.seconds(2000) == pytest.approx(8.0)
    assert measured_speed("cpu", []) is None
    assert measured_speed("cpu", [(0.0, 1.0)]) is None
