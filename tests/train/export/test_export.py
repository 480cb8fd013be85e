"""What lies in the folder: every row once or named, hashes, licences; and when it is refused."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from doitkit.core.errors import UsageError
from doitkit.train.export import TARGETS, export_mixture
from tests.train.export.conftest import Chats, Maker, tool_chat

ROOT = Path(__file__).resolve().parents[3]


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def export(project: Chats, to: str, folder: Path) -> Any:
    return export_mixture(project.recipe, project.dataset, project.mixture, to, folder)


@pytest.mark.parametrize("to", TARGETS)
def test_every_row_is_there_in_its_order_and_the_manifest_says_so(
    to: str, chats: Maker, tmp_path: Path
) -> None:
    project, folder = chats(), tmp_path / "out"
    done = export(project, to, folder)
    assert (done.rows, done.rejected) == (20, {})
    assert set(done.files) == {file.name for file in folder.iterdir()}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["dataset_id"] == done.dataset_id == project.dataset.id_of(project.mixture)
    assert manifest["rows"] == len(lines(folder / "train.jsonl")) == 20
    assert manifest["rows_by"] == {"chat": {"human": 12, "synthetic": 8}}
    assert manifest["licenses"] == {"CC0-1.0": 12, "not stated": 8}
    for name, stated in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert stated == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    whence = pl.read_parquet(folder / "provenance.parquet")
    rows = project.dataset.rows_of(project.mixture)
    assert whence["id"].to_list() == rows["id"].to_list()
    assert whence["line"].to_list() == list(range(1, 21))
    readme = (folder / "README.txt").read_text()
    assert "20 rows:" in readme
    assert "12  CC0-1.0" in readme


@pytest.mark.parametrize("to", ["axolotl", "llama-factory", "trl"])
def test_messages_are_those_of_the_dataset(to: str, chats: Maker, tmp_path: Path) -> None:
    project = chats()
    export(project, to, tmp_path / "out")
    told = [row["messages"] for row in lines(tmp_path / "out" / "train.jsonl")]
    plain = [[{k: m[k] for k in ("role", "content")} for m in messages] for messages in told]
    assert plain == project.rows
    if to == "axolotl":
        marks = [[message["train"] for message in messages] for messages in told]
        assert marks == [[m["role"] == "assistant" for m in row] for row in project.rows]


def test_the_same_export_again_changes_nothing(chats: Maker, tmp_path: Path) -> None:
    project, folder = chats(), tmp_path / "out"
    export(project, "axolotl", folder)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    export(project, "axolotl", folder)
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    assert after == before


def test_an_untouched_export_is_replaced_by_another(chats: Maker, tmp_path: Path) -> None:
    project, folder = chats(), tmp_path / "out"
    export(project, "axolotl", folder)
    export(project, "trl", folder)
    assert not (folder / "axolotl.yaml").exists()
    assert json.loads((folder / "manifest.json").read_text())["exported_for"] == "trl"
    assert [path.name for path in tmp_path.glob(".aside*")] == []


@pytest.mark.parametrize("kind", ["foreign", "added", "changed", "file", "folder in it"])
def test_what_is_not_ours_is_left_alone(kind: str, chats: Maker, tmp_path: Path) -> None:
    project, folder = chats(), tmp_path / "out"
    if kind == "foreign":
        folder.mkdir()
        (folder / "thesis.txt").write_text("years of work")
    elif kind == "file":
        folder.write_text("years of work")
    else:
        export(project, "axolotl", folder)
        if kind == "added":
            (folder / "notes.txt").write_text("mine")
        elif kind == "changed":
            (folder / "axolotl.yaml").write_text("mine")
        else:
            (folder / "model").mkdir()
    before = sorted(folder.rglob("*"))
    with pytest.raises(UsageError, match="there is something already"):
        export(project, "trl", folder)
    assert sorted(folder.rglob("*")) == before
    if kind == "changed":
        assert (folder / "axolotl.yaml").read_text() == "mine"


def test_rows_that_do_not_fit_are_named(chats: Maker, tmp_path: Path) -> None:
    odd = tool_chat("Oslo")
    odd["messages"][2]["tool_calls"][0]["function"]["name"] = "wetter in Oslo"
    fewer = tool_chat("Bern", 2)
    del fewer["messages"][4]
    project = chats(more=[odd, fewer])
    done = export(project, "openai", tmp_path / "out")
    assert done.rows == 20
    assert sorted(done.rejected.items()) == [
        ("a tool is called `wetter in Oslo`: letters, digits, _ and - only, 64 at most", 1),
        ("message 4 holds 1 results of tools, for 2 calls", 1),
    ]
    rejects = lines(tmp_path / "out" / "rejects.jsonl")
    assert {reject["source"] for reject in rejects} == {"people"}
    assert {reject["line"] for reject in rejects} == {13, 14}
    assert {reject["id"] for reject in rejects} <= set(project.dataset.pool()["id"])
    assert "Left out, and named in rejects.jsonl:" in (tmp_path / "out" / "README.txt").read_text()


def test_openai_takes_ten_rows_at_least(chats: Maker, tmp_path: Path) -> None:
    project = chats()
    from doitkit.core.origins import Cell
    from doitkit.mix import Mixture

    few = Mixture.of("few", {Cell("chat", "human"): 9})
    with pytest.raises(UsageError, match="9 rows are too few"):
        export_mixture(project.recipe, project.dataset, few, "openai", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".aside*")) == []


def test_repeated_rows_are_written_as_often_as_the_mixture_says(
    chats: Maker, tmp_path: Path
) -> None:
    from doitkit.core.origins import Cell
    from doitkit.mix import Mixture

    project = chats()
    twice = Mixture.of("twice", {Cell("chat", "synthetic"): 20}, repeat_at_most=3)
    done = export_mixture(project.recipe, project.dataset, twice, "trl", tmp_path / "out")
    assert done.rows == 20
    written = lines(tmp_path / "out" / "train.jsonl")
    assert written[:8] == written[8:16]


def test_a_recipe_without_training_can_go_to_openai_alone(chats: Maker, tmp_path: Path) -> None:
    project = chats()
    bare = project.recipe.model_copy(update={"train": None})
    export_mixture(bare, project.dataset, project.mixture, "openai", tmp_path / "openai")
    with pytest.raises(UsageError, match="does not say how to train"):
        export_mixture(bare, project.dataset, project.mixture, "trl", tmp_path / "trl")


def test_settings_of_the_recipe_are_in_the_configurations(chats: Maker, tmp_path: Path) -> None:
    project = chats(
        method="qlora",
        lora={"r": 4, "alpha": 12, "dropout": 0.1, "target_modules": ["q_proj", "v_proj"]},
        batch_size=12,
        micro_batch_size=3,
        max_steps=70,
        learning_rate=0.002,
        schedule="constant",
        on_overflow="error",
        packing=True,
        dtype="bfloat16",
        validation={"fraction": 0.1},
    )
    for to in ("axolotl", "llama-factory", "trl"):
        export(project, to, tmp_path / to)
    axolotl = yaml.safe_load((tmp_path / "axolotl" / "axolotl.yaml").read_text())
    assert (
        axolotl
        | {
            "adapter": "qlora",
            "load_in_4bit": True,
            "lora_r": 4,
            "lora_target_modules": ["q_proj", "v_proj"],
            "micro_batch_size": 3,
            "gradient_accumulation_steps": 4,
            "max_steps": 70,
            "lr_scheduler": "constant_with_warmup",
            "excess_length_strategy": "raise",
            "sample_packing": True,
            "bf16": True,
            "val_set_size": 0.1,
            "sequence_len": 200,
        }
        == axolotl
    )
    factory = yaml.safe_load((tmp_path / "llama-factory" / "train.yaml").read_text())
    assert (
        factory
        | {
            "finetuning_type": "lora",
            "quantization_bit": 4,
            "lora_rank": 4,
            "lora_target": "q_proj,v_proj",
            "per_device_train_batch_size": 3,
            "max_steps": 70,
            "neat_packing": True,
            "val_size": 0.1,
            "dataset": "chats",
        }
        == factory
    )
    trl = yaml.safe_load((tmp_path / "trl" / "sft.yaml").read_text())
    assert (
        trl
        | {
            "use_peft": True,
            "load_in_4bit": True,
            "lora_target_modules": ["q_proj", "v_proj"],
            "per_device_train_batch_size": 3,
            "gradient_accumulation_steps": 4,
            "max_steps": 70,
            "packing": True,
            "bf16": True,
            "assistant_only_loss": True,
        }
        == trl
    )
    assert "num_train_epochs" not in trl


_KILLED = """
import importlib, sys, time
from pathlib import Path
from doitkit.build import Dataset
from doitkit.mix import Mixture
from doitkit.recipe import load_recipe
from doitkit.train.export import TARGETS, Target, export_mixture

def slowly(messages):
    print("ROW", flush=True)
    time.sleep(0.05)
    return TARGETS["trl"].row(messages)

room = importlib.import_module("doitkit.train.export.export")
room.TARGETS = {"trl": Target("TRL", slowly, TARGETS["trl"].files, TARGETS["trl"].use)}
recipe, dataset = load_recipe(sys.argv[1]), Dataset(Path(sys.argv[2]))
export_mixture(recipe, dataset, Mixture.of("today", dataset.supply), "trl", Path(sys.argv[3]))
"""


def test_a_killed_export_leaves_no_half_folder(chats: Maker, tmp_path: Path) -> None:
    project, folder = chats(), tmp_path / "out"
    words = [sys.executable, "-c", _KILLED, str(tmp_path / "chats.yaml")]
    process = subprocess.Popen(
        [*words, str(project.dataset.folder), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    for _ in range(4):
        assert process.stdout.readline() == b"ROW\n"
    time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not folder.exists()
    assert len(list(tmp_path.glob(".aside-*-out"))) == 1
    assert export(project, "trl", folder).rows == 20
    assert list(tmp_path.glob(".aside*")) == []
