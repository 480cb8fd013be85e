"""Each real trainer reads the export, and trains the very tokens that doitkit would.

Axolotl and LLaMA-Factory need environments of their own, and TRL is none of doitkit's
dependencies. Their interpreters are named by DOITKIT_AXOLOTL_PYTHON, DOITKIT_LLAMA_FACTORY_PYTHON
and DOITKIT_TRL_PYTHON; Axolotl's is else looked for where `doitkit backend install` puts it.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from doitkit.train.export import export_mixture
from doitkit.train.tokens import encode
from tests.models import byte_tokenizer, write_weights
from tests.train.export.conftest import Chats, Maker

READERS = Path(__file__).with_name("readers.py")

_TURNS = r"""
{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}
{%- if m['role'] == 'assistant' %}{% generation %}{{ m['content'] + '<|im_end|>' }}{% endgeneration %}
{%- else %}{{ m['content'] + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
"""  # noqa: E501
CHATML = _TURNS.strip().replace("\n{%-", "{%-")
_ROOM = 400


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that speaks ChatML."""
    folder = tmp_path_factory.mktemp("models") / "chatml"
    tokenizer = byte_tokenizer(CHATML, ["<|im_start|>", "<|im_end|>"], eos="<|im_end|>")
    tokenizer.pad_token = "<|im_end|>"
    tokenizer.save_pretrained(folder)
    write_weights(folder, tokenizer)
    return folder


def interpreter(to: str) -> str:
    """Return the interpreter of a trainer's environment, or skip."""
    stated = os.environ.get(f"DOITKIT_{to.upper().replace('-', '_')}_PYTHON")
    if stated:
        return stated
    if to == "trl" and find_spec("trl") is not None:
        return sys.executable
    backends = Path(os.environ.get("DOITKIT_BACKENDS") or "~/.cache/doitkit/backends").expanduser()
    found = sorted(backends.glob(f"{to}-*/bin/python"))
    if not found:
        pytest.skip(f"there is no environment of {to}")
    return str(found[-1])


def read_by(to: str, project: Chats, folder: Path) -> list[dict[str, Any]]:
    python, result = interpreter(to), folder.with_suffix(".json")
    export_mixture(project.recipe, project.dataset, project.mixture, to, folder)
    quiet = {
        "AXOLOTL_DO_NOT_TRACK": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_CACHE": str(folder.with_suffix(".cache")),
        "DISABLE_VERSION_CHECK": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    done = subprocess.run(
        [python, str(READERS), to, str(folder), str(result)],
        cwd=folder,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    rows: list[dict[str, Any]] = json.loads(result.read_text())
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("to", ["trl", "llama-factory", "axolotl"])
def test_the_same_tokens_are_trained(to: str, chats: Maker, model: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    project = chats(base_model=str(model), max_length=_ROOM * 4, max_steps=1, batch_size=4)
    read = read_by(to, project, tmp_path / "out")
    tokenizer = AutoTokenizer.from_pretrained(model)
    wanted = []
    for messages in project.rows:
        encoded = encode(tokenizer, messages)
        wanted.append((encoded.input_ids, encoded.labels))
    found = [(row["ids"], row["labels"]) for row in read]
    assert len(found) == len(wanted) == 20
    if to == "llama-factory":
        # It trains the line break behind the mark of an answer's end too.
        assert _texts(tokenizer, found) == _texts(tokenizer, wanted)
    else:
        assert sorted(map(_trained, found)) == sorted(map(_trained, wanted))
    # What follows the last answer is not trained, and some leave it out.
    whole = sorted(tokenizer.decode(ids).rstrip() for ids, _ in found)
    assert whole == sorted(tokenizer.decode(ids).rstrip() for ids, _ in wanted)


Row = tuple[list[int], list[int]]


def _trained(row: Row) -> list[int]:
    return [label for label in row[1] if label != -100]


def _texts(tokenizer: Any, rows: list[Row]) -> list[list[str]]:
    """Return the stretches of every row that are trained, without white space at their ends."""
    return sorted(
        [
            tokenizer.decode(list(part)).rstrip()
            for marked, part in groupby(labels, key=lambda label: label != -100)
            if marked
        ]
        for _, labels in rows
    )


def test_openais_own_types_take_every_row(chats: Maker, tmp_path: Path) -> None:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from pydantic import TypeAdapter

    project = chats()
    export_mixture(project.recipe, project.dataset, project.mixture, "openai", tmp_path / "out")
    text = (tmp_path / "out" / "train.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 20
    messages: Any = TypeAdapter(list[ChatCompletionMessageParam])
    tools: Any = TypeAdapter(list[ChatCompletionToolParam])
    roles = set()
    for row in rows:
        assert set(row) <= {"messages", "tools"}
        tools.validate_python(row.get("tools", []), strict=True)
        weights = [m.pop("weight") for m in row["messages"] if m["role"] == "assistant"]
        assert weights
        assert set(weights) == {1}
        messages.validate_python(row["messages"])
        roles |= {message["role"] for message in row["messages"]}
    assert roles == {"system", "user", "assistant", "tool"}
    assert sum("tools" in row for row in rows) == 3
