"""The tables that travel: their columns are a contract."""

import json

import polars as pl
import pyarrow as pa
import pytest

from doitkit.core.arrow import frame_of
from doitkit.core.tables import EVALUATION, POOL, RECORD, TABLES, schema_as_json
from tests.records import record

COLUMNS = {
    "record": "id ability origin source generator messages prompt_id license meta",
    "pool": "id ability origin source generator messages prompt_id license meta position",
    "evaluation": "id ability origin source generator messages prompt_id license meta "
    "task choices answer metric",
    "reject": "source file line step reason id text",
    "composition": "dataset_id ability origin source n_instances n_tokens epochs",
    "run": "run_id dataset_id base_model n_params method seed config_hash train_loss wall_s device",
    "score": "run_id ability task metric value stderr n_items chance n_shot chat_template_hash",
    "item": "run_id task item value",
}


def test_the_columns_are_the_contract() -> None:
    assert {name: " ".join(schema.names) for name, schema in TABLES.items()} == COLUMNS


@pytest.mark.parametrize("name", TABLES)
def test_a_schema_is_plain_json_and_holds_every_column(name: str) -> None:
    schema = TABLES[name]
    described = json.loads(json.dumps(schema_as_json(schema)))
    assert [column["name"] for column in described["columns"]] == schema.names
    assert [column["type"] for column in described["columns"]] == [str(f.type) for f in schema]


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_frame_has_the_columns_of_its_table(name: str) -> None:
    frame = frame_of([], TABLES[name])
    assert frame.height == 0
    assert frame.columns == TABLES[name].names


def test_pool_and_evaluation_are_records_with_more_columns() -> None:
    for wider in (POOL, EVALUATION):
        assert pa.schema(list(wider)[: len(RECORD)]).equals(RECORD)


def test_a_record_fits_its_table() -> None:
    frame = frame_of([record("p", "c", system="s").row()], RECORD)
    assert isinstance(frame, pl.DataFrame)
    (row,) = frame.to_dicts()
    assert [m["role"] for m in row["messages"]] == ["system", "user", "assistant"]
    assert row["generator"] is None
