"""How well a surface ranks mixtures on a table that none of its settings was chosen on.

Run by hand: `python tests/benchmarks/mixture_elsewhere.py --table dmsl_llm_slimpajama.csv`. The
last line is JSON.

The table is that of the repository `meiqwq/Explaining-Data-Mixing-Scaling-Laws`: mixtures of seven
sources of SlimPajama, models of 122M to 2.7B parameters, losses on the seven sources and on
OpenHermes, along training. The last step of every run counts. The smallest models' runs of some
mixtures are fitted; what they say of all others is held against those models' own losses, and
against those of larger ones. Figures are Spearman's rank correlation times 100, and the root mean
square error of the logarithm of the loss, in percent, at the smallest size: means over eight losses
and six draws.
"""

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mixture_regression import RIVALS, Floats, Regression, surface
from scipy.optimize import least_squares
from scipy.stats import spearmanr

FITTED = (16, 24, 40)
DRAWS = 6
TESTED = 4
"""The smallest sizes; of larger ones there are too few mixtures."""

Mixture = tuple[str, ...]
Runs = dict[Mixture, Floats]


@dataclass(frozen=True)
class Table:
    """Losses of the last step of every mixture, for each size of model from the smallest on."""

    sizes: tuple[float, ...]
    runs: tuple[Runs, ...]

    @classmethod
    def read(cls, file: Path) -> "Table":
        """Read the table."""
        with file.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        shares = [name for name in rows[0] if name.startswith("weight_")]
        losses = [name for name in rows[0] if name.endswith("_loss")]
        found: dict[float, Runs] = {}
        for row in sorted(rows, key=lambda row: float(row["n_tokens"])):
            mixture = tuple(f"{float(row[name]):.6f}" for name in shares)
            runs = found.setdefault(float(row["model_size"]), {})
            runs[mixture] = np.array([float(row[name] or "nan") for name in losses])
        sizes = tuple(sorted(found))[:TESTED]
        return cls(sizes, tuple(found[size] for size in sizes))


def mixing_law(weights: Floats, loss: Floats, new: Floats) -> Floats:
    """The law of Ye et al. (2024): a constant and an exponential of a sum over sources."""
    sources = weights.shape[1]

    def law(at: Floats, given: Floats) -> Floats:
        return at[0] + np.exp(np.clip(at[1] + given @ at[2:], -20, 20))

    def missed(at: Floats) -> Floats:
        return np.concatenate([law(at, weights) - loss, 1e-3 * at[2:]])

    generator = np.random.default_rng(0)
    found = []
    for _ in range(6):
        start = [[loss.min() * generator.uniform(0.5, 1)], [np.log(0.5)]]
        start.append(list(generator.normal(size=sources)))
        found.append(least_squares(missed, np.concatenate(start), loss="huber", f_scale=0.02))
    return law(min(found, key=lambda fit: fit.cost).x, new)


def scored(table: Table, regression: Regression, fitted: int) -> dict[str, float]:
    """Return the figures of one way to predict."""
    mixtures = list(table.runs[0])
    weights = np.array([[float(share) for share in mixture] for mixture in mixtures])
    losses = np.array(list(table.runs[0].values()))
    missing = np.full(losses.shape[1], np.nan)
    ranks: dict[str, list[float]] = {f"{size / 1e6:.0f}M": [] for size in table.sizes}
    errors = []
    for outcome in range(losses.shape[1]):
        for draw in range(DRAWS):
            generator = np.random.default_rng(100 * fitted + draw)
            known = generator.choice(len(mixtures), fitted, replace=False)
            rest = np.setdiff1d(np.arange(len(mixtures)), known)
            told = regression(weights[known], losses[known, outcome], weights[rest])
            told = told if regression is surface else np.log(np.maximum(told, 1e-3))
            errors.append(np.sqrt(((told - np.log(losses[rest, outcome])) ** 2).mean()))
            for name, runs in zip(ranks, table.runs, strict=True):
                truth = np.array([runs.get(mixtures[one], missing)[outcome] for one in rest])
                there = np.isfinite(truth)
                if there.any():
                    rank = spearmanr(told[there], truth[there]).statistic
                    ranks[name].append(100 * float(rank))
    found = {name: round(float(np.mean(values)), 1) for name, values in ranks.items()}
    return found | {"rmse": round(100 * float(np.mean(errors)), 2)}


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True)
    table = Table.read(parser.parse_args().table)
    ways: dict[str, Regression] = {"ours": surface, **RIVALS, "mixing_law": mixing_law}
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for fitted in FITTED:
        for name, regression in ways.items():
            figures.setdefault(name, {})[str(fitted)] = scored(table, regression, fitted)
            print(f"{fitted} mixtures, {name}: {figures[name][str(fitted)]}", flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
