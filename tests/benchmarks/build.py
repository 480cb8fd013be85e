"""How fast, how lean and how right a build is; with rivals at the same work.

Run by hand: `python tests/benchmarks/build.py --data DIR [--rivals PYTHON] [--out-of-core]
[--fast]`. The last line is JSON.

Two builds of C500 (500,000 rows, 200 MB) by the command line, each in a fresh process and an empty
workspace: dedup alone (read, exact and near dedup, order, write), and a whole one (also filters,
decontamination against 10,000 items, quotas of six nested rungs). Survivors are judged by an exact
truth found by other means. `--rivals` names the Python of an environment with datasketch and rensa;
see `rivals/`. Corpora and truth are kept in `--cache` between runs.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import polars as pl
from corpus import chinese_corpus, corpus, evaluation_items, mixed_corpus, template_corpus
from measured import Measured, measured
from near_truth import Judgement, judged, truth_of

_DEDUP = """\
doitkit: 1
name: dedup
sources:
  rows: {{path: {file}, format: alpaca, origin: human, license: other}}
abilities:
  all: {{sources: [rows], evaluate: none}}
curate:
  near: {{similarity: 0.8, ngram: 5, unit: {unit}}}
  decontaminate: false
"""

_WHOLE = """\
doitkit: 1
name: whole
sources:
  rows: {{path: {file}, format: alpaca, origin: human, license: other}}
abilities:
  all:
    sources: [rows]
    evaluate: {{path: items.jsonl, format: alpaca, metric: bits_per_byte}}
curate:
  near: {{similarity: 0.8, ngram: 5, unit: word}}
  filters:
    length: {{answer_chars: {{max: 20000}}}}
    refusals: {{}}
mixture: {{counts: {{all: {{human: {largest}}}}}}}
ladder:
  sizes: {sizes}
  designs: [{{design: balanced, origins: {{human: 1}}}}]
"""


class Bench:
    """A folder of corpora, and builds of them in fresh workspaces."""

    def __init__(self, data: Path, cache: Path, rows: int) -> None:
        self.data, self.cache, self.rows = data, cache, rows
        cache.mkdir(parents=True, exist_ok=True)

    def corpus(self, kind: str, rows: int) -> Path:
        """Return a corpus, made if it is not there."""
        make = {
            "c500": corpus,
            "items": evaluation_items,
            "template": template_corpus,
            "chinese": chinese_corpus,
            "mixed": mixed_corpus,
        }[kind]
        file = self.cache / f"{kind}-{rows}.jsonl"
        if not file.exists():
            make(self.data, file.with_suffix(".part"), rows, 0)
            file.with_suffix(".part").rename(file)
        return file

    def built(self, recipe: str, *options: str) -> tuple[Measured, Path]:
        """Build a recipe by the command line; return what it took, and the dataset's folder."""
        folder = Path(tempfile.mkdtemp(dir=self.cache, prefix="build-"))
        (folder / "recipe.yaml").write_text(recipe)
        command = [sys.executable, "-m", "doitkit", "build", str(folder / "recipe.yaml")]
        command += ["--data", str(self.cache), "-w", str(folder / "workspace"), "--json", "-q"]
        took = measured([*command, *options])
        return took, Path(json.loads(took.output)["folder"])

    def survivors(self, dataset: Path) -> list[int]:
        """Return the numbers from 0 of the rows that a dataset holds."""
        from doitkit.core.saved import read_saved

        meta = pl.Series(read_saved(dataset / "train", ["meta"])["meta"], dtype=pl.String)
        return [json.loads(text)["line"] - 1 for text in meta]

    def forget(self, dataset: Path) -> None:
        """Remove the workspace of a dataset."""
        shutil.rmtree(dataset.parent.parent.parent)

    def judged(self, file: Path, survivors: list[int]) -> Judgement:
        """Judge survivors by the truth."""
        return judged(truth_of(file, self.cache), survivors)


def _rivals(python: str, file: Path, seconds: float) -> Iterator[tuple[str, float]]:
    for name, *options in (("datasketch",), ("datasketch", "bulk"), ("rensa",)):
        script = Path(__file__).parent / "rivals" / f"with_{name}.py"
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [python, str(script), str(file), f"{folder}/out.jsonl", *options],
                capture_output=True,
                text=True,
                check=True,
            )
        took = json.loads(done.stdout.splitlines()[-1])
        rival = "_".join([name, *options])
        print(f"{rival}: {took}")
        yield f"{rival}_ratio", round(took["seconds"] / seconds, 2)


def _per_megabyte(took: Measured, file: Path) -> float:
    return took.seconds / (file.stat().st_size / 1e6)


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "doitkit-bench")
    parser.add_argument("--rivals", metavar="PYTHON")
    parser.add_argument("--out-of-core", action="store_true", help="5,000,000 rows in 1 GB")
    parser.add_argument(
        "--others", action="store_true", help="templates, Chinese and mixed texts, too"
    )
    parser.add_argument("--fast", action="store_true", help="50,000 rows")
    asked = parser.parse_args()
    rows = 50_000 if asked.fast else 500_000
    bench = Bench(asked.data, asked.cache, rows)
    file, items = bench.corpus("c500", rows), bench.corpus("items", rows)
    shutil.copy(items, asked.cache / "items.jsonl")

    took, dataset = bench.built(_DEDUP.format(file=file.name, unit="word"))
    right = bench.judged(file, bench.survivors(dataset))
    bench.forget(dataset)
    print(f"dedup of {rows:,} rows: {took.seconds} s, {took.peak_mb} MB, {right}")
    sizes = [rows // 2 // 4**step for step in reversed(range(6))]
    whole, dataset = bench.built(_WHOLE.format(file=file.name, largest=sizes[-1], sizes=sizes))
    one, dataset_of_one = bench.built(
        _WHOLE.format(file=file.name, largest=sizes[-1], sizes=sizes[-1:])
    )
    print(f"whole build: {whole.seconds} s, {whole.peak_mb} MB; of one rung: {one.seconds} s")
    bench.forget(dataset)
    bench.forget(dataset_of_one)
    found = {
        "rows": rows,
        "seconds": took.seconds,
        "rows_per_s": round(rows / took.seconds),
        "peak_mb": took.peak_mb,
        "survivors": right.survivors,
        "recall": right.recall,
        "precision": right.precision,
        "build_seconds": whole.seconds,
        "build_peak_mb": whole.peak_mb,
        "six_rungs_to_one": round(whole.seconds / one.seconds, 3),
    }
    if asked.rivals:
        found |= _rivals(asked.rivals, file, took.seconds)
    if asked.others:
        found |= _others(bench, rows, _per_megabyte(took, file), took.seconds)
    if asked.out_of_core:
        found |= _out_of_core(bench, 10 * rows, file)
    print(json.dumps(found))


def _others(bench: Bench, rows: int, english_s: float, plain_s: float) -> dict[str, float]:
    template = bench.corpus("template", rows)
    took, dataset = bench.built(_DEDUP.format(file=template.name, unit="word"))
    left = len(bench.survivors(dataset))
    bench.forget(dataset)
    print(f"with a template: {took.seconds} s, {left:,} rows stay")
    per_mb = {}
    for kind, unit in product(("chinese", "mixed"), ("word", "char")):
        file = bench.corpus(kind, rows)
        other, dataset = bench.built(_DEDUP.format(file=file.name, unit=unit))
        bench.forget(dataset)
        size = file.stat().st_size / 1e6
        print(f"{kind}, unit {unit}: {other.seconds} s for {size:.0f} MB, {other.peak_mb} MB")
        ratio = _per_megabyte(other, file) / english_s
        per_mb[f"{kind}_{unit}_to_english_per_mb"] = round(ratio, 2)
    return {
        **per_mb,
        "template_to_plain": round(took.seconds / plain_s, 2),
        "template_survivors": left,
    }


def _out_of_core(bench: Bench, rows: int, small: Path) -> dict[str, float | bool]:
    file = bench.corpus("c500", rows)
    recipe = _DEDUP.format(file=file.name, unit="word")
    took, dataset = bench.built(recipe, "--memory", "1GB")
    bench.forget(dataset)
    print(f"out of core, {rows:,} rows: {took.seconds} s, {took.peak_mb} MB")
    recipe = _DEDUP.format(file=small.name, unit="word")
    _, lean = bench.built(recipe, "--memory", "300MB")
    _, ample = bench.built(recipe, "--memory", "16GB")
    same = bench.survivors(lean) == bench.survivors(ample)
    bench.forget(lean)
    bench.forget(ample)
    return {
        "out_of_core_rows": rows,
        "out_of_core_seconds": took.seconds,
        "out_of_core_rows_per_s": round(rows / took.seconds),
        "out_of_core_peak_mb": took.peak_mb,
        "same_survivors": same,
    }


if __name__ == "__main__":
    main()
