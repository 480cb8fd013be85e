"""How long `doitkit validate` takes on a recipe of 200 sources, as a process: target below 1 s.

    python tests/benchmarks/validate_speed.py [--sources 200] [--times 7]

The sources have filters, columns in SQL, licences and weights; there are 40 abilities with items,
a mixture, a ladder and prices. The last line of the output is a JSON object.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ABILITIES = 40
_TARGET_S = 1.0
_SOURCE = """\
  source-{i}:
    path: [group-{a}/part-{i}-a.jsonl.gz, group-{a}/part-{i}-b.jsonl.gz]
    format: prompt_completion
    columns:
      prompt: "'Task {i}:\\n\\n' || question || '\\n' || ARRAY_TO_STRING(options, '\\n')"
      completion: "REPLACE(REGEXP_REPLACE(answer, '<<[^>]*>>', '', 'g'), '#### ', 'It is ')"
    where: level > {a} AND LENGTH(answer) BETWEEN 10 AND {n}
    origin: {origin}
    license: CC-BY-4.0
    weight: {w}
"""
_ABILITY = """\
  ability-{a}:
    sources: [{sources}]
    evaluate:
      path: group-{a}/test.jsonl.gz
      format: prompt_completion
      metric: exact_match
      extract: 'It is (-?[0-9.,]+)'
      items: 1000
"""
_REST = """\
mixture:
  total: 4000
  weights: {{{weights}}}
ladder:
  sizes: [16, 64, 256, 1024]
  seeds: [1, 2]
  designs:
    - {{design: balanced, origins: {{human: 1}}}}
    - {{design: unbalanced, runs: 16}}
train: {{profile: embedded-cpu, base_model: models/base, epochs: 2}}
prices: {{human: {{per_row: 1.0}}, programmatic: {{per_row: 0.1}}}}
advise: {{budget: 500, min_gain: 0.03}}
"""


def recipe_of(sources: int) -> str:
    """Return the text of a recipe with this many sources."""
    origins = ("human", "programmatic")
    declared = "".join(
        _SOURCE.format(i=i, a=i % _ABILITIES, n=1000 + i, origin=origins[i % 2], w=1 + i % 3)
        for i in range(sources)
    )
    abilities = "".join(
        _ABILITY.format(
            a=a, sources=", ".join(f"source-{i}" for i in range(a, sources, _ABILITIES))
        )
        for a in range(_ABILITIES)
    )
    weights = ", ".join(
        f"ability-{a}: {{{origins[a % 2]}: {1 + a % 4}}}" for a in range(_ABILITIES)
    )
    head = "doitkit: 1\nname: wide\n"
    return f"{head}sources:\n{declared}abilities:\n{abilities}{_REST.format(weights=weights)}"


def seconds(command: list[str], folder: Path) -> float:
    """Return the wall time of a command that must succeed."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recipe.yaml"
        file.write_text(recipe_of(asked.sources), encoding="utf-8")
        command = [sys.executable, "-m", "doitkit", "validate", file.name]
        first = seconds(command, Path(folder))
        taken = [seconds(command, Path(folder)) for _ in range(asked.times)]
        empty = seconds([sys.executable, "-c", "pass"], Path(folder))
        lines = file.read_text(encoding="utf-8").count("\n")
    median = statistics.median(taken)
    result = {
        "benchmark": "validate_speed",
        "sources": asked.sources,
        "lines": lines,
        "cores": os.cpu_count(),
        "first_s": round(first, 3),
        "median_s": round(median, 3),
        "slowest_s": round(max(taken), 3),
        "python_alone_s": round(empty, 3),
        "target_s": _TARGET_S,
        "met": median < _TARGET_S,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
