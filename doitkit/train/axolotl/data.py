"""The rows of a run as Axolotl reads them, in a folder that is named by what it holds.

Axolotl keeps what it has prepared under a name made of paths and settings, not of contents: of
an edited file at the same path it would train the old rows.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from doitkit.core.files import ASIDE
from doitkit.core.hashing import digest_files
from doitkit.core.models import end_marks
from doitkit.recipe.training import Training
from doitkit.train.rows import TrainingRows
from doitkit.train.tokens import Encoded

_TOKENS = pa.schema(
    [
        ("input_ids", pa.list_(pa.int32())),
        ("labels", pa.list_(pa.int32())),
        ("attention_mask", pa.list_(pa.int8())),
    ]
)
_MESSAGES = pa.schema(
    [
        (
            "messages",
            pa.list_(
                pa.struct([("role", pa.string()), ("content", pa.string()), ("train", pa.bool_())])
            ),
        )
    ]
)
_TRAINED, _HELD_OUT, _TEMPLATE = "train.parquet", "held_out.parquet", "template.jinja"


@dataclass(frozen=True)
class Handed:
    """What Axolotl is handed.

    Attributes
    ----------
    folder
        Its name is the digest of the files in it.
    trained_rows, held_out_rows
        How many rows are trained, and only measure.
    end_mark
        The token that ends an answer, where messages are handed over.
    """

    folder: Path
    trained_rows: int
    held_out_rows: int
    end_mark: str | None

    @property
    def trained(self) -> Path:
        """The rows that are trained."""
        return self.folder / _TRAINED

    @property
    def held_out(self) -> Path | None:
        """The rows that only measure, where there are any."""
        return self.folder / _HELD_OUT if self.held_out_rows else None

    @property
    def template(self) -> Path | None:
        """The chat template, where messages are handed over."""
        return self.folder / _TEMPLATE if self.end_mark else None


def hand_over(rows: TrainingRows, tokenizer: Any, training: Training, folder: Path) -> Handed:
    """Write the rows below `folder`, as tokens with their mask or as messages."""
    end_mark = None if training.handover == "tokens" else end_marks(tokenizer)[0]
    aside = folder / f"{ASIDE}rows"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, places in ((_TRAINED, rows.trained), (_HELD_OUT, rows.held_out)):
        if places:
            pq.write_table(_table(rows, places, end_mark), aside / name)
    if end_mark is not None:
        (aside / _TEMPLATE).write_text(tokenizer.chat_template, encoding="utf-8")
    final = folder / digest_files(sorted(aside.iterdir()))
    if final.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(final)
    return Handed(final, len(rows.trained), len(rows.held_out), end_mark)


def _table(rows: TrainingRows, places: Sequence[int], end_mark: str | None) -> pa.Table:
    if end_mark is None:
        return pa.Table.from_pylist([_tokens(rows.encoded[at]) for at in places], _TOKENS)
    messages = rows.rows["messages"].to_list()
    return pa.Table.from_pylist([_marked(messages[at]) for at in places], _MESSAGES)


def _tokens(row: Encoded) -> dict[str, list[int]]:
    mask = [1] * len(row.input_ids)
    return {"input_ids": row.input_ids, "labels": row.labels, "attention_mask": mask}


def _marked(messages: Sequence[dict[str, str]]) -> dict[str, list[dict[str, Any]]]:
    told = [
        {
            "role": message["role"],
            "content": message["content"],
            "train": message["role"] == "assistant",
        }
        for message in messages
    ]
    return {"messages": told}
