import numpy as np
import pytest

from doitkit.advise import check_advice
from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell
from doitkit.evaluate import ItemResult, Score
from doitkit.mix import Mixture
from tests.advise.test_recommend import run

ADVISED = Mixture.of("advised", {Cell("math", "human"): 30})
EQUAL = Mixture.of("equal split", {Cell("math", "human"): 10})
SEEDS = 3


def results(rate: dict[str, float], items: int) -> tuple[list[Score], list[ItemResult]]:
    draw = np.random.default_rng(1)
    hardness = draw.random(items)
    scores, found = [], []
    for run_id, share in rate.items():
        right = (hardness + draw.normal(0, 0.1, items) < share).astype(float)
        found += [ItemResult(run_id, "t", f"i{k}", float(v)) for k, v in enumerate(right)]
        scores.append(
            Score(run_id, "math", "t", "exact_match", right.mean(), 0.05, items, 0, 0, "x")
        )
    return scores, found


@pytest.mark.parametrize(
    ("advised", "equal", "verdict"),
    [
        (0.8, 0.5, "the advised mixture wins"),
        (0.5, 0.8, "the equal split wins"),
        (0.6, 0.6, "the difference is within noise"),
    ],
)
def test_the_verdict_follows_the_trained_models(advised: float, equal: float, verdict: str) -> None:
    runs = [run(f"a{i}", {"math": {"human": 30}}) for i in range(SEEDS)]
    runs += [run(f"e{i}", {"math": {"human": 10}}) for i in range(SEEDS)]
    rates = {r.run_id: advised if r.run_id.startswith("a") else equal for r in runs}
    scores, items = results(rates, 200)
    check = check_advice(ADVISED, EQUAL, runs, scores, items, {"math": 1.0})
    assert check.verdict == verdict
    assert check.advised.objective.middle == pytest.approx(advised, abs=0.08)
    assert len(check.equal.per_seed) == SEEDS
    assert check.as_json()["verdict"] == verdict


def test_the_intervals_narrow_with_more_items() -> None:
    runs = [run(f"a{i}", {"math": {"human": 30}}) for i in range(SEEDS)]
    runs += [run(f"e{i}", {"math": {"human": 10}}) for i in range(SEEDS)]
    widths = []
    for items in (40, 800):
        scores, found = results({r.run_id: 0.6 for r in runs}, items)
        check = check_advice(ADVISED, EQUAL, runs, scores, found, {"math": 1.0})
        widths.append(check.advised.objective.high - check.advised.objective.low)
    assert widths[1] < 0.5 * widths[0]


def test_a_mixture_with_one_seed_is_not_judged() -> None:
    runs = [run("a", {"math": {"human": 30}}), run("e", {"math": {"human": 10}})]
    scores, items = results({"a": 0.9, "e": 0.1}, 200)
    with pytest.raises(UsageError, match="one seed"):
        check_advice(ADVISED, EQUAL, runs, scores, items, {"math": 1.0})


@pytest.mark.parametrize(("seeds", "items"), [(2, 400), (4, 60)])
def test_the_interval_of_the_difference_holds_as_often_as_it_says(seeds: int, items: int) -> None:
    draw = np.random.default_rng(3)
    truth, worlds, held = 0.05, 400, 0
    for _ in range(worlds):
        runs, scores, found = [], [], []
        hardness = draw.normal(0, 1, items)
        for mixture, level in ((ADVISED, 0.5 + truth), (EQUAL, 0.5)):
            taste = draw.normal(0, 0.3, items)  # what the mixture makes of each item
            for seed in range(seeds):
                name = f"{mixture.name}{seed}"
                luck = draw.normal(0, 0.03)
                noise = draw.normal(0, 0.2, items)
                values = level + luck + 0.3 * hardness + taste + noise
                runs.append(run(name, mixture.as_recipe()))
                found += [ItemResult(name, "t", f"i{k}", float(v)) for k, v in enumerate(values)]
                scores.append(Score(name, "math", "t", "exact_match", 0, 0, items, 0, 0, "x"))
        check = check_advice(ADVISED, EQUAL, runs, scores, found, {"math": 1.0})
        held += check.difference.low <= truth <= check.difference.high
    assert 0.75 <= held / worlds <= 0.93
