"""The tables that travel between rooms, as Arrow schemas."""

from typing import Any

import pyarrow as pa

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])

_RECORD_FIELDS: list[tuple[str, pa.DataType]] = [
    ("id", pa.string()),
    ("ability", pa.string()),
    ("origin", pa.string()),
    ("source", pa.string()),
    ("generator", pa.string()),
    ("messages", pa.list_(MESSAGE)),
    ("prompt_id", pa.string()),
    ("license", pa.string()),
    ("meta", pa.string()),
]

RECORD = pa.schema(_RECORD_FIELDS)
"""One training instance. `id` is the hash of its messages; `prompt_id` of all but the last
answer, so that a human and a model answer to one prompt share it; `meta` is JSON text."""

POOL = pa.schema([*_RECORD_FIELDS, ("position", pa.int32())])
"""A record with its place in the nested order of its cell (ability, origin): the subset of
size k of a cell is the rows with `position < k`."""

EVALUATION = pa.schema(
    [
        *_RECORD_FIELDS,
        ("task", pa.string()),
        ("choices", pa.list_(pa.string())),
        ("answer", pa.string()),
        ("metric", pa.string()),
    ]
)
"""One evaluation item: the prompt messages, the choices if any, the right answer."""

REJECT = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("step", pa.string()),
        ("reason", pa.string()),
        ("id", pa.string()),
        ("text", pa.string()),
    ]
)
"""A row that was read and not kept: where it stood, which step left it out, and why."""

COMPOSITION = pa.schema(
    [
        ("dataset_id", pa.string()),
        ("ability", pa.string()),
        ("origin", pa.string()),
        ("source", pa.string()),
        ("n_instances", pa.int64()),
        ("n_tokens", pa.int64()),
        ("epochs", pa.float64()),
    ]
)
"""What a dataset holds, a row per ability, origin and source."""

RUN = pa.schema(
    [
        ("run_id", pa.string()),
        ("dataset_id", pa.string()),
        ("base_model", pa.string()),
        ("n_params", pa.int64()),
        ("method", pa.string()),
        ("seed", pa.int64()),
        ("config_hash", pa.string()),
        ("train_loss", pa.float64()),
        ("wall_s", pa.float64()),
        ("device", pa.string()),
    ]
)
"""One fine-tuning run."""

SCORE = pa.schema(
    [
        ("run_id", pa.string()),
        ("ability", pa.string()),
        ("task", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("stderr", pa.float64()),
        ("n_items", pa.int64()),
        ("chance", pa.float64()),
        ("n_shot", pa.int64()),
        ("chat_template_hash", pa.string()),
    ]
)
"""One score of one run. `stderr` is over items; `chance` is what guessing would score."""

ITEM = pa.schema(
    [
        ("run_id", pa.string()),
        ("task", pa.string()),
        ("item", pa.string()),
        ("value", pa.float64()),
    ]
)
"""The result on one evaluation item. Runs answer the same items, so errors are paired."""

TABLES: dict[str, pa.Schema] = {
    "record": RECORD,
    "pool": POOL,
    "evaluation": EVALUATION,
    "reject": REJECT,
    "composition": COMPOSITION,
    "run": RUN,
    "score": SCORE,
    "item": ITEM,
}


def schema_as_json(schema: pa.Schema) -> dict[str, Any]:
    """Return a schema as plain JSON: column names in order, each with its Arrow type."""
    return {"columns": [{"name": f.name, "type": str(f.type)} for f in schema]}
