import numpy as np
import pytest

from doitkit.advise import check_advice
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
