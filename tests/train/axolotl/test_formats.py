"""With which chat formats `handover: messages` gives the mask of the embedded backend."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from doitkit.core.arrow import frame_of
from doitkit.core.tables import RECORD
from doitkit.recipe.training import Training
from doitkit.train.axolotl.config import Task, axolotl_config
from doitkit.train.axolotl.data import hand_over
from doitkit.train.axolotl.environment import Environment
from doitkit.train.rows import TrainingRows
from doitkit.train.tokens import encode
from tests.models import write_weights
from tests.train.templates import FORMATS
from tests.train.test_tokens import LONG, chat, tokenizer_of

AGREE = {"chatml", "llama-3", "zephyr", "gemma"}


def rows_of(name: str) -> TrainingRows:
    """Return chats of one, two and three turns in a format, and one with blanks around."""
    chats = [chat(*LONG[:turns]) for turns in (2, 4, 6)]
    if FORMATS[name].system:
        chats += [[{"role": "system", "content": "Be in the tin."}, *turns] for turns in chats]
    chats.append(chat(("user", " Is it? "), ("assistant", " It is. \n")))
    frame = frame_of([{"id": str(at), "messages": one} for at, one in enumerate(chats)], RECORD)
    encoded = [encode(tokenizer_of(name), one) for one in chats]
    return TrainingRows(frame, encoded, range(len(chats)), [], [])


def case_of(name: str, folder: Path) -> dict[str, Any]:
    base = folder / "base"
    base.mkdir(parents=True)
    tokenizer = tokenizer_of(name)
    tokenizer.save_pretrained(base)
    write_weights(base, tokenizer)
    training = Training.model_validate(
        {"base_model": str(base), "device": "cpu", "dtype": "float32", "handover": "messages"}
    )
    handed = hand_over(rows_of(name), tokenizer, training, folder)
    task = Task(training, str(base), handed, folder, 0, 1, 1.0, 1)
    chats = pq.read_table(handed.trained).to_pylist()
    return {"base": str(base), "config": axolotl_config(task), "chats": chats}


@pytest.mark.slow
def test_the_mask_agrees_with_these_formats_and_no_others(
    tmp_path: Path, installed: Environment
) -> None:
    cases = [case_of(name, tmp_path / name) for name in FORMATS]
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    script = Path(__file__).with_name("strategies.py")
    answer = tmp_path / "answer.json"
    done = installed.run(["-P", script, tmp_path / "cases.json", answer], {"HF_HUB_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr[-3000:]
    agree = set()
    for name, made in zip(FORMATS, json.loads(answer.read_text()), strict=True):
        ours = rows_of(name).to_train
        assert [row["input_ids"] for row in made] == [row.input_ids for row in ours]
        if [row["labels"] for row in made] == [row.labels for row in ours]:
            agree.add(name)
    assert agree == AGREE


def test_messages_are_marked_turn_by_turn(tmp_path: Path) -> None:
    case = case_of("chatml", tmp_path / "chatml")
    for one in case["chats"]:
        marks = [(message["role"], message["train"]) for message in one["messages"]]
        assert all(train == (role == "assistant") for role, train in marks)
    template = Path(case["config"]["chat_template_jinja"])
    assert template.read_text() == FORMATS["chatml"].template
    assert case["config"]["eot_tokens"] == ["<|im_end|>"]
