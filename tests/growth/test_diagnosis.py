"""Kinds of growth, where it becomes slow, who helps whom, and which scores count less."""

from dataclasses import replace

import numpy as np
import pytest

from doitkit.growth import GrowthFit, diagnose, examine, fit_growth, outliers, transfers
from doitkit.growth.diagnosis import _falls_below
from doitkit.growth.simulate import Curve
from doitkit.growth.simulate import World as SimulatedWorld
from doitkit.growth.simulate import observe as observe_in
from tests.growth.worlds import design, observe, two_origin_world

WORLD = two_origin_world()


@pytest.fixture(scope="module")
def fit() -> GrowthFit:
    return fit_growth(observe(WORLD, design(4, unbalanced=12)))


def test_growth_is_diagnosed(fit: GrowthFit) -> None:
    found = {d.ability: d for d in diagnose(fit, examine(fit), min_gain=0.02)}
    assert found["slow"].kind == "responsive"
    assert found["late"].kind == "responsive"
    assert found["flat"].kind == "plateaued"
    for diagnosis in found.values():
        assert sum(diagnosis.probabilities.values()) == pytest.approx(1.0)


def test_exchange_rates_are_found_where_they_can_be(fit: GrowthFit) -> None:
    found = {d.ability: d for d in diagnose(fit, examine(fit), min_gain=0.02)}
    rate = found["slow"].exchange["synthetic"]
    assert 0.3 / 2.5 < rate.middle < 0.3 * 2.5


def test_only_what_is_told_is_in_the_diagnosis(fit: GrowthFit) -> None:
    identified = examine(fit)
    for d in diagnose(fit, identified, min_gain=0.02):
        assert (d.ceiling is not None) == identified.ceiling[d.ability]
        assert ("synthetic" in d.exchange) == identified.exchange[d.ability, "synthetic"]
        assert ("synthetic" in d.cap) == identified.cap[d.ability, "synthetic"]
        assert d.size is None  # all runs are of one model


def test_growth_becomes_slow_where_the_truth_does(fit: GrowthFit) -> None:
    found = {d.ability: d for d in diagnose(fit, examine(fit), min_gain=0.02)}
    rows = np.arange(0.0, 16_000.0, 20.0)
    for a, ability in enumerate(fit.seen.abilities):
        counts = np.zeros((2, len(rows), 4, 2))
        counts[0, :, a, 0], counts[1, :, a, 0] = rows, rows + 1000.0
        gain = WORLD.scores(counts[1])[:, a] - WORLD.scores(counts[0])[:, a]
        true = rows[int(np.flatnonzero(gain >= 0.02)[-1])]
        slow = found[ability].next_thousand_below
        assert slow is not None
        assert slow.low <= slow.middle <= slow.high
        if ability == "flat":  # within two dozen rows: far less than any run could show
            assert slow.middle < 768 / 2
        else:  # `late` at five times the largest run
            assert true / 2 < slow.middle < 2 * true
            assert slow.low < true < slow.high


def test_growth_that_is_never_slow_and_growth_that_always_is(fit: GrowthFit) -> None:
    identified = examine(fit)
    for d in diagnose(fit, identified, min_gain=1e-9):
        assert d.next_thousand_below is None or d.next_thousand_below.high == 20 * d.largest
    for d in diagnose(fit, identified, min_gain=0.99):
        assert d.next_thousand_below is not None
        assert d.next_thousand_below.high == 0.0


def test_where_gains_fall_below_is_found_between_the_amounts_tried() -> None:
    rows = np.array([0.0, 100.0, 200.0, 300.0])
    assert _falls_below(rows, np.array([0.4, 0.2, 0.1, 0.0]), 0.15) == pytest.approx(150.0)
    assert _falls_below(rows, np.array([0.1, 0.1, 0.0, 0.0]), 0.15) == 0.0
    assert _falls_below(rows, np.array([0.4, 0.4, 0.4, 0.4]), 0.15) == 300.0


def helping_world() -> SimulatedWorld:
    """Return three abilities, the first of which helps the second a lot and hurts the third."""
    transfer = np.zeros((3, 3))
    transfer[1, 0], transfer[2, 0] = 0.9, -0.7
    return SimulatedWorld(
        abilities=("giver", "helped", "hurt"),
        origins=("human",),
        chance=np.zeros(3),
        start=np.array([0.1, 0.1, 0.4]),
        ceiling=np.array([0.8, 0.9, 0.9]),
        curves=(Curve("power", 400.0, 0.8), Curve("power", 300.0, 0.8), Curve("power", 300.0, 0.8)),
        worths=((), (), ()),
        transfer=transfer,
        reach=400.0,
        size_slopes=np.zeros(3),
    )


def test_who_helps_whom_is_told_where_it_is_true() -> None:
    world = helping_world()
    draw = np.random.default_rng(3)
    counts = draw.choice([0.0, 30.0, 100.0, 300.0, 1000.0], (40, 3, 1))
    counts[0] = 0.0
    fit = fit_growth(observe_in(world, counts, 1, items=1000, seed_sd=0.005))
    found = transfers(fit, examine(fit))
    by_pair = {(t.source, t.to): t for t in found}
    helped = by_pair["giver", "helped"]
    assert helped.helps > 0.9
    assert helped.clear
    assert helped.rows == 1000
    alone = np.zeros((2, 3, 1))
    alone[1, 0] = 1000.0
    true = world.scores(alone)[:, 1]
    assert helped.effect.middle == pytest.approx(true[1] - true[0], abs=0.06)
    assert helped.effect.low > 0
    for t in found:
        assert 0.0 <= t.helps + t.hurts <= 1.0  # the rest are draws without any change to speak of
        assert t.effect.low <= t.effect.middle <= t.effect.high
        if t.clear and t.to != "hurt":
            assert (t.source, t.to) == ("giver", "helped")
    assert [t.clear for t in found] == sorted((t.clear for t in found), reverse=True)


def test_transfer_that_is_not_told_is_not_listed(fit: GrowthFit) -> None:
    identified = examine(fit)
    found = transfers(fit, identified)
    assert {(t.to, t.source) for t in found} == {p for p, told in identified.helps.items() if told}
    assert transfers(fit, replace(identified, helps={})) == ()


def test_a_score_far_off_its_law_is_named_as_one_that_counts_less(fit: GrowthFit) -> None:
    assert len(outliers(fit)) <= 2
    scores = fit.seen.scores.copy()
    scores[3, 1] = 0.95  # the balanced run of 192 human rows; the truth is near 0.33
    bent = fit_growth(replace(fit.seen, scores=scores), draws=20)
    first = outliers(bent)[0]
    assert (first.run, first.ability, first.score) == ("run 3", "slow", 0.95)
    assert first.weight < 0.2
    assert abs(first.fitted - WORLD.scores(fit.seen.counts[3:4])[0, 1]) < 0.1
    assert all(o.weight < 0.4 for o in outliers(bent))


def test_missing_scores_are_no_outliers(fit: GrowthFit) -> None:
    scores = fit.seen.scores.copy()
    scores[5:9, 2] = np.nan
    partial = fit_growth(replace(fit.seen, scores=scores), draws=20)
    named = {(o.run, o.ability) for o in outliers(partial)}
    assert not named & {(f"run {r}", "flat") for r in range(5, 9)}
    assert np.isfinite([o.fitted for o in outliers(partial)]).all()


def test_an_ability_without_reference_rows_gives_of_those_it_has() -> None:
    counts = design(4, unbalanced=14)
    counts[:, 0, 0] = 0.0
    fit = fit_growth(observe(WORLD, counts), draws=30)
    given = {t.rows for t in transfers(fit, examine(fit)) if t.source == "quick"}
    assert given <= {768}
