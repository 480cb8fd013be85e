"""The recipe's own expressions: columns, where, explode, lookup."""

import json
from pathlib import Path
from typing import Any

import pytest

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source.table import Table, TableReader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _write(folder: Path, *rows: Any, name: str = "rows.jsonl") -> None:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def _read(rows: Rows, folder: Path) -> Table:
    reader = TableReader("s", rows, folder)
    pieces = [piece for group in reader.groups() for piece in reader.pieces(group)]
    (table,) = reader.tables(pieces, reader.types(pieces))
    return table


def _table(folder: Path, form: str = "prompt_completion", **declared: Any) -> list[dict[str, Any]]:
    rows = Rows.model_validate({"path": "rows.jsonl", "format": form, **declared})
    return _read(rows, folder).frame.drop("__file", "__stratum").to_dicts()


def test_columns_are_sql_expressions_over_the_columns_of_the_file(folder: Path) -> None:
    _write(
        folder,
        {"id": 7, "text": "Add.", "tests": ["f(1)", "f(2)"], "label": 1},
        {"id": 8, "text": "Sub.", "tests": ["g(1)"], "label": 0},
    )
    found = _table(
        folder,
        columns={
            "prompt": "text || ' Tests: ' || array_to_string(tests, '; ')",
            "completion": "CASE WHEN label = 1 THEN tests[1] ELSE 'none' END",
        },
    )
    assert found == [
        {"__line": 1, "prompt": "Add. Tests: f(1); f(2)", "completion": "f(1)"},
        {"__line": 2, "prompt": "Sub. Tests: g(1)", "completion": "none"},
    ]


def test_where_leaves_out_rows_that_were_not_asked_for(folder: Path) -> None:
    _write(folder, *({"prompt": "p", "completion": str(i), "n": i} for i in [1, 2, None, 4]))
    rows = Rows(path="rows.jsonl", format="prompt_completion", where="n > 1 OR n < 0 -- either")
    found = _read(rows, folder)
    assert found.frame["__line"].to_list() == [2, 4]
    assert (found.unreadable, found.filtered) == ([], 2)


def test_where_is_one_condition_and_no_more(folder: Path) -> None:
    _write(folder, {"prompt": "p", "completion": "c"})
    for trick in ("true LIMIT 0", "true ORDER BY prompt", "true) GROUP BY (prompt"):
        with pytest.raises(SourceError, match="`where` cannot be carried out"):
            _table(folder, where=trick)


def test_an_expression_that_is_wrong_names_the_columns_there_are(folder: Path) -> None:
    _write(folder, {"question": "p", "answer": "c"})
    with pytest.raises(SourceError, match="`columns` cannot be carried out") as caught:
        _table(folder, columns={"prompt": "qestion", "completion": "answer"})
    assert "the columns are: question, answer" in str(caught.value)
    assert caught.value.where == "prompt: qestion; completion: answer"


def test_a_column_that_the_format_does_not_know_is_an_error(folder: Path) -> None:
    _write(folder, {"prompt": "p", "completion": "c"})
    with pytest.raises(SourceError, match="has no column `answer`"):
        _table(folder, columns={"answer": "completion"})


def test_columns_that_change_the_number_of_rows_are_an_error(folder: Path) -> None:
    _write(folder, *({"prompt": "p", "completion": "c", "many": ["a", "b"]} for _ in range(3)))
    with pytest.raises(SourceError, match="`columns`"):
        _table(folder, columns={"completion": "UNNEST(many)"})


def test_explode_makes_a_row_of_each_element(folder: Path) -> None:
    _write(
        folder,
        {"passage": "P", "questions": [{"q": "a", "r": "1"}, {"q": "b", "r": "2"}]},
        {"passage": "Q", "questions": []},
        {"passage": "R", "questions": "none"},
        {"passage": "S"},
    )
    columns = {"prompt": "passage || ': ' || q", "completion": "r"}
    rows = Rows(path="rows.jsonl", format="prompt_completion", explode="questions", columns=columns)
    found = _read(rows, folder)
    assert found.frame["prompt"].to_list() == ["P: a", "P: b"]
    assert [(row.line, row.reason) for row in found.unreadable] == [
        (2, "`questions` is an empty list"),
        (3, "`questions` is not a list"),
        (4, "`questions` is not a list"),
    ]


def test_explode_keeps_plain_elements_under_their_name(folder: Path) -> None:
    _write(folder, {"prompt": "p", "completion": ["a", "b"]})
    found = _table(folder, explode="completion")
    assert [row["completion"] for row in found] == ["a", "b"]
    with pytest.raises(SourceError, match="`explode` names no column"):
        _table(folder, explode="completions")


def test_lookup_joins_by_row_number_or_by_column(folder: Path) -> None:
    _write(folder, {"idx": 2, "completion": "c"}, {"idx": 0, "completion": "a"}, {"idx": 9})
    (folder / "prompts.txt").write_text("zero\none\ntwo\n")
    by_row = _table(
        folder, lookup={"path": "prompts.txt", "key": "idx"}, columns={"prompt": "text"}
    )
    assert [row["prompt"] for row in by_row] == ["two", "zero", None]
    _write(folder, {"key": "0", "prompt": "nought"}, {"key": "2", "prompt": "deux"}, name="p.jsonl")
    by_column = _table(folder, lookup={"path": "p.jsonl", "key": "idx", "equals": "key"})
    assert [row["prompt"] for row in by_column] == ["deux", "nought", None]


def test_a_lookup_never_shifts_or_multiplies_rows(folder: Path) -> None:
    _write(folder, {"idx": 1, "completion": "c"})
    (folder / "prompts.txt").write_bytes(b"zero\n\xff\ntwo\n")
    with pytest.raises(SourceError, match="a row that cannot be read") as caught:
        _table(folder, lookup={"path": "prompts.txt", "key": "idx"}, columns={"prompt": "text"})
    assert str(caught.value.where).endswith("prompts.txt:2")
    _write(folder, {"key": 1, "prompt": "a"}, {"key": 1, "prompt": "b"}, name="p.jsonl")
    with pytest.raises(SourceError, match="several rows for one key") as caught:
        _table(folder, lookup={"path": "p.jsonl", "key": "idx", "equals": "key"})
    assert caught.value.why == "`key` is `1` more than once"
    with pytest.raises(SourceError, match="does not exist: nummer"):
        _table(folder, lookup={"path": "p.jsonl", "key": "idx", "equals": "nummer"})


def test_expressions_cannot_read_other_files(folder: Path) -> None:
    _write(folder, {"prompt": "p", "completion": "c"})
    (folder / "secret.csv").write_text("key\n42\n")
    trick = f"(SELECT key FROM read_csv('{folder / 'secret.csv'}'))"
    with pytest.raises(SourceError):
        _table(folder, columns={"prompt": trick})
    with pytest.raises(SourceError):
        _table(folder, where=f"prompt IN {trick}")


@pytest.mark.parametrize("expression", ["MAX(prompt)", "FIRST(prompt)", "MAX(prompt) OVER ()"])
def test_one_value_for_all_rows_together_is_an_error(folder: Path, expression: str) -> None:
    _write(folder, *({"prompt": f"p{i}", "completion": "c", "n": i} for i in range(3)))
    with pytest.raises(SourceError, match="`columns` cannot be carried out") as caught:
        _table(folder, columns={"prompt": expression})
    assert "looks at all rows together, not at each by itself" in str(caught.value)
    with pytest.raises(SourceError, match="`where` cannot be carried out"):
        _table(folder, where=f"{expression} = 'p0'")
    with pytest.raises(SourceError, match="`columns` cannot be carried out"):
        _table(folder, columns={"prompt": "COUNT(*)"})


def test_constants_are_taken_and_comparisons_with_an_aggregate_are_not(folder: Path) -> None:
    _write(folder, *({"prompt": f"p{i}", "completion": "c", "n": i} for i in range(3)))
    found = _table(folder, columns={"system": "'Be ' || 'brief.'"}, where="n = 2 OR false")
    assert [(row["prompt"], row["system"]) for row in found] == [("p2", "Be brief.")]
    # Rows are read some at a time: the largest of those at hand says nothing.
    with pytest.raises(SourceError, match="`where` cannot be carried out"):
        _table(folder, where="n = MAX(n)")
    assert len(_table(folder, where="true")) == 3
    assert _table(folder, columns={"system": "'Be brief.'"}, where="n > 5") == []


@pytest.mark.parametrize("own", ["__file", "__line", "__key"])
def test_a_field_of_a_name_that_is_taken_is_an_error(folder: Path, own: str) -> None:
    _write(folder, {"prompt": "p", "completion": "c"}, {"prompt": "p", own: "mine"})
    with pytest.raises(SourceError, match=f"a field `{own}`") as caught:
        _table(folder)
    assert str(caught.value.where).endswith("rows.jsonl:2")


def test_a_lookup_file_with_a_column_named_row(folder: Path) -> None:
    _write(folder, {"idx": "b", "completion": "c"})
    _write(folder, {"row": 7, "id": "b", "prompt": "p"}, name="p.jsonl")
    lookup = {"path": "p.jsonl", "key": "idx"}
    with pytest.raises(SourceError, match="has a column `row`"):
        _table(folder, lookup=lookup)
    assert _table(folder, lookup={**lookup, "equals": "id"})[0]["prompt"] == "p"


def test_a_lookup_by_lists_is_an_error(folder: Path) -> None:
    _write(folder, {"idx": ["b"], "name": "b", "completion": "c"})
    _write(folder, {"id": ["b"], "name": "b", "prompt": "p"}, name="p.jsonl")
    for key, equals in (("idx", "name"), ("name", "id")):
        with pytest.raises(SourceError, match="`lookup` cannot compare the column"):
            _table(folder, lookup={"path": "p.jsonl", "key": key, "equals": equals})
