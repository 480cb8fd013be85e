"""What may be printed of a fit, and whether what is named as the remedy is one."""

import re
from dataclasses import replace

import numpy as np
import pytest

from doitkit.growth import GrowthFit, Observations, examine, fit_growth
from doitkit.growth.design import Information
from doitkit.growth.identify import TRANSFER
from doitkit.growth.observations import Floats
from tests.growth.worlds import SIZES, design, observe, two_origin_world

WORLD = two_origin_world()
ABILITIES = ("quick", "slow", "flat", "late")
RUN = re.compile(r"(\w+): ([\d,]+) (\w+) rows and nothing else(?:, with (\d) seeds)?")


@pytest.fixture(scope="module")
def fit() -> GrowthFit:
    return fit_growth(observe(WORLD, design(4, unbalanced=12)), draws=40)


@pytest.fixture(scope="module")
def balanced() -> GrowthFit:
    return fit_growth(observe(WORLD, design(4, unbalanced=0)), draws=40)


def named_runs(said: str) -> Floats:
    """Return the runs that a remedy names, shape (copies, abilities, origins)."""
    found = RUN.search(said)
    assert found is not None, said
    ability, rows, origin, seeds = found.groups()
    run = np.zeros((4, 2))
    run[ABILITIES.index(ability), ("human", "synthetic").index(origin)] = int(rows.replace(",", ""))
    return np.repeat(run[None], int(seeds or 1), axis=0)


def test_balanced_runs_tell_no_transfer_and_the_run_that_would_is_named(
    balanced: GrowthFit,
) -> None:
    found = examine(balanced)
    assert not found.transfer
    assert not any(found.helps.values())
    (unknown,) = [u for u in found.unknown if u.what.startswith(TRANSFER)]
    assert unknown.what == TRANSFER
    assert "rise and fall together over the runs (quick with slow" in unknown.why
    runs = named_runs(unknown.cheapest_run)
    counts = np.concatenate([balanced.seen.counts, runs])
    helped = examine(fit_growth(observe(WORLD, counts), draws=20)).helps
    source = ABILITIES[int(runs[0].sum(axis=1).argmax())]
    told = {pair for pair, known in helped.items() if known}
    assert told
    assert {d for _, d in told} == {source}


def test_no_cheaper_run_of_those_tried_would_tell_more_per_row(balanced: GrowthFit) -> None:
    (unknown,) = [u for u in examine(balanced).unknown if u.what == TRANSFER]
    runs = named_runs(unknown.cheapest_run)
    tells = int(re.findall(r"tells (\d+) of 12", unknown.cheapest_run)[0])
    # The other sizes of the same cell are among those that were tried.
    a, o = (int(i) for i in np.argwhere(runs[0])[0])
    tied = np.zeros((4, balanced.layout.size), dtype=bool)
    tied[:, balanced.layout.transfer] = True
    information = Information.of(balanced, tied)
    for rows in SIZES:
        other = np.zeros((1, 4, 2))
        other[0, a, o] = rows
        slopes = information.slopes_of(balanced, other, np.zeros(1))
        for copies in (1, 2, 4):
            taken = information.taken_with(slopes, copies)[:, 0, balanced.layout.transfer]
            would = int((taken[np.arange(4) != a, a] >= 0.5).sum())
            assert would == 0 or copies * rows / would >= runs.sum() / tells


def test_what_a_run_adds_is_what_a_fit_with_it_would_have(fit: GrowthFit) -> None:
    none = np.zeros((4, fit.layout.size), dtype=bool)
    information = Information.of(fit, none)
    run = np.zeros((1, 4, 2))
    run[0, 2, 1] = 300.0
    slopes = information.slopes_of(fit, run, np.zeros(1))
    together = np.concatenate([information.slopes, np.repeat(slopes, 3, axis=1)], axis=1)
    left = np.linalg.inv(np.eye(fit.layout.size) + np.swapaxes(together, 1, 2) @ together)
    expected = 1.0 - np.einsum("app->ap", left)
    np.testing.assert_allclose(information.taken_with(slopes, 3)[:, 0], expected, atol=1e-9)


def test_slopes_of_runs_to_come_are_those_of_runs_that_were_made(fit: GrowthFit) -> None:
    information = Information.of(fit, np.zeros((4, fit.layout.size), dtype=bool))
    again = information.slopes_of(fit, fit.seen.counts, fit.seen.log_size)
    # They differ by the noise alone: that of the very score, and the usual one.
    scale = fit.noise.sd.T / information.units[1][:, None]
    np.testing.assert_allclose(again, information.slopes * scale[..., None], atol=1e-9)


def test_what_no_run_moves_keeps_its_whole_variance(fit: GrowthFit) -> None:
    seen = fit.seen
    counts = seen.counts.copy()
    counts[:, 3, 1] = 0.0
    without = fit_growth(replace(seen, counts=counts), draws=20)
    information = Information.of(without, np.zeros((4, without.layout.size), dtype=bool))
    assert information.taken[3, without.layout.log_rho][0] == pytest.approx(0.0, abs=1e-12)
    found = examine(without)
    assert ("late", "synthetic") not in found.exchange
    assert found.design.parameters == examine(fit).design.parameters - 2


def test_one_origin_alone_has_no_exchange_rate() -> None:
    counts = design(4, unbalanced=6)
    counts[..., 1] = counts[..., 0]
    found = examine(fit_growth(observe(WORLD, counts), draws=20))
    assert not any(found.exchange.values())
    assert not any(found.cap.values())
    (unknown,) = [u for u in found.unknown if "exchange rate of synthetic data for slow" in u.what]
    assert "do not vary apart" in unknown.why
    runs = named_runs(unknown.cheapest_run)
    assert np.argwhere(runs[0]).tolist() in ([[1, 0]], [[1, 1]])


def test_an_ability_that_never_varies_is_not_told_but_ties_no_other(fit: GrowthFit) -> None:
    seen = fit.seen
    counts = seen.counts.copy()
    counts[1:, 3] = 20.0
    counts[0, 3] = 0.0
    found = examine(fit_growth(replace(seen, counts=counts), draws=20))
    assert not any(known for (_, source), known in found.helps.items() if source == "late")
    assert any(known for (_, source), known in found.helps.items() if source != "late")


def test_with_too_few_runs_no_transfer_is_told() -> None:
    counts = np.random.default_rng(1).choice([0.0, *SIZES], (5, 4, 2))
    counts[0] = 0.0
    found = examine(fit_growth(observe(WORLD, counts), draws=20))
    assert not found.transfer
    assert any("too few runs" in u.why for u in found.unknown)


def test_rank_falls_where_amounts_are_tied(fit: GrowthFit, balanced: GrowthFit) -> None:
    told, tied = examine(fit).design, examine(balanced).design
    assert told.rank == told.parameters == tied.parameters
    assert tied.rank == tied.parameters - 12  # the transfers
    assert told.contrasts == tied.contrasts == 12 + 4 + 4 + 4
    assert tied.told < told.told < told.contrasts
    assert 1.0 < told.condition < 1e6


def test_the_slope_over_model_sizes_is_told_by_models_of_several_sizes(fit: GrowthFit) -> None:
    assert examine(fit).size == {}
    counts = np.concatenate([design(4, unbalanced=8, seed=seed) for seed in (0, 1)])
    of_size = np.repeat([1e8, 7e9], len(counts) // 2)
    seen = observe(WORLD, counts)
    lower = np.where(of_size < 1e9, 0.75, 1.0)[:, None]
    scores = seen.chance + (seen.scores - seen.chance) * lower
    sized: Observations = replace(seen, scores=np.clip(scores, 0.0, 1.0), n_params=of_size)
    found = examine(fit_growth(sized, draws=20))
    assert set(found.size) == set(ABILITIES)
    assert all(found.size.values())
    close = of_size.copy()
    close[close < 1e9] = 6.9e9
    alike = examine(fit_growth(replace(sized, n_params=close), draws=20))
    assert not any(alike.size.values())
    unknown = [u for u in alike.unknown if u.what.startswith("what a larger model does")]
    assert len(unknown) == 4
    assert all("parameters" in u.cheapest_run for u in unknown)


def test_every_unknown_has_a_reason_and_a_run(fit: GrowthFit) -> None:
    found = examine(fit)
    untold = [
        *(pair for pair, known in found.exchange.items() if not known),
        *(pair for pair, known in found.cap.items() if not known and found.exchange[pair]),
        *(ability for ability, known in found.ceiling.items() if not known),
    ]
    named = [u for u in found.unknown if not u.what.startswith(TRANSFER)]
    assert len(named) == len(untold)
    assert len({u.what for u in named}) == len(named)
    for unknown in found.unknown:
        assert unknown.why
        assert named_runs(unknown.cheapest_run).any()
