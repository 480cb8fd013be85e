"""A source that dedup nearly wipes out is named, and one of a template is left whole."""

from pathlib import Path

from doitkit.survey import alarms, survey
from tests.project import load_project, write_rows

_TEMPLATE = "You are a careful assistant who answers in one short sentence and never guesses at all"


def test_a_source_that_another_holds_is_named(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    people = (tmp_path / "sums-human.jsonl").read_text().splitlines()
    other = '{"prompt": "a", "completion": "b"}'
    (tmp_path / "sums-model.jsonl").write_text("\n".join([*people[:30], other]))
    found = survey(recipe)
    assert alarms(found) == [
        "`sums-by-model` lost 30 of 31 rows as duplicates, most of them to `sums-by-people`"
    ]


def test_a_template_does_not_wipe_a_source_out(tmp_path: Path) -> None:
    near = "curate: {near: {similarity: 0.8}}\n"
    recipe = load_project(tmp_path, near)
    rows = [{"prompt": f"{_TEMPLATE}. {_TEMPLATE}? {i}", "completion": "yes"} for i in range(60)]
    write_rows(tmp_path / "sums-human.jsonl", rows)
    found = survey(recipe)
    assert found.steps["dedup"]["sums-by-people"] == 60
    (said,) = alarms(found)
    assert said.startswith("`sums-by-people` keeps its 60 rows although 59 of them are near-dup")
    allowed = load_project(tmp_path, near.replace("0.8", "0.8, most_lost: 1"))
    write_rows(tmp_path / "sums-human.jsonl", rows)
    shrunk = survey(allowed)
    assert shrunk.steps["dedup"]["sums-by-people"] == 1
    (said,) = alarms(shrunk)
    assert said.startswith("`sums-by-people` lost 59 of 60 rows as duplicates")
