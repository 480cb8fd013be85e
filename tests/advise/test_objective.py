import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.advise.objective import Objective
from doitkit.growth.observations import Floats

SCORES = np.random.default_rng(0).uniform(0, 1, (200, 3, 4))
WEIGHTS = np.array([1.0, 2.0, 0.0, 1.0])


def test_the_mean_is_the_weighted_score_over_outcomes_and_draws() -> None:
    by_hand = [(SCORES[:, m] * WEIGHTS / 4).sum(axis=1).mean() for m in range(3)]
    np.testing.assert_allclose(Objective(WEIGHTS).value(SCORES), by_hand)


def test_worst_takes_the_worst_outcome_of_every_draw_and_no_outcome_without_weight() -> None:
    value = Objective(WEIGHTS, "worst").value(SCORES)
    np.testing.assert_allclose(value, SCORES[:, :, [0, 1, 3]].min(axis=2).mean(axis=0))


@given(st.floats(0.01, 1.0))
def test_cvar_is_the_mean_of_the_worst_draws(tail: float) -> None:
    each = np.sort(SCORES @ (WEIGHTS / 4), axis=0)
    worst = max(1, round(tail * 200))
    value = Objective(WEIGHTS, "cvar", tail=tail).value(SCORES)
    np.testing.assert_allclose(value, each[:worst].mean(axis=0))
    assert (value <= Objective(WEIGHTS).value(SCORES) + 1e-12).all()


def test_cvar_prefers_the_surer_of_two_mixtures_of_one_mean() -> None:
    noise = np.linspace(-2, 2, 401)
    scores = np.stack([0.5 + 0.01 * noise, 0.505 + 0.2 * noise], axis=1)[..., None]
    assert Objective(np.ones(1)).value(scores).argmax() == 1
    assert Objective(np.ones(1), "cvar").value(scores).argmax() == 0


def test_minimum_scores_come_before_everything_else() -> None:
    asked = np.array([0.5, -np.inf])
    objective = Objective(np.ones(2), min_scores=asked)

    def merit(first: float, second: float) -> float:
        scores: Floats = np.array([[[first, second]]])
        return float(objective.merit(scores)[0])

    assert merit(0.49, 1.0) < merit(0.5, 0.0)
    assert merit(0.3, 1.0) < merit(0.31, 0.0)  # nearer to the minimum, though short of it
    assert merit(0.6, 0.7) > merit(0.5, 0.7)  # above it, the score counts again
    np.testing.assert_allclose(objective.shortfall(np.array([[[0.2, 0.1]]])), [[0.3, 0.0]])


def test_what_no_objective_can_be_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Objective(np.zeros(2))
    with pytest.raises(ValueError, match="share of the draws"):
        Objective(np.ones(2), "cvar", tail=0.0)
