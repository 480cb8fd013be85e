"""What is learned from whole curves: priors, and intervals that hold what they say."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from doitkit.growth.curve import Bend, Curve, CurveForecast, forecast_curve, shipped
from doitkit.growth.curve.learn import VAGUE, bends, half_widths, learn_priors
from doitkit.growth.curve.shipped import Level
from doitkit.growth.observations import Floats

SIZES = 100.0 * 2.0 ** np.arange(10)
_SCRIPT = Path(__file__).parents[2] / "benchmarks" / "learn_curve_priors.py"


def told(log_mean: Floats, log_sd: Floats) -> CurveForecast:
    n = len(log_mean)
    return CurveForecast(np.arange(1.0, n + 1), log_mean, log_sd, {}, np.zeros(n), VAGUE)


def gaussian(curves: int, times: float, seed: int) -> tuple[list[CurveForecast], list[Floats]]:
    """Return forecasts whose errors are normal, `times` their stated deviation."""
    draw = np.random.default_rng(seed)
    sds = [draw.uniform(0.02, 0.3, int(draw.integers(1, 9))) for _ in range(curves)]
    forecasts = [told(np.zeros(len(sd)), sd) for sd in sds]
    return forecasts, [np.exp(times * sd * draw.standard_normal(len(sd))) for sd in sds]


@pytest.mark.parametrize("times", [0.5, 1.0, 3.0])
def test_half_widths_of_normal_errors_are_their_quantiles(times: float) -> None:
    found = half_widths(*gaussian(2000, times, seed=0))
    assert found["80"] == pytest.approx(1.2816 * times, rel=0.06)
    assert found["95"] == pytest.approx(1.9600 * times, rel=0.06)


def test_intervals_of_new_curves_hold_what_they_say() -> None:
    held: dict[Level, list[float]] = {"80": [], "95": []}
    for seed in range(60):
        widths = half_widths(*gaussian(40, 1.7, seed))
        forecasts, came = gaussian(40, 1.7, seed + 1000)
        for level, shares in held.items():
            width = widths[level]
            shares += [
                float((np.abs(np.log(truth)) <= width * f.log_sd).mean())
                for f, truth in zip(forecasts, came, strict=True)
            ]
    assert 0.78 < np.mean(held["80"]) < 0.84
    assert 0.93 < np.mean(held["95"]) < 0.98


def test_every_curve_weighs_the_same() -> None:
    # One curve of a thousand sizes is far off, ninety-nine of one size are near.
    draw = np.random.default_rng(0)
    near = [(told(np.zeros(1), np.ones(1)), np.exp(draw.normal(0, 1, 1))) for _ in range(99)]
    wild = (told(np.zeros(1000), np.ones(1000)), np.full(1000, np.exp(50.0)))
    forecasts, came = zip(*[*near, wild], strict=True)
    assert half_widths(forecasts, came)["80"] < 2


def test_few_curves_give_the_largest_error_and_no_less() -> None:
    forecasts = [told(np.zeros(1), np.ones(1)) for _ in range(4)]
    came = [np.exp(np.array([error])) for error in (0.1, -0.5, 2.0, -1.0)]
    found = half_widths(forecasts, came)
    assert found["80"] == pytest.approx(2.0)
    assert found["95"] == pytest.approx(2.0)


def test_the_bends_of_whole_curves_are_found() -> None:
    draw = np.random.default_rng(1)
    truth = np.column_stack(
        [draw.uniform(1.5, 4, 12), draw.normal(-1, 0.2, 12), np.full(12, -2.5), np.full(12, -0.3)]
    )
    x = np.log(SIZES / SIZES[0])[None].repeat(12, axis=0)
    y = Bend().value(np.column_stack([np.zeros(12), truth]), x)
    found = bends([Curve.of(SIZES, np.exp(row)) for row in y])
    assert found.shape == (12, 4)
    assert np.corrcoef(found[:, 0], truth[:, 0])[0, 1] > 0.9
    assert np.corrcoef(found[:, 1], truth[:, 1])[0, 1] > 0.6


def test_sets_weigh_the_same_and_differ_as_they_differ() -> None:
    draw = np.random.default_rng(2)
    small, large = draw.normal(0, 1, (5, 4)), draw.normal(4, 1, (500, 4))
    prior = learn_priors([small, large]).bend
    np.testing.assert_allclose(prior.mean, (small.mean(axis=0) + large.mean(axis=0)) / 2)
    within = (small.var(axis=0) + large.var(axis=0)) / 2
    between = ((small.mean(axis=0) - large.mean(axis=0)) / 2) ** 2
    np.testing.assert_allclose(prior.sd, np.sqrt(within + between))


def test_a_team_can_learn_from_its_own_curves() -> None:
    def curve(kappa: float) -> Curve:
        x = np.log(SIZES / SIZES[0])
        return Curve.of(SIZES, 2 * np.exp(-0.4 * np.logaddexp(0.0, x - kappa)))

    own = [curve(kappa) for kappa in np.linspace(3.8, 4.2, 9)]
    mine = learn_priors([bends(own)])
    assert abs(mine.bend.mean[0] - 4.0) < 0.5
    assert mine.bend.sd[0] < shipped().bend.sd[0]
    # Before the bend, it is expected where the team's own curves had it.
    seen, whole = curve(4.05).first(5), curve(4.05)
    own_told = forecast_curve(seen, SIZES[5:], priors=replace(mine, power=shipped().power))
    cold = forecast_curve(seen, SIZES[5:])
    assert np.abs(own_told.log_mean - whole.y[5:]).max() < np.abs(cold.log_mean - whole.y[5:]).max()


def test_the_shipped_file_states_where_it_comes_from() -> None:
    said = json.loads(files("doitkit.growth.curve").joinpath("curve_priors.json").read_text())
    assert (Path(__file__).parents[3] / said["made_by"]).is_file()
    assert {source["licence"] for source in said["sources"]} <= {"Apache-2.0", "MIT", "CC BY 4.0"}
    assert all(source["from"] and source["what"] for source in said["sources"])
    known = shipped()
    assert known.power.mean.shape == known.power.sd.shape == (2,)
    assert known.bend.mean.shape == known.bend.sd.shape == (4,)
    assert (known.power.sd > 0).all()
    assert (known.bend.sd > 0).all()
    for widths in (known.cold, known.past):
        assert 0 < widths["80"] < widths["95"]


@pytest.mark.slow
def test_the_shipped_file_is_what_the_public_curves_teach(data_folder: Path) -> None:
    runs = data_folder / "runs"
    needed = ("linhaowei1_Fine-tuning-Scaling-Law", "LCDB-1.1")
    absent = [name for name in needed if not (runs / name).is_dir()]
    if absent:
        pytest.skip(f"no public growth curves: {', '.join(absent)} are not in the data")
    command = [sys.executable, str(_SCRIPT), "--data", str(data_folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(ran.stdout.splitlines()[-1])
    assert said["as_shipped"], said
