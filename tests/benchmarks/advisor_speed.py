"""How long the advisor takes: fit, allocation and next-run design of 60 runs and ten abilities.

Run by hand: `python tests/benchmarks/advisor_speed.py [--data DIR] [--fast]`. The last line is
JSON: `seconds` is the median of five rounds (of one with `--fast`), `import_seconds` the median of
five imports of `doitkit` in a fresh process, the start of the interpreter taken off. No data is
read; `--data` is taken so that all benchmarks are called alike.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from worlds import Play, asked

from doitkit.advise.answer import answer
from doitkit.growth import fit_growth


def round_of(play: Play) -> dict[str, float]:
    """Return the seconds of one round, by part."""
    seen = play.observed(play.started(60))
    start = time.perf_counter()
    fit = fit_growth(seen)
    fitted = time.perf_counter()
    answer(asked(fit).question, fit)
    answered = time.perf_counter()
    return {"fit": fitted - start, "answer": answered - fitted, "all": answered - start}


def process(code: str) -> float:
    """Return the seconds of a fresh interpreter that runs some code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--fast", action="store_true", help="one round")
    given = parser.parse_args()
    rounds = [round_of(Play.of(3_000_000 + i)) for i in range(1 if given.fast else 5)]
    bare = [process("pass") for _ in range(5)]
    imports = {
        name: float(np.median([process(f"import {name}") for _ in range(5)]) - np.median(bare))
        for name in ("doitkit", "doitkit.advise")
    }
    print(
        json.dumps(
            {
                "seconds": round(float(np.median([r["all"] for r in rounds])), 2),
                "fit_seconds": round(float(np.median([r["fit"] for r in rounds])), 2),
                "answer_seconds": round(float(np.median([r["answer"] for r in rounds])), 2),
                "import_seconds": round(imports["doitkit"], 3),
                "import_advise_seconds": round(imports["doitkit.advise"], 3),
                "runs": 60,
                "abilities": 10,
            }
        )
    )


if __name__ == "__main__":
    main()
