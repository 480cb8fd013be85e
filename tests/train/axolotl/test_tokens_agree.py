"""Given one recipe, Axolotl and the embedded backend train the same tokens with the same mask.

What Axolotl has prepared is read from the files that `axolotl preprocess` wrote, and compared
token by token with what the embedded backend trains.
"""

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from doitkit.train.axolotl.backend import AxolotlBackend
from doitkit.train.axolotl.environment import Environment
from doitkit.train.embedded.backend import EmbeddedBackend
from doitkit.train.tokens import IGNORED
from tests.train.axolotl.real import RealProject

pytestmark = pytest.mark.slow

Rows = list[tuple[list[int], list[int]]]
# Only one of them holds rows out: every table that Axolotl prepares takes it ten seconds.
DECLARED: dict[str, dict[str, Any]] = {
    "tokens": {"max_length": 800, "validation": {"fraction": 0.05}},
    "messages": {"max_length": 800},
}


@pytest.fixture(scope="module")
def data() -> Path | None:
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    folder = Path(os.environ.get("DOITKIT_DATA", beside))
    return folder if (folder / "instructions").is_dir() else None


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, data: Path | None) -> RealProject:
    return RealProject(tmp_path_factory.mktemp("real") / "project", data)


@pytest.fixture(scope="module")
def prepared(real: RealProject, installed: Environment) -> dict[str, tuple[Rows, Rows]]:
    """Handover -> the rows that Axolotl has prepared: to train, and to measure."""
    configs = {}
    for handover, declared in DECLARED.items():
        job = real.job(handover, handover=handover, **declared)
        AxolotlBackend().prepare(job)
        (configs[handover],) = job.folder.glob("axolotl/*/config.yml")
    script = Path(__file__).with_name("preprocess.py")
    done = installed.run(["-P", script, *configs.values()], {"HF_HUB_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr[-3000:]
    return {handover: _prepared(file) for handover, file in configs.items()}


def _prepared(config: Path) -> tuple[Rows, Rows]:
    """Axolotl names the folders by hashes: the smaller one holds the rows held out."""
    told = yaml.safe_load(config.read_text())
    found = [_rows(folder) for folder in Path(told["dataset_prepared_path"]).iterdir()]
    tables = sorted((rows for rows in found if rows), key=len, reverse=True)
    return tables[0], tables[1] if len(tables) > 1 else []


def _rows(folder: Path) -> Rows:
    files: Sequence[Path] = sorted(folder.glob("data-*.arrow"))
    tables = [pa.ipc.open_stream(file).read_all() for file in files]
    rows = pa.concat_tables(tables).to_pylist() if tables else []
    assert all(set(row["attention_mask"]) == {1} for row in rows)
    return [(row["input_ids"], row["labels"]) for row in rows]


@pytest.mark.parametrize("handover", DECLARED)
def test_the_same_tokens_with_the_same_mask(
    handover: str,
    prepared: dict[str, tuple[Rows, Rows]],
    real: RealProject,
    data: Path | None,
) -> None:
    ours = EmbeddedBackend()
    told = ours.prepare(real.job(f"ours-{handover}", **DECLARED[handover]))
    assert ours._rows is not None
    trained, measured = prepared[handover]
    assert trained == [(row.input_ids, row.labels) for row in ours._rows.to_train]
    assert measured == [(row.input_ids, row.labels) for row in ours._rows.to_measure]
    labels = [label for _, row in trained for label in row]
    assert told.trained_tokens == sum(label != IGNORED for label in labels)
    # Chats of several turns are among them, and rows that are too long were left out before.
    turns = [sum(a == IGNORED != b for a, b in pairwise(row)) for _, row in trained]
    assert sum(count > 1 for count in turns) >= 25
    assert bool(measured) == (told.held_out > 0) == ("validation" in DECLARED[handover])
    if data is not None:
        assert len(trained) > 250
        assert told.left_out > 0


def test_an_edited_source_changes_the_path_that_axolotl_sees(tmp_path: Path) -> None:
    paths = []
    for name in ("before", "after"):
        made = RealProject(tmp_path / name, None)
        if name == "after":
            made.edit("It is 7.", "It is seven.")
        job = made.job("job")
        AxolotlBackend().prepare(job)
        (file,) = job.folder.glob("axolotl/*/config.yml")
        (rows,) = yaml.safe_load(file.read_text())["datasets"]
        assert Path(rows["path"]).is_file()
        paths.append(Path(rows["path"]))
    before, after = paths
    assert before.name == after.name
    assert before.parent.name != after.parent.name


def test_the_same_rows_lie_at_the_same_name(tmp_path: Path) -> None:
    made = RealProject(tmp_path / "made", None)
    names = []
    for name in ("one", "two"):
        job = made.job(name)
        AxolotlBackend().prepare(job)
        names += [folder.name for folder in job.folder.glob("axolotl/*")]
    assert names[0] == names[1]
