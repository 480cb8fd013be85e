"""How well a surface over mixtures ranks mixtures that were never tried, beside rivals.

Run by hand: `python tests/benchmarks/mixture_regression.py --data DIR [--fast]`. The last line is
JSON.

Data: RegMix (Liu et al. 2024), 512 runs of a model of 1M parameters over 17 sources; the tests are
runs of 1M, 60M and 1B. Outcome: the loss on Pile-CC. Figures are Spearman's rank correlation times
100 of predicted and true loss: from all 512 runs, and from 20, 40 and 60 drawn at random (the mean
of 20 draws). Settings of the surface were chosen by the other twelve losses.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.stats import spearmanr

from doitkit.growth.surface import Surface

Floats = npt.NDArray[np.float64]
Regression = Callable[[Floats, Floats, Floats], Floats]
OUTCOME = "metric/the_pile_pile_cc_val_loss"
TESTS = {"1M": "1m", "60M": "60m", "1B": "1B"}
FEW = (20, 40, 60)


def table(file: Path) -> tuple[list[str], Floats]:
    """Return the columns of a table and its numbers, without the index."""
    with file.open(newline="") as stream:
        rows = list(csv.reader(stream))
    return rows[0][1:], np.array([[float(value) for value in row[1:]] for row in rows[1:]])


def outcomes(file: Path) -> Floats:
    """Return the outcome of every run."""
    columns, values = table(file)
    return values[:, columns.index(OUTCOME)]


def surface(weights: Floats, loss: Floats, new: Floats) -> Floats:
    """Ours."""
    return Surface.fit(weights, np.log(loss)).predict(new)[0]


def linear(weights: Floats, loss: Floats, new: Floats) -> Floats:
    """Least squares on the weights, as RegMix has it; of the least norm where runs are few."""
    return _ridge(weights, loss, new, 1e-8)


def ridge_log(weights: Floats, loss: Floats, new: Floats) -> Floats:
    """Ridge on weights and their logarithms, its penalty by leave-one-out."""

    def features(given: Floats) -> Floats:
        return np.hstack([given, np.log(given + 1e-3)])

    known, wanted = features(weights), features(new)
    centre, spread = known.mean(axis=0), known.std(axis=0) + 1e-9
    known, wanted = (known - centre) / spread, (wanted - centre) / spread

    def left_out(log_penalty: float) -> float:
        gram = known @ known.T
        hat = gram @ np.linalg.inv(gram + np.exp(log_penalty) * np.eye(len(gram)))
        missed = (loss - loss.mean()) - hat @ (loss - loss.mean())
        return float(((missed / (1 - np.diag(hat))) ** 2).mean())

    best = minimize_scalar(left_out, bounds=(-6, 8), method="bounded").x
    return _ridge(known, loss, wanted, float(np.exp(best)))


def plain_process(weights: Floats, loss: Floats, new: Floats) -> Floats:
    """A Gaussian process with one length for all sources, on square roots, by its likelihood."""
    from scipy.optimize import minimize

    known, wanted = np.sqrt(weights), np.sqrt(new)
    level, height = loss.mean(), loss.std()
    target = (loss - level) / height

    def covariance(one: Floats, other: Floats, log_length: float) -> Floats:
        apart = np.sqrt(np.maximum(_squares(one, other), 0.0)) * np.sqrt(5) / np.exp(log_length)
        return (1 + apart + apart**2 / 3) * np.exp(-apart)

    def unlikely(at: Floats) -> float:
        within = np.exp(at[1]) * covariance(known, known, at[0])
        within += (np.exp(at[2]) + 1e-6) * np.eye(len(known))
        factor = np.linalg.cholesky(within)
        half = np.linalg.solve(factor, target)
        return float(0.5 * half @ half + np.log(np.diag(factor)).sum())

    starts = [np.array([length, 0.0, -3.0]) for length in (-1.0, 0.0, 1.0)]
    found = min((minimize(unlikely, s, method="Nelder-Mead") for s in starts), key=lambda f: f.fun)
    length, variance, noise = found.x
    within = np.exp(variance) * covariance(known, known, length)
    within += (np.exp(noise) + 1e-6) * np.eye(len(known))
    across = np.exp(variance) * covariance(wanted, known, length)
    return level + height * across @ np.linalg.solve(within, target)


def _squares(one: Floats, other: Floats) -> Floats:
    return (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T


def _ridge(known: Floats, loss: Floats, wanted: Floats, penalty: float) -> Floats:
    gram = known @ known.T + penalty * np.eye(len(known))
    return loss.mean() + wanted @ known.T @ np.linalg.solve(gram, loss - loss.mean())


RIVALS: dict[str, Regression] = {
    "linear": linear,
    "ridge_log": ridge_log,
    "plain_process": plain_process,
}


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fast", action="store_true", help="3 draws instead of 20")
    asked = parser.parse_args()
    folder = asked.data / "runs" / "sail-sg_regmix"
    _, weights = table(folder / "train_mixture_1m.csv")
    loss = outcomes(folder / "train_pile_loss_1m.csv")
    tests = {
        name: (
            table(folder / f"test_mixture_{file}.csv")[1],
            outcomes(folder / f"test_pile_loss_{file}.csv"),
        )
        for name, file in TESTS.items()
    }

    def ranked(regression: Regression, which: npt.NDArray[np.int64]) -> dict[str, float]:
        found = {}
        for name, (new, truth) in tests.items():
            predicted = regression(weights[which], loss[which], new)
            found[name] = 100 * float(spearmanr(predicted, truth).statistic)
        return found

    def scored(regression: Regression) -> dict[str, dict[str, float]]:
        figures = {"512": ranked(regression, np.arange(len(loss)))}
        for runs in FEW:
            draws = [
                ranked(
                    regression,
                    np.random.default_rng(1000 * runs + d).choice(len(loss), runs, replace=False),
                )
                for d in range(3 if asked.fast else 20)
            ]
            figures[str(runs)] = {
                name: float(np.mean([draw[name] for draw in draws])) for name in ("1M", "1B")
            }
        return {
            runs: {name: round(value, 2) for name, value in figure.items()}
            for runs, figure in figures.items()
        }

    start = time.perf_counter()
    ours = scored(surface)
    print(f"surface: {ours}, {time.perf_counter() - start:.0f} s")
    rivals = {}
    for name, regression in RIVALS.items():
        rivals[name] = scored(regression)
        print(f"{name}: {rivals[name]}")
    print(json.dumps({**ours, "rivals": rivals}))


if __name__ == "__main__":
    main()
