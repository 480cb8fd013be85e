"""From rows to records: rows in = records + rejects, and every reject says where and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source import Reading, read_records, source_files


def _read(folder: Path, content: bytes | str, **declared: Any) -> Reading:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "rows.jsonl").write_bytes(raw)
    rows = Rows.model_validate({"path": "rows.jsonl", "format": "prompt_completion", **declared})
    return read_records("people", rows, folder, ability="math", origin="human")


def test_a_row_becomes_a_record_that_knows_where_it_stood(tmp_path: Path) -> None:
    reading = _read(tmp_path, '\n{"prompt": "p", "completion": "c"}\n', license="MIT")
    (found,) = reading.records
    assert (found.source, found.file, found.line) == ("people", "rows.jsonl", 2)
    assert (found.ability, found.origin, found.license) == ("math", "human", "MIT")
    assert (found.prompt[-1]["content"], found.reply, found.answer) == ("p", "c", "c")


def test_an_odd_row_is_rejected_and_the_rows_around_it_are_kept(tmp_path: Path) -> None:
    reading = _read(
        tmp_path,
        b'{"prompt": "p", "completion": "c"}\n'
        b'{"prompt": "p"}\n'
        b'{"prompt": "", "completion": "c"}\n'
        b"{broken\n"
        b'{"prompt": "p", "completion": {"nested": 1}}\n'
        b'{"prompt": "p", "completion": "last"}\n',
    )
    assert [record.line for record in reading.records] == [1, 5, 6]
    assert reading.records[1].reply == '{"nested": 1}'
    reasons = {reject.line: reject.reason for reject in reading.rejects}
    assert reasons[2] == "`completion` is empty"
    assert reasons[3] == "`prompt` is empty"
    assert reasons[4].startswith("not JSON")
    assert all(reject.step == "read" and reject.file == "rows.jsonl" for reject in reading.rejects)
    assert reading.rows_in == 6


def test_a_field_that_no_row_has_is_an_error_that_shows_the_way(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _read(tmp_path, '{"question": "p", "answer": "c"}\n')
    where = tmp_path / "rows.jsonl"
    assert str(caught.value) == (
        "`people`: the rows have no field `prompt` and no field `completion`\n"
        f"  where: {where}\n"
        "  why:   format prompt_completion needs: prompt, completion; "
        "the rows have: question, answer\n"
        "  next:  choose another `format`, or map the fields with `columns`, for example "
        "columns: {prompt: question}"
    )


def test_rows_left_out_by_where_are_counted_apart(tmp_path: Path) -> None:
    rows = "".join(f'{{"prompt": "p{i}", "completion": "c"}}\n' for i in range(5))
    reading = _read(tmp_path, rows, where="prompt <> 'p3'")
    assert (len(reading.records), len(reading.rejects), reading.filtered) == (4, 0, 1)


def test_files_outside_the_data_folder_show_no_machine_path(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.jsonl"
    outside.write_text('{"prompt": "p", "completion": "c"}\nbroken\n')
    rows = Rows(path=str(outside), format="prompt_completion")
    reading = read_records("s", rows, tmp_path / "data", ability="a", origin="human")
    assert reading.records[0].file == reading.rejects[0].file == "elsewhere.jsonl"


def test_the_files_of_a_source_are_those_it_reads(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "keys.txt"):
        (tmp_path / name).write_text("")
    rows = Rows.model_validate(
        {
            "path": ["b.jsonl", "a.jsonl"],
            "format": "alpaca",
            "lookup": {"path": "keys.txt", "key": "idx"},
        }
    )
    names = [path.name for path in source_files({"s": rows}, tmp_path)["s"]]
    assert names == ["b.jsonl", "a.jsonl", "keys.txt"]


cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
messy_lines = (
    st.fixed_dictionaries({}, optional={"prompt": cells, "completion": cells, "choices": cells})
    .map(json.dumps)
    .map(str.encode)
) | st.binary(min_size=1, max_size=20).map(lambda raw: b"!" + raw.replace(b"\n", b"?"))


@given(st.lists(messy_lines, max_size=20))
def test_every_messy_line_is_a_record_or_a_reject(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[bytes]
) -> None:
    anchor = b'{"prompt": "p", "completion": "c"}'
    reading = _read(tmp_path_factory.mktemp("rows"), b"\n".join([anchor, *drawn]))
    assert reading.rows_in == len(drawn) + 1
    lines = [row.line for row in (*reading.records, *reading.rejects)]
    assert sorted(lines) == list(range(1, len(drawn) + 2))
    assert all(reject.reason for reject in reading.rejects)
    for record in reading.records:
        assert record.reply.strip()
        assert record.prompt[-1]["content"].strip()
