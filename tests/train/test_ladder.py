"""Training a ladder for real: what a run leaves, what is reused, what decides its weights."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest
from peft import PeftModel
from transformers import AutoModelForCausalLM

from doitkit.build import build
from doitkit.core.arrow import read_arrow
from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell
from doitkit.core.progress import SilentProgress
from doitkit.core.workers import WorkerPool
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture, Rung
from doitkit.recipe import load_recipe
from doitkit.train import Run, read_runs, train_rungs
from tests.project import write_rows
from tests.train.ladder import MIXED, SUMS, Project, project, rungs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Project:
    return project(tmp_path_factory.mktemp("small"), tiny_model)


@pytest.fixture(scope="module")
def runs(small: Project, pool: WorkerPool) -> list[Run]:
    """The base, then `sums` and `mixed`, each with seeds 1 and 2."""
    return small.train(pool, *rungs([SUMS, MIXED], 1, 2))


def test_the_base_model_comes_first_then_rungs_and_seeds(runs: list[Run]) -> None:
    assert [(run.name, run.seed, run.rows, run.method) for run in runs] == [
        ("base", 0, 0, "none"),
        ("sums", 1, 9, "full"),
        ("sums", 2, 9, "full"),
        ("mixed", 1, 16, "full"),
        ("mixed", 2, 16, "full"),
    ]


def test_a_run_tells_what_it_was_made_of(small: Project, runs: list[Run], tiny_model: Path) -> None:
    run = runs[3]
    stored = json.loads((small.folder_of(run) / "run.json").read_text())
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert stored["n_params"] == sum(p.numel() for p in model.parameters())
    assert stored["mixture"] == MIXED.as_recipe()
    assert stored["dataset_id"] == small.dataset.id_of(MIXED)
    assert (stored["device"], stored["dtype"]) == ("cpu", "float32")
    assert stored["steps"] == 8
    assert stored["left_out"] == 0
    assert 0 < stored["trained_tokens"] < stored["tokens"]
    assert stored["wall_s"] > 0
    assert stored["versions"] == {n: version(n) for n in ("torch", "transformers", "peft")}
    assert stored["losses"][-1][0] == 8
    assert stored["losses"][-1][1] < stored["losses"][0][1]
    assert runs[0].train_loss is None
    assert runs[0].steps == 0


def test_the_composition_tells_rows_tokens_and_epochs(small: Project, runs: list[Run]) -> None:
    run = runs[3]
    table = read_arrow(small.folder_of(run) / "composition.arrow")
    assert table.select("ability", "origin", "source", "n_instances").rows() == [
        ("sums", "human", "sums-by-people", 6),
        ("sums", "synthetic", "sums-by-model", 6),
        ("words", "human", "words-by-people", 4),
    ]
    assert table["n_tokens"].sum() == run.tokens
    assert set(table["dataset_id"]) == {run.dataset_id}
    assert set(table["epochs"]) == {2.0}


def test_weights_are_safetensors_and_load(small: Project, runs: list[Run]) -> None:
    for run in runs[1:]:
        folder = small.folder_of(run)
        names = {path.name for path in folder.rglob("*") if path.is_file()}
        assert "model.safetensors" in names
        assert "tokenizer.json" in names
        assert not [n for n in names if n.endswith((".bin", ".pt", ".pth", ".pkl"))]
        assert {p.name for p in folder.iterdir()} == {
            "composition.arrow", "log.txt", "model", "outcome.json", "rejects.arrow", "run.json",
        }  # fmt: skip
    assert not (small.folder_of(runs[0]) / "model").exists()


def test_seeds_differ(small: Project, runs: list[Run]) -> None:
    assert len({run.run_id for run in runs}) == len(runs)
    assert len({small.weights_of(run) for run in runs[1:]}) == 4


def test_nothing_is_trained_twice(small: Project, runs: list[Run], pool: WorkerPool) -> None:
    def identities() -> dict[str, tuple[int, int]]:
        files = small.workspace.runs.glob("*/run.json")
        return {f.parent.name: (f.stat().st_ino, f.stat().st_mtime_ns) for f in files}

    before = identities()
    assert small.train(pool, *rungs([SUMS, MIXED], 1, 2)) == runs
    assert small.finished(*rungs([SUMS, MIXED], 1, 2)) == (runs, 0)
    found, missing = small.finished(*rungs([SUMS, MIXED], 1, 2, 3))
    assert (found, missing) == (runs, 2)
    assert identities() == before
    assert {run.run_id for run in read_runs(small.workspace.runs)} == set(before)


def test_another_workspace_and_one_worker_give_the_same_bits(
    small: Project, runs: list[Run], tiny_model: Path, tmp_path: Path
) -> None:
    alone = project(tmp_path / "alone", tiny_model, workers=1, checkpoint_steps=2)
    with WorkerPool(1, 1, tmp_path / "workers.log") as one:
        again = alone.train(one, *rungs([MIXED, SUMS], 2))
    by_name = {(run.name, run.seed): run for run in runs}
    for run in again[1:]:
        other = by_name[run.name, run.seed]
        assert run.run_id == other.run_id
        assert alone.weights_of(run) == small.weights_of(other)
        assert (run.losses, run.train_loss) == (other.losses, other.train_loss)


def test_what_decides_a_run_decides_its_id(
    small: Project, runs: list[Run], tiny_model: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(tiny_model, moved)
    ids = {run.run_id for run in runs}
    for name, changed in {
        "rate": project(tmp_path / "rate", tiny_model, learning_rate=0.02),
        "epochs": project(tmp_path / "epochs", tiny_model, epochs=3),
        "method": project(tmp_path / "method", tiny_model, method="lora"),
    }.items():
        found, missing = Project(changed.recipe, changed.dataset, small.workspace).finished(
            *rungs([SUMS, MIXED], 1, 2)
        )
        assert ([run.name for run in found], missing) == (["base"], 4), name
    same = project(tmp_path / "same", moved, workers=2, threads=1, checkpoint_steps=3)
    found, missing = Project(same.recipe, same.dataset, small.workspace).finished(
        *rungs([SUMS, MIXED], 1, 2)
    )
    assert missing == 0
    assert {run.run_id for run in found} == ids
    # The model lies elsewhere now, and that is where it will be loaded from.
    assert {run.base_path for run in found} == {str(moved)}

    (moved / "config.json").write_text((moved / "config.json").read_text() + "\n")
    found, missing = Project(same.recipe, same.dataset, small.workspace).finished(
        *rungs([SUMS, MIXED], 1, 2)
    )
    assert (found, missing) == ([], 5)


def test_adapters_are_trained_and_saved_alone(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    lora = project(
        tmp_path, tiny_model, method="lora", lora={"r": 2, "alpha": 4}, max_steps=5, epochs=None
    )
    base, run = lora.train(pool, Rung(SUMS, (1,)))
    assert (run.method, run.n_params) == ("lora", base.n_params)
    names = {path.name for path in (lora.folder_of(run) / "model").iterdir()}
    assert "adapter_model.safetensors" in names
    assert "model.safetensors" not in names
    plain = AutoModelForCausalLM.from_pretrained(tiny_model)
    loaded = PeftModel.from_pretrained(plain, lora.folder_of(run) / "model")
    moved = [v.abs().max().item() for n, v in loaded.state_dict().items() if "lora_B" in n]
    assert moved
    assert min(moved) > 0
    (row,) = read_arrow(lora.folder_of(run) / "composition.arrow").to_dicts()
    # Five steps of four rows over nine: three steps are an epoch.
    assert row["epochs"] == pytest.approx(5 / 3)


class Notes(SilentProgress):
    """Progress that keeps the lines that stay."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)


def test_rows_too_long_are_left_out_counted_and_named(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    # The rows of `words` grow by a character each: 40 tokens hold the shorter ones.
    cell = Cell("words", "human")
    mixture = Mixture.of("words", {cell: 20})
    short = project(tmp_path, tiny_model, max_length=24)
    notes = Notes()
    _, run = train_rungs(
        short.recipe, short.dataset, [Rung(mixture, (1,))], short.workspace, pool, progress=notes
    )
    left_out = read_arrow(short.folder_of(run) / "rejects.arrow")
    ids = set(short.dataset.rows_of(mixture)["id"])
    assert 0 < len(left_out) < 20
    assert run.left_out == len(left_out)
    assert sum(run.trained_counts.values()) == run.rows - run.left_out
    assert set(left_out["id"]) <= ids
    assert set(left_out["step"]) == {"train"}
    assert set(left_out["source"]) == {"words-by-people"}
    assert left_out["line"].is_between(1, 20).all()
    assert all(int(reason.split()[0]) > 24 for reason in left_out["reason"])
    assert [line for line in notes.lines if f"{len(left_out)} rows over all runs" in line]


def test_equal_rows_of_two_origins_are_both_trained(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    made = project(tmp_path, tiny_model)
    write_rows(
        tmp_path / "sums-model.jsonl",
        ({"prompt": f"{i} + {i}?", "completion": f"It is {2 * i}."} for i in range(20)),
    )
    text = made.recipe.file.read_text() + "curate: {dedup: within_origin}\n"
    made.recipe.file.write_text(text)
    recipe = load_recipe(made.recipe.file)
    paired = Project(recipe, build(recipe, made.workspace), made.workspace)
    human, both = Cell("sums", "human"), Cell("sums", "synthetic")
    one = Mixture.of("one", {human: 20})
    two = Mixture.of("two", {human: 20, both: 20})
    _, single, double = paired.train(pool, Rung(one, (1,)), Rung(two, (1,)))
    assert double.tokens == 2 * single.tokens
    assert double.trained_tokens == 2 * single.trained_tokens
    assert (single.steps, double.steps) == (10, 20)


def test_a_mixture_beyond_the_pool_is_refused(small: Project, pool: WorkerPool) -> None:
    wanted = Mixture.of("much", {Cell("sums", "human"): 10_000})
    with pytest.raises(UsageError, match="more rows than were built"):
        small.train(pool, Rung(wanted, (1,)))


def test_a_run_killed_before_its_last_rename_is_whole(
    small: Project, runs: list[Run], pool: WorkerPool, tmp_path: Path
) -> None:
    copy = Workspace(tmp_path / "ws")
    shutil.copytree(small.workspace.root, copy.root)
    folder = copy.runs / runs[1].run_id
    partial = folder.with_name(f"{folder.name}.partial")
    folder.rename(partial)
    assert len(read_runs(copy.runs)) == len(runs) - 1
    stat = (partial / "run.json").stat()
    again = Project(small.recipe, small.dataset, copy)
    assert again.train(pool, *rungs([SUMS, MIXED], 1, 2)) == runs
    assert (folder / "run.json").stat().st_ino == stat.st_ino
    assert not partial.exists()
