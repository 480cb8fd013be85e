"""What is told is right, and what is not told is said not to be: over worlds of a known truth."""

import re

import numpy as np
import pytest

from doitkit.advise import first_design
from doitkit.growth import Diagnosis, Identified, diagnose, examine, fit_growth
from doitkit.growth.identify import TRANSFER
from doitkit.growth.observations import Floats
from doitkit.growth.simulate import World, draw_world, observe

ABILITIES = 5
WORLDS = range(300, 310)


def examined(seed: int, counts: Floats) -> tuple[World, Identified, list[Diagnosis]]:
    world = draw_world(seed, abilities=ABILITIES)
    fit = fit_growth(observe(world, counts, seed), draws=60)
    identified = examine(fit)
    return world, identified, diagnose(fit, identified, min_gain=0.02)


def with_base(runs: Floats) -> Floats:
    return np.concatenate([np.zeros((1, *runs.shape[1:])), runs])


def balanced() -> Floats:
    """Return a ladder as in papers: all abilities grow together, of one origin and the other."""
    runs = np.zeros((10, ABILITIES, 2))
    for rung, size in enumerate((30.0, 100.0, 300.0, 1000.0, 3000.0)):
        runs[2 * rung, :, 0] = runs[2 * rung + 1, :, 1] = size
    return with_base(runs)


@pytest.fixture(scope="module")
def told() -> list[tuple[World, Identified, list[Diagnosis]]]:
    return [
        examined(seed, with_base(first_design(24, ABILITIES, 2, 1000.0, seed=seed)))
        for seed in WORLDS
    ]


def test_exchange_rates_that_are_told_are_right_within_a_half(
    told: list[tuple[World, Identified, list[Diagnosis]]],
) -> None:
    ratios = []
    for world, _, diagnoses in told:
        for a, diagnosis in enumerate(diagnoses):
            if "synthetic" in diagnosis.exchange:
                found = diagnosis.exchange["synthetic"].middle / world.worths[a][0].rate
                ratios.append(max(found, 1.0 / found))
    assert len(ratios) >= 0.6 * len(told) * ABILITIES
    assert np.median(ratios) < 1.5


def test_a_ceiling_is_unknown_where_no_run_passes_the_knee(
    told: list[tuple[World, Identified, list[Diagnosis]]],
) -> None:
    wrongly = cells = 0
    for world, identified, diagnoses in told:
        for a, diagnosis in enumerate(diagnoses):
            worth = world.worths[a][0]
            if worth.ceiling / worth.rate < 1000.0:
                continue
            cells += 1
            wrongly += "synthetic" in diagnosis.cap
            if "synthetic" in diagnosis.exchange and "synthetic" not in diagnosis.cap:
                what = f"the ceiling of synthetic data for {diagnosis.ability}"
                assert what in {unknown.what for unknown in identified.unknown}
    assert cells >= 30
    assert wrongly <= 0.15 * cells


def test_a_ceiling_is_told_by_runs_that_went_past_it() -> None:
    ratios = []
    for seed in WORLDS:
        design = first_design(24, ABILITIES, 2, np.array([1000.0, 30_000.0]), seed=seed)
        world, _, diagnoses = examined(seed, with_base(design))
        for a, diagnosis in enumerate(diagnoses):
            worth = world.worths[a][0]
            if "synthetic" in diagnosis.cap:
                # The worlds' forms differ, so that of one near its end is compared.
                true = float(worth.of(np.array([30_000.0]))[0])
                ratios.append(diagnosis.cap["synthetic"].middle / true)
    assert len(ratios) >= 0.3 * len(WORLDS) * ABILITIES
    assert 1 / 1.6 < np.median(ratios) < 1.6


def test_on_a_balanced_ladder_no_transfer_is_told_and_the_run_to_make_is_named() -> None:
    for seed in WORLDS:
        _, identified, _ = examined(seed, balanced())
        assert not identified.transfer
        assert not any(identified.helps.values())
        (unknown,) = [u for u in identified.unknown if u.what.startswith(TRANSFER)]
        assert "rise and fall together" in unknown.why
        assert re.search(r"ability \d: [\d,]+ \w+ rows and nothing else", unknown.cheapest_run)
        assert identified.design.rank < identified.design.parameters


def test_unbalanced_runs_tell_some_transfer(
    told: list[tuple[World, Identified, list[Diagnosis]]],
) -> None:
    assert sum(identified.transfer for _, identified, _ in told) >= 0.5 * len(told)
