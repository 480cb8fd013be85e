"""Learn what to expect of growth curves from public ones, and write the file that ships.

Run by hand: `python tests/benchmarks/learn_curve_priors.py --data DIR [--write]`. Without `--write`
it says whether the shipped file is what these curves teach. The last line is JSON.

The bend is learned from three tasks of fine-tuning losses and the two halves of LCDB's data sets,
each weighing the same. Half widths come from foretelling every curve as one of an unknown task:
fine-tuning curves from 4, 6, 8 and 10 points and error rates from 512 rows, with the prior of the
other sets; with history, from other model families on the same task.
"""

import argparse
import json
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt
from curve_trials import Told, lcdb_trials, lin_trials, tell
from public_curves import error_rates, fine_tuning

import doitkit.growth.curve
from doitkit.growth.curve.learn import VAGUE_POWER, bends, half_widths, learn_priors

FILE = Path(doitkit.growth.curve.__file__).parent / "curve_priors.json"
SOURCES = [
    {
        "what": "losses after fine-tuning 30 models on 3 tasks (Lin et al. 2024)",
        "from": "github.com/linhaowei1/Fine-tuning-Scaling-Law, commit 5214568",
        "licence": "Apache-2.0",
    },
    {
        "what": "error rates of classifiers, LCDB 1.1 (Yan et al. 2025), CC-18 data sets, a subset",
        "from": "github.com/learning-curve-research/LCDB-1.1, commit 37c3d9a",
        "licence": "CC BY 4.0",
    },
]


def learned(runs: Path) -> dict[str, object]:
    """Return what the file holds."""
    tuned, errors = fine_tuning(runs), error_rates(runs)
    halves = {name: i % 2 for i, name in enumerate(sorted({name for name, _ in errors}))}
    taught = {task: bends([curve for _, curve in members]) for task, members in tuned.items()}
    for half in (0, 1):
        whole = [c for (d, _), c in errors.items() if halves[d] == half and len(c.sizes) >= 12]
        taught[f"lcdb {half}"] = bends(whole)
    on_lin = lin_trials(tuned, taught, few=False)
    cold = [t for (_, past), trials in on_lin.items() if not past for t in trials]
    past = [t for (_, past), trials in on_lin.items() if past for t in trials]
    with Pool(2) as pool:
        cold_told = pool.map(tell, [*cold, *lcdb_trials(errors, halves, taught)])
        past_told = pool.map(tell, past)
    bend = learn_priors(list(taught.values())).bend
    return {
        "made_by": "tests/benchmarks/learn_curve_priors.py",
        "sources": SOURCES,
        "power": {"mean": _plain(VAGUE_POWER.mean), "sd": _plain(VAGUE_POWER.sd)},
        "bend": {"mean": _plain(bend.mean), "sd": _plain(bend.sd)},
        "half_widths": {"cold": _widths(cold_told), "past": _widths(past_told)},
    }


def _widths(told: list[Told]) -> dict[str, float]:
    widths = half_widths([t.forecast for t in told], [t.trial.came for t in told])
    return {level: round(width, 3) for level, width in widths.items()}


def _plain(values: npt.NDArray[np.float64]) -> list[float]:
    return [round(float(value), 4) for value in values]


def main() -> None:
    """Learn, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="write the file that ships")
    asked = parser.parse_args()
    found = learned(asked.data / "runs")
    if asked.write:
        FILE.write_text(json.dumps(found, indent=2) + "\n")
    same = json.loads(FILE.read_text()) == found
    print(json.dumps({"as_shipped": same, **found}))


if __name__ == "__main__":
    main()
