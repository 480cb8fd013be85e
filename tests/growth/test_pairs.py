"""What the scores say of pairs of abilities, where a bad run is the other explanation."""

import numpy as np
import pytest

from doitkit.growth import Observations, examine, fit_growth, transfers
from doitkit.growth.fit import GrowthFit
from doitkit.growth.law import Layout, predict
from doitkit.growth.noise import loss_of, weights_of
from doitkit.growth.observations import Floats

N = 4
LAYOUT = Layout(N, 0)
ABILITIES = ("giver", "taker", "third", "fourth")
LARGEST = 1000.0
ITEMS = 400.0


def made(alone: int, transfer: float, *, lost: tuple[int, int] | None = None) -> Observations:
    """Return 24 uneven runs, and each ability by itself so many times.

    The law is the one that is fitted: the giver's data helps the taker by `transfer`.
    `lost` is a run and an ability of which the score is 25 points off.
    """
    draw = np.random.default_rng(5)
    uneven = draw.choice([100.0, 300.0, LARGEST], (24, N, 1))
    singles = np.tile(LARGEST * np.eye(N)[..., None], (alone, 1, 1))
    counts = np.concatenate([np.zeros((1, N, 1)), uneven, singles])
    law = np.zeros((N, LAYOUT.size))
    law[:, 0], law[:, 1], law[:, 2] = 1.4, 0.1, np.log(400.0)
    law[1, LAYOUT.transfer.start] = transfer
    truth = predict(LAYOUT.unpack(law), counts, np.zeros(N), 400.0)
    scores = draw.binomial(int(ITEMS), truth) / ITEMS
    if lost is not None:
        scores[lost] += 0.25
    return Observations(
        abilities=ABILITIES,
        origins=("human",),
        runs=tuple(f"run {i}" for i in range(len(counts))),
        counts=counts,
        scores=scores,
        stderrs=np.full_like(scores, 0.02),
        chance=np.zeros(N),
        items=np.full_like(scores, ITEMS),
    )


def insisted(fit: GrowthFit) -> set[tuple[str, str]]:
    return {(t.source, t.to) for t in transfers(fit, examine(fit)) if t.clear}


def test_weights_are_the_slope_of_the_loss() -> None:
    z = np.linspace(0.0, 12.0, 241)
    step = 1e-5
    slope = (loss_of((z + step) ** 2) - loss_of((z - step) ** 2)) / (2 * step)
    smooth = np.abs(z - 1.0) > 1e-3
    np.testing.assert_allclose(slope[smooth], (weights_of(z**2) * z)[smooth], atol=1e-6)
    assert loss_of(np.array([25.0]))[0] == pytest.approx(5.3, abs=0.05)


def test_an_ability_that_helps_another_is_found_by_two_runs_of_it_alone() -> None:
    seen = made(2, 0.5)
    fit = fit_growth(seen)
    assert insisted(fit) == {("giver", "taker")}
    told = next(t for t in transfers(fit, examine(fit)) if t.clear)
    assert told.helps > 0.95
    rise = seen.scores[-4, 1] - seen.scores[0, 1]  # the last run of the giver alone
    assert told.effect.middle == pytest.approx(rise, abs=0.05)
    assert told.effect.low > 0.1


def test_an_ability_that_hurts_another_is_found_too() -> None:
    fit = fit_growth(made(3, -0.1))
    assert insisted(fit) == {("giver", "taker")}
    told = next(t for t in transfers(fit, examine(fit)) if t.clear)
    assert told.hurts > 0.9
    assert told.effect.high < 0


@pytest.mark.parametrize("run", [3, 25 + 2])
def test_one_bad_run_is_no_transfer(run: int) -> None:
    fit = fit_growth(made(2, 0.0, lost=(run, 1)))
    assert insisted(fit) == set()
    assert fit.noise.weight[run, 1] < 0.4


def test_without_transfer_none_is_insisted_on() -> None:
    fit = fit_growth(made(2, 0.0))
    assert insisted(fit) == set()
    pairs = fit.pairs
    assert (pairs.gain >= 0).all()
    assert (np.diag(pairs.gain) == 0).all()
    assert (np.diag(pairs.estimate) == 0).all()
    off = ~np.eye(N, dtype=bool)
    within: Floats = np.abs(pairs.estimate[off]) < 2.5 * pairs.sd[off]
    assert within.mean() > 0.8


def test_more_runs_of_an_ability_alone_say_more_of_what_it_does() -> None:
    few, many = fit_growth(made(1, 0.0)).pairs, fit_growth(made(4, 0.0)).pairs
    off = ~np.eye(N, dtype=bool)
    assert np.median(many.sd[off] / few.sd[off]) < 0.8


def test_what_is_told_but_held_is_as_wide_as_the_scores_leave_it() -> None:
    fit = fit_growth(made(4, 0.0))
    told = transfers(fit, examine(fit))
    assert told
    for transfer in told:
        assert not transfer.insisted
        assert transfer.effect.low < 0.0 < transfer.effect.high
        assert 0.0 <= transfer.helps + transfer.hurts <= 1.0
