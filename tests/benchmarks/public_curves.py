"""Public growth curves as they lie in the folder of data."""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from doitkit.growth.curve import Curve

Floats = npt.NDArray[np.float64]
SIZES = np.array([200.0 * 2**i for i in range(14)])
TASKS = ("flan", "wmt19", "gigaword")


def fine_tuning(runs: Path) -> dict[str, list[tuple[str, Curve]]]:
    """Return losses after fine-tuning by task, each curve with the family of its model."""
    found: dict[str, list[tuple[str, Curve]]] = {}
    for task in TASKS:
        with (runs / "linhaowei1_Fine-tuning-Scaling-Law" / f"{task}.csv").open() as stream:
            for row in csv.DictReader(stream):
                curve = Curve.of(SIZES, [float(row[str(int(size))]) for size in SIZES])
                found.setdefault(task, []).append((row["family"], curve))
    return found


def error_rates(runs: Path) -> dict[tuple[str, str], Curve]:
    """Return error rates of classifiers by data set and learner."""
    rows: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    with (runs / "LCDB-1.1" / "lcdb11_cc18_subset.csv").open() as stream:
        for row in csv.DictReader(stream):
            rows.setdefault((row["dataset"], row["learner"]), []).append(
                (float(row["n_train"]), float(row["err_test_mean"]), float(row["err_test_stderr"]))
            )
    return {key: Curve(*np.array(sorted(values)).T) for key, values in rows.items()}


def translation(runs: Path) -> list[tuple[Curve, Floats, Floats]]:
    """Return translation losses to be fitted, with the sizes and losses that are held out."""
    rows: dict[str, list[tuple[float, float, bool]]] = {}
    file = runs / "google-research_revisiting" / "benchmark_nmt_subset.csv"
    with file.open() as stream:
        for row in csv.DictReader(stream):
            rows.setdefault(row["Model"], []).append(
                (float(row["Seen Examples"]), float(row["Loss"]), row["Training"] == "1")
            )
    result = []
    for values in rows.values():
        known, later = ([v[:2] for v in values if v[2] is side] for side in (True, False))
        (sizes, losses), (ahead, came) = np.array(known).T, np.array(later).T
        result.append((Curve.of(sizes, losses), ahead, came))
    return result
