"""The next experiment: what resolves the decision, and what it costs to know."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from doitkit.advise import Case, Machine, Market, Objective, Question, first_design, solve
from doitkit.advise.candidates import candidates, more_items, noise_of
from doitkit.advise.experiment import Experiment, next_experiments
from doitkit.advise.knowledge import knowledge_gradient
from doitkit.advise.solve import cheapest_within_noise
from doitkit.growth import GrowthFit, fit_growth
from doitkit.growth.observations import Floats
from tests.growth.worlds import design, observe, two_origin_world

DRAWS = 400


def ensemble() -> tuple[Floats, Floats]:
    """Return the worth of two alternatives, and two candidates: one tells them apart, one not."""
    which, other = np.random.default_rng(0).standard_normal((2, DRAWS))
    worth = np.stack([0.5 + 0.05 * which, 0.5 - 0.05 * which], axis=1)
    scores = np.stack([0.4 + 0.1 * which, 0.4 + 0.1 * other])[..., None]
    return worth, scores


def test_a_run_that_resolves_the_decision_is_worth_more_than_one_that_does_not() -> None:
    worth, scores = ensemble()
    told = knowledge_gradient(worth, scores, np.full((2, 1), 0.02**2))
    assert told.gain[0] > 0.03
    assert told.gain[1] < 0.002
    # Both tell as much of the law: it is the decision that only one of them is about.
    assert told.nats[0] == pytest.approx(told.nats[1], rel=0.05)


def test_it_is_what_gaussian_algebra_says() -> None:
    worth, scores = ensemble()
    noise = 0.05**2
    told = knowledge_gradient(worth, scores[:1], np.full((1, 1), noise))
    # E max(d, 0) of a posterior mean d that is normal, of known mean and spread.
    ahead = worth[:, 1] - worth[:, 0]
    signal = scores[0, :, 0].var(ddof=1)
    spread = ahead.std(ddof=1) * np.sqrt(signal / (signal + noise))
    z = ahead.mean() / spread
    exact = spread * (norm.pdf(z) + z * norm.cdf(z)) - max(0.0, ahead.mean())
    assert told.gain[0] == pytest.approx(exact, rel=0.12)


def test_noise_lowers_what_a_run_is_worth_and_nothing_seen_is_worth_nothing() -> None:
    worth, scores = ensemble()
    noises = np.array([0.01, 0.05, 0.2, 1.0, np.inf])[:, None] ** 2
    told = knowledge_gradient(worth, np.repeat(scores[:1], 5, axis=0), noises)
    assert (np.diff(told.gain) < 0).all()
    assert told.gain[-1] == 0


def test_where_one_alternative_is_best_in_every_draw_nothing_is_worth_anything() -> None:
    worth, scores = ensemble()
    settled = np.stack([worth[:, 0], worth[:, 0] - 0.3], axis=1)
    told = knowledge_gradient(settled, scores, np.full((2, 1), 0.02**2))
    assert (told.gain < 1e-12).all()


def _unseen(noise: float) -> float:
    """Return the worth of another seed of a run, over that of a new one, at a noise of scores.

    Ability and two mixtures in a linear law: what is known of the first comes from one run.
    """
    prior = np.random.default_rng(1).standard_normal((DRAWS, 2)) * 0.1
    runs = np.array([1.0, 0.0])
    left = np.sqrt(noise**2 / (noise**2 + 0.1**2))
    after = prior * np.where(runs > 0, left, 1.0)
    worth = np.stack([after[:, 0] + after[:, 1], -after[:, 0] - after[:, 1]], axis=1)
    scores = np.stack([after[:, [0]], after[:, [1]]])
    told = knowledge_gradient(worth, scores, np.full((2, 1), noise**2))
    return float(told.gain[0] / told.gain[1])


def test_another_seed_is_worth_less_where_scores_are_sharp() -> None:
    assert _unseen(0.01) < 0.3 * _unseen(0.1)


@pytest.fixture(scope="module")
def fit() -> GrowthFit:
    return fit_growth(observe(two_origin_world(), design(4, unbalanced=6)))


def case_of(fit: GrowthFit, *, owned: float = 0.0, machine: Machine | None = None) -> Case:
    market = Market(np.tile([1.0, 0.1], (4, 1)), np.full((4, 2), np.inf), 1000.0, 10)
    names = fit.seen.abilities
    question = Question(
        name="world",
        unit="usd",
        abilities=names,
        origins=fit.seen.origins,
        outcomes=names,
        objective=Objective(np.ones(4)),
        market=market,
        held=np.zeros((4, 2)),
        owned=np.full((4, 2), owned),
        machine=machine,
    )
    return Case(question, fit)


def experiments(case: Case, fit: GrowthFit, most: int = 3) -> tuple[Experiment, ...]:
    solution = solve(case)
    cheapest = cheapest_within_noise(case, solution.bought)
    return next_experiments(case, fit.seen, solution, cheapest.rows, most=most)


def test_each_draw_can_be_asked_mixtures_of_its_own(fit: GrowthFit) -> None:
    draws = len(fit.predict(fit.seen.counts))
    own = np.random.default_rng(3).choice([0.0, 20.0, 300.0], (draws, 5, 4, 2))
    together = fit.predict(own)
    for index in (0, draws // 2, draws - 1):
        np.testing.assert_allclose(together[index], fit.predict(own[index])[index], rtol=1e-9)


def test_all_kinds_of_runs_are_looked_at_and_none_twice(fit: GrowthFit) -> None:
    case = case_of(fit)
    solution = solve(case)
    cheapest = cheapest_within_noise(case, solution.bought).rows
    found = candidates(case, fit.seen, solution, cheapest)
    assert {c.kind for c in found} >= {"replicate", "advised", "single", "unbalanced"}
    assert 150 <= len(found) <= 200
    assert len({c.counts.tobytes() for c in found}) == len(found)
    again = candidates(case, fit.seen, solution, cheapest)
    assert [c.counts.tobytes() for c in again] == [c.counts.tobytes() for c in found]


def test_a_replicate_tells_of_the_seed_alone_and_more_items_of_the_items(fit: GrowthFit) -> None:
    case, noise = case_of(fit), noise_of(fit, fit.seen)
    solution = solve(case)
    found = candidates(case, fit.seen, solution, solution.bought)
    replicate = next(c for c in found if c.kind == "replicate")
    new = next(c for c in found if c.kind == "unbalanced")
    assert (replicate.noise > new.noise).all()
    sure = replace(noise, items=noise.items / 1e4)
    of_items = more_items(fit.seen, noise)[0].noise[0]
    assert more_items(fit.seen, sure)[0].noise[0] > 10 * of_items


def test_the_advised_runs_are_the_best_for_their_cost(fit: GrowthFit) -> None:
    found = experiments(case_of(fit), fit, most=10)
    rates = [e.worth / e.cost for e in found]
    assert rates == sorted(rates, reverse=True)
    assert found[0].worth > 0
    assert found[0].unit == "rows trained on"
    assert all(e.why and e.cost > 0 for e in found)
    assert all((e.mixture is None) != (e.ability is None) for e in found)
    assert found[0].as_json()["kind"] == found[0].kind


def test_dear_rows_make_small_runs_better_for_their_cost(fit: GrowthFit) -> None:
    cheap = experiments(case_of(fit, owned=np.inf, machine=Machine(0.001, 2.0)), fit, most=5)
    dear = experiments(case_of(fit, owned=0.0, machine=Machine(0.001, 2.0)), fit, most=5)
    assert {e.unit for e in (*cheap, *dear)} == {"usd"}
    assert not any(e.to_buy for e in cheap)
    assert all(e.to_buy or e.mixture is None for e in dear)

    def human(found: tuple[Experiment, ...]) -> int:
        mixtures = [e.mixture for e in found if e.mixture is not None]
        return sum(n for m in mixtures for cell, n in m.counts if cell.origin == "human")

    # Where human rows cost ten times as much as synthetic ones, fewer of them are worth it.
    assert human(dear) <= human(cheap)
    assert min(e.cost for e in cheap) < min(e.cost for e in dear if e.mixture is not None)


def test_with_nothing_to_decide_the_run_that_tells_most_of_the_laws_is_named(
    fit: GrowthFit,
) -> None:
    case = case_of(fit)
    nothing = replace(case.question, market=replace(case.question.market, budget=0.0))
    found = experiments(Case(nothing, fit), fit)
    assert len(found) == 3
    assert all(e.worth == 0 and e.information > 0 for e in found)


def test_a_first_design_is_unbalanced_log_spaced_and_repeats_one_run_in_eight() -> None:
    found = first_design(24, 5, 2, 2000.0)
    assert found.shape == (24, 5, 2)
    assert found.max() == 2000
    assert found.any(axis=(1, 2)).all()
    assert len(np.unique(found, axis=0)) == 21  # 24 less three repeats
    x = np.log1p(found.reshape(24, -1))
    tied = np.abs(np.corrcoef(x.T) - np.eye(10)).max()
    assert tied < 0.65
    assert set(np.unique(found)) == {0, 200, 2000}
    np.testing.assert_array_equal(found, first_design(24, 5, 2, 2000.0))


def test_every_ability_meets_every_combination_of_levels_equally_often() -> None:
    found = first_design(16, 4, 2, 1000.0)[:14]
    for ability in np.moveaxis(found, 1, 0):
        _, times = np.unique(ability, axis=0, return_counts=True)
        assert len(times) == 8
        assert set(times) <= {1, 2}


def test_a_first_design_tells_more_than_shuffled_runs_of_the_same_levels() -> None:
    def spread(runs: Floats) -> float:
        x = np.log1p(runs.reshape(len(runs), -1)) / np.log1p(1000)
        x = x - x.mean(axis=0)
        return float(np.linalg.slogdet(x.T @ x + 0.05 * np.eye(x.shape[1]))[1])

    ours = first_design(15, 4, 2, 1000.0)
    shuffled = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        runs = ours.copy()
        for a in range(4):
            runs[:, a] = generator.permutation(runs[:, a])
        shuffled.append(spread(runs))
    assert spread(ours) > max(shuffled)


def test_a_first_design_leaves_out_cells_without_rows_and_has_an_end() -> None:
    largest = np.array([[100.0, 0.0], [100.0, 30.0]])
    found = first_design(9, 2, 2, largest)
    assert not found[:, 0, 1].any()
    assert (found <= largest).all()
    assert first_design(3, 1, 1, 0.0).sum() == 0
    few = first_design(40, 1, 1, 3.0)  # more runs than there are different ones
    assert few.shape == (40, 1, 1)
    assert few.any(axis=(1, 2)).all()
