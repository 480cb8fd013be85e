"""How long `doitkit plan` takes over a million rows: before a build (a sample) and after one.

Run by hand: `python tests/benchmarks/plan_speed.py [--rows 1000000]`. The last line is JSON.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from doitkit import api

_WORDS = [f"word{i}" for i in range(5000)]
_SOURCES = 4


def _write(folder: Path, rows: int) -> Path:
    draw = random.Random(1)
    sources, abilities = [], []
    for s in range(_SOURCES):
        origin = ("human", "synthetic")[s % 2]
        with (folder / f"s{s}.jsonl").open("w") as file:
            for i in range(rows // _SOURCES):
                words = draw.choices(_WORDS, k=40)
                row = {"prompt": f"{s}-{i}: " + " ".join(words[:20]), "completion": " ".join(words)}
                file.write(json.dumps(row) + "\n")
        sources.append(
            f"  s{s}: {{path: s{s}.jsonl, format: prompt_completion, origin: {origin}, "
            "license: CC0-1.0, generator: null}\n".replace(", generator: null", "")
        )
    for a in range(_SOURCES // 2):
        items = folder / f"items{a}.jsonl"
        items.write_text(
            "".join(
                json.dumps({"prompt": f"item {a} {i}", "completion": "yes"}) + "\n"
                for i in range(500)
            )
        )
        abilities.append(
            f"  a{a}:\n    sources: [s{2 * a}, s{2 * a + 1}]\n"
            f"    evaluate: {{path: items{a}.jsonl, format: prompt_completion, "
            "metric: bits_per_byte}\n"
        )
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        f"doitkit: 1\nname: million\nsources:\n{''.join(sources)}abilities:\n{''.join(abilities)}"
        "ladder:\n  sizes: [100, 1000, 10000, 100000]\n  designs:\n"
        "    - {design: balanced, origins: {human: 1}}\n"
        "    - {design: balanced, origins: {synthetic: 1}}\n"
        "    - {design: unbalanced, runs: 8, max_rows: 200000}\n"
    )
    return recipe


def _plan_s(recipe: Path, workspace: Path, repeats: int) -> tuple[list[float], str]:
    command = [sys.executable, "-m", "doitkit", "plan", str(recipe), "-w", str(workspace), "--json"]
    seconds, basis = [], ""
    for _ in range(repeats):
        start = time.perf_counter()
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        seconds.append(round(time.perf_counter() - start, 2))
        basis = json.loads(shown)["basis"]
    return seconds, basis


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recipe = _write(folder, rows)
        size = sum(file.stat().st_size for file in folder.glob("*.jsonl"))
        before, basis = _plan_s(recipe, folder / "ws", 2)
        print(f"before a build ({basis}): {before} s")
        start = time.perf_counter()
        api.build(recipe, folder / "ws")
        build_s = round(time.perf_counter() - start, 1)
        print(f"build: {build_s} s")
        after, after_basis = _plan_s(recipe, folder / "ws", 3)
    print(
        json.dumps(
            {
                "rows": rows,
                "megabytes": round(size / 1e6),
                "plan_before_s": before,
                "basis_before": basis,
                "build_s": build_s,
                "plan_after_s": after,
                "basis_after": after_basis,
                "plan_after_worst_s": max(after),
            }
        )
    )


if __name__ == "__main__":
    main()
