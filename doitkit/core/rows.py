"""Training rows in columns: what the rooms that handle many rows at once pass on.

A row is here what `Record` is for a single one: texts and ids, and where the row stood.
What holds for all rows of a source alike (ability, origin, generator, licence) is not repeated
in every row.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa

from doitkit.core.ids import chat_ids
from doitkit.core.tables import MESSAGE

ROWS = pa.schema(
    [
        ("id", pa.string()),
        ("prompt_id", pa.string()),
        ("messages", pa.list_(MESSAGE)),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("stratum", pa.string()),
    ]
)
"""One row of a source: the ids and messages of the record, its file and line, and its stratum
where the source is picked by strata."""

_CONTENT = pl.col("messages").list.eval(pl.element().struct.field("content"))
_ROLES = pl.col("messages").list.eval(pl.element().struct.field("role"))

TEXTS: dict[str, pl.Expr] = {
    "prompt": _CONTENT.list.head(_CONTENT.list.len() - 1).list.join("\n"),
    "answer": _CONTENT.list.last(),
    "text": _CONTENT.list.join("\n"),
    "question": _CONTENT.list.get(-2, null_on_oob=True),
    "system": pl.when(_ROLES.list.first() == "system").then(_CONTENT.list.first()),
    "turns": _ROLES.list.count_matches("assistant"),
}
"""What is read off the messages of a row: `prompt` is all before the last answer, `text` all of
it, each message on lines of its own; `question` the last message before the answer; `turns` how
many answers the assistant gives."""


def with_contents(messages: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return a column of chats in which every text is changed, all of them at once.

    Parameters
    ----------
    change
        Gives the new texts, as many as it is given.
    """
    if not len(messages):
        return messages
    flat = messages.explode().struct.unnest()
    flat = flat.with_columns(change(flat["content"]).alias("content"))
    ends = np.concatenate([[0], np.cumsum(messages.list.len().to_numpy(), dtype=np.int64)])
    chats = pa.LargeListArray.from_arrays(pl.Series(ends).to_arrow(), flat.to_struct().to_arrow())
    return pl.Series(messages.name, pl.from_arrow(chats))


def with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` with the columns `id` and `prompt_id` that their `messages` give them."""
    ids, prompts = chat_ids(rows["messages"])
    return rows.with_columns(ids.alias("id"), prompts.alias("prompt_id"))


def with_texts(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Return `rows` with columns of `TEXTS` beside their own."""
    return rows.with_columns(**{name: TEXTS[name] for name in names})
