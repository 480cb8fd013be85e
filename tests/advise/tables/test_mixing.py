"""Advice about mixtures: the best one is found, its promise is kept, its doubt is honest."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import cho_solve

from doitkit.advise.mixing import advise_mixture
from doitkit.advise.mixing_posterior import Q80, joint, left_out
from doitkit.advise.mixing_purchase import MixtureMarket, market_of
from doitkit.advise.mixing_search import best_mixture, within
from doitkit.advise.tables import (
    MixtureEvidence,
    compositions_of,
    join,
    read_prices,
    read_sheet,
    scores_of,
)
from doitkit.core.errors import DoitkitError
from doitkit.growth.observations import Floats
from doitkit.growth.surface import Surface

SOURCES = ("web", "books", "code", "forum", "law")
BEST = np.array([0.45, 0.3, 0.15, 0.1, 0.0])


def truth(weights: Floats) -> Floats:
    """A loss that is least at BEST."""
    loss: Floats = 2.0 + 1.5 * ((np.sqrt(weights) - np.sqrt(BEST)) ** 2).sum(axis=-1)
    return loss


def evidence(runs: int, seed: int = 0, noise: float = 0.01) -> MixtureEvidence:
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.full(len(SOURCES), 0.7), runs)
    loss = truth(weights) + generator.normal(0, noise, runs)
    return MixtureEvidence(
        SOURCES,
        tuple(f"r{i}" for i in range(runs)),
        ("loss",),
        weights,
        None,
        loss[:, None],
        (True,),
    )


def test_the_posterior_of_one_mixture_is_that_of_the_surface() -> None:
    seen = evidence(25)
    surface = Surface.fit(seen.weights, seen.outcomes[:, 0])
    new = np.random.default_rng(1).dirichlet(np.ones(5), 6)
    mean, covariance = joint(surface, new)
    wanted, deviation = surface.predict(new)
    np.testing.assert_allclose(mean, wanted)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), deviation, rtol=1e-6)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9
    twice = joint(surface, new[[0, 0]])[1]
    assert twice[0, 0] + twice[1, 1] - 2 * twice[0, 1] == pytest.approx(0, abs=1e-9)


def test_leaving_out_in_closed_form_is_leaving_out() -> None:
    seen = evidence(14)
    weights = np.vstack([seen.weights, seen.weights[:2]])  # two replicates
    outcome = np.concatenate([seen.outcomes[:, 0], seen.outcomes[:2, 0] + 0.02])
    surface = Surface.fit(weights, outcome)
    found = left_out(surface, weights, outcome)
    for run in (0, 5, 15):
        kept = (weights != weights[run]).any(axis=1)
        means, variances = [], []
        for part in surface.parts:
            lower = np.tril(part.factor[0])
            covariance = lower @ lower.T
            target = (outcome - part.level) / part.height
            inside = np.linalg.inv(covariance[np.ix_(kept, kept)])
            across = covariance[run, kept]
            means.append(part.level + part.height * across @ inside @ target[kept])
            variances.append(part.height**2 * (covariance[run, run] - across @ inside @ across))
            np.testing.assert_allclose(cho_solve(part.factor, target), part.solved, rtol=1e-6)
        assert found.means[run] == pytest.approx(np.mean(means))
        spread = np.mean(variances) + np.var(means)
        assert found.deviations[run] == pytest.approx(np.sqrt(spread))


def test_widened_intervals_hold_four_in_five_of_the_runs() -> None:
    for seed in range(4):
        seen = evidence(30, seed, noise=0.05)
        surface = Surface.fit(seen.weights, np.log(seen.outcomes[:, 0]))
        found = left_out(surface, seen.weights, np.log(seen.outcomes[:, 0]))
        off = np.abs(np.log(seen.outcomes[:, 0]) - found.means) / found.deviations
        assert (off <= Q80 * found.widening * (1 + 1e-9)).mean() >= 0.8
        assert found.coverage == pytest.approx((off <= Q80).mean())
        assert found.widening >= 1


@given(st.integers(0, 10_000))
def test_no_share_is_above_its_largest(seed: int) -> None:
    generator = np.random.default_rng(seed)
    mixtures = generator.dirichlet(np.full(5, 0.3), 20)
    most = generator.uniform(0.1, 1.0, 5)
    most[generator.integers(5)] = 0.0
    if most.sum() < 1:
        most /= most.sum()
    kept = within(mixtures, most)
    np.testing.assert_allclose(kept.sum(axis=1), 1)
    assert (kept >= 0).all()
    assert (kept <= most + 1e-6).all()
    already = mixtures[(mixtures <= most).all(axis=1)]
    np.testing.assert_allclose(within(already, most), already)


def test_the_search_finds_the_best_mixture() -> None:
    tried = np.random.default_rng(0).dirichlet(np.full(5, 0.5), 30)
    found = best_mixture(lambda w: -truth(w), tried, np.ones(5))
    np.testing.assert_allclose(found, BEST, atol=5e-3)
    most = np.array([0.3, 1.0, 1.0, 1.0, 1.0])
    found = best_mixture(lambda w: -truth(w), tried, most)
    grid = within(np.random.default_rng(1).dirichlet(np.ones(5), 20_000), most)
    assert found[0] == pytest.approx(0.3)
    assert truth(found) <= truth(grid).min() + 1e-9


def test_a_mixture_at_a_corner_is_found() -> None:
    tried = np.random.default_rng(0).dirichlet(np.ones(5), 10)
    found = best_mixture(lambda w: w[:, 2], tried, np.array([1, 1, 0.8, 1, 1.0]))
    assert found[2] == pytest.approx(0.8)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_advice_beats_what_was_tried(seed: int) -> None:
    seen = evidence(40, seed)
    found = advise_mixture(seen)
    advised = np.array([found.advised.weights[source] for source in SOURCES])
    assert truth(advised) < truth(seen.weights).min()
    assert (
        found.advised.predicted.low - 0.02 <= truth(advised) <= found.advised.predicted.high + 0.02
    )
    assert found.better > 0.8
    assert found.rank > 0.9
    assert 0.6 <= found.coverage <= 1
    assert advised.sum() == pytest.approx(1)
    assert (advised <= 1.2 * seen.weights.max(axis=0) + 1e-6).all()
    # The advantage is over the best run, as a share of its loss, and less than all of it.
    tried = np.array([*found.candidates[1].weights.values()])
    real = 1 - truth(advised) / truth(tried)
    assert found.advantage.low - 0.02 <= real <= found.advantage.high + 0.02


def test_the_answer_does_not_depend_on_the_order_of_sources() -> None:
    seen = evidence(30)
    back = replace(seen, sources=seen.sources[::-1], weights=seen.weights[:, ::-1])
    one, other = advise_mixture(seen), advise_mixture(back)
    assert one.advised.predicted.middle == pytest.approx(other.advised.predicted.middle, rel=5e-3)
    for source in SOURCES:
        assert one.advised.weights[source] == pytest.approx(other.advised.weights[source], abs=0.05)


def test_a_source_that_does_nothing_matters_least() -> None:
    generator = np.random.default_rng(3)
    weights = generator.dirichlet(np.full(5, 0.7), 60)
    loss = 3 - np.sqrt(weights[:, 0]) + 0.5 * np.sqrt(weights[:, 1])
    seen = replace(evidence(60), weights=weights, outcomes=loss[:, None])
    found = advise_mixture(seen)
    order = [matter.source for matter in found.matters]
    assert order[:2] == ["web", "books"]
    effects = {matter.source: matter for matter in found.matters}
    assert effects["web"].effect > 3 * effects["forum"].effect
    assert effects["web"].without is not None
    assert effects["web"].without.high < 0
    assert effects["books"].five_points_more.middle < 0


def test_noise_alone_is_called_noise() -> None:
    seen = evidence(20)
    noise = np.random.default_rng(4).normal(3, 0.1, (20, 1))
    found = advise_mixture(replace(seen, outcomes=noise))
    assert found.better < 0.9
    assert "hardly tells one mixture from another" in " ".join(found.notes)


def test_several_outcomes_are_standardised_and_turned() -> None:
    seen = evidence(30)
    accuracy = 1 / truth(seen.weights)
    both = replace(
        seen,
        names=("loss", "accuracy"),
        outcomes=np.column_stack([seen.outcomes[:, 0], accuracy]),
        lower=(True, False),
    )
    found = advise_mixture(both)
    assert not found.lower
    assert "mean of 2 outcomes, each standardised" in " ".join(found.assumptions)
    alone = advise_mixture(both, weights={"loss": 1.0})
    assert alone.objective == "loss"
    assert alone.lower
    assert found.advised.predicted.middle > 0.5  # standard deviations above the mean run
    np.testing.assert_allclose(
        list(found.advised.weights.values()), list(alone.advised.weights.values()), atol=0.12
    )


def test_runs_that_lack_an_outcome_are_left_out() -> None:
    seen = evidence(20)
    gaps = seen.outcomes.copy()
    gaps[[3, 7], 0] = np.nan
    found = advise_mixture(replace(seen, outcomes=gaps))
    assert found.runs == 18
    assert "left out: r3, r7" in " ".join(found.assumptions)
    gaps[4:] = np.nan
    with pytest.raises(DoitkitError, match="too few runs have all outcomes"):
        advise_mixture(replace(seen, outcomes=gaps))


def market(prices: list[float], supply: list[float], budget: float) -> MixtureMarket:
    return MixtureMarket(SOURCES, np.array(prices), np.array(supply), budget, "usd", "rows", ())


def test_a_budget_buys_rows_in_the_proportions_of_the_mixture() -> None:
    endless = [np.inf] * 5
    found = market([1, 2, 4, 1, 1], endless, 1000.0).purchase(BEST)
    price = 0.45 + 0.6 + 0.6 + 0.1
    assert found.per_thousand == pytest.approx(1000 * price)
    assert found.total == pytest.approx(1000 / price, abs=4)
    assert 1000 - 8 <= found.spent <= 1000
    assert {line.source for line in found.lines} == {"web", "books", "code", "forum"}
    for line in found.lines:
        share = BEST[SOURCES.index(line.source)]
        assert line.amount == pytest.approx(share * 1000 / price, abs=1)


def test_the_scarcest_source_ends_the_purchase() -> None:
    short = market([1.0] * 5, [1e9, 30, 1e9, 1e9, 1e9], 1000.0)
    found = short.purchase(BEST)
    assert found.total == pytest.approx(100, abs=3)
    assert "the supply of books ends first: 900" in short.limits_of(BEST)[0].replace("901", "900")


def test_what_is_not_for_sale_is_not_advised() -> None:
    seen = evidence(40)
    closed = market([np.inf, 1, 1, 1, 1], [0, *[np.inf] * 4], 100.0)
    found = advise_mixture(seen, market=closed)
    assert found.advised.weights["web"] == 0
    assert found.purchase is not None
    assert "web" not in {line.source for line in found.purchase.lines}


def test_where_sizes_differ_a_cheaper_mixture_may_win() -> None:
    generator = np.random.default_rng(5)
    weights = generator.dirichlet(np.full(3, 0.8), 60)
    totals = np.exp(generator.uniform(np.log(100), np.log(10_000), 60))
    # Two sources do the same; more of either helps.
    score = 0.2 + 0.08 * np.log(1 + totals * (weights[:, 0] + weights[:, 1]) / 100)
    seen = MixtureEvidence(
        ("dear", "cheap", "useless"),
        tuple(map(str, range(60))),
        ("score",),
        weights,
        totals,
        score[:, None],
        (False,),
    )
    prices = np.array([10.0, 1.0, 1.0])
    sold = MixtureMarket(seen.sources, prices, np.full(3, np.inf), 4000.0, "usd", "rows", ())
    found = advise_mixture(seen, market=sold)
    assert found.advised.weights["cheap"] > 0.8
    assert "at the size that the budget buys" in " ".join(found.assumptions)
    even = advise_mixture(seen)
    assert even.advised.weights["useless"] < 0.2


@pytest.mark.parametrize(
    ("text", "measured", "counted", "price", "supply"),
    [
        ("every: {per_row: 2}\n", "weights", "rows", 2.0, 1000),
        ("every: {per_1k_tokens: 2}\n", "weights", "tokens", 0.002, 1000),
        ("every: {per_1k_tokens: 2}\ntokens_per_row: 500\n", "rows", "rows", 1.0, 2),
        ("every: {per_row: 2}\ntokens_per_row: 500\n", "tokens", "tokens", 0.004, 500_000),
    ],
)
def test_rows_and_tokens_are_set_against_each_other(
    text: str, measured: str, counted: str, price: float, supply: float, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text(text + "supply: {web: 1000}\n")
    found = market_of(SOURCES, read_prices(tmp_path / "p.yaml"), 10, "usd", "human", measured)
    assert found.counted == counted
    assert found.prices.tolist() == pytest.approx([price] * 5)
    assert found.supply[0] == pytest.approx(supply)  # it is in the unit of its price


def _of_regmix(folder: Path, kind: str) -> MixtureEvidence:
    mixtures, losses = (folder / f"{kind}_{what}_1m.csv" for what in ("mixture", "pile_loss"))
    made = compositions_of(read_sheet(mixtures))
    scores = scores_of(read_sheet(losses))
    told = join(made, scores, "human", ("metric/the_pile_pile_cc_val_loss",)).told
    assert isinstance(told, MixtureEvidence)
    return told


def test_the_worked_example_of_the_docs(data_folder: Path) -> None:
    """What docs/own-tables.md says of the first 60 runs of RegMix, and of their promises."""
    folder = data_folder / "runs" / "sail-sg_regmix"
    if not folder.is_dir():
        pytest.skip("no runs of RegMix in the data folder")
    every, test = _of_regmix(folder, "train"), _of_regmix(folder, "test")
    few = replace(
        every, runs=every.runs[:60], weights=every.weights[:60], outcomes=every.outcomes[:60]
    )
    found = advise_mixture(few)
    assert found.advised.weights["train_the_pile_pile_cc"] == pytest.approx(0.906, abs=0.02)
    assert found.advised.predicted.middle == pytest.approx(5.083, abs=0.01)
    assert found.better == pytest.approx(0.97, abs=0.02)
    assert found.rank == pytest.approx(0.99, abs=0.01)
    assert found.coverage == pytest.approx(0.92, abs=0.04)
    assert found.matters[0].source == "train_the_pile_pile_cc"

    order = [every.sources.index(source) for source in test.sources]
    surface = Surface.fit(few.weights[:, order], np.log(few.outcomes[:, 0]))
    mean, deviation = surface.predict(test.weights)
    loss = np.log(test.outcomes[:, 0])
    ranks = [np.argsort(np.argsort(values)) for values in (mean, loss)]
    assert np.corrcoef(*ranks)[0, 1] == pytest.approx(0.99, abs=0.005)
    inside = np.abs(loss - mean) <= Q80 * found.widening * deviation
    assert inside.mean() == pytest.approx(0.81, abs=0.04)
    # A surface of 256 runs, a far better judge, finds the advice better than the best of the 60.
    judge = Surface.fit(every.weights[:256], np.log(every.outcomes[:256, 0]))
    advised = np.array([[found.advised.weights[source] for source in every.sources]])
    assert judge.predict(advised)[0][0] < judge.predict(few.weights)[0].min()
