"""A look at a dataset tells what is in it, and takes no more memory for a larger one."""

import json
import math
from pathlib import Path

import polars as pl
import pytest

from doitkit.build import Dataset, build, inspect_dataset
from doitkit.build import look as look_module
from doitkit.build.layout import CARD_FILE
from doitkit.build.look import QUANTILES
from doitkit.core.errors import UsageError
from doitkit.core.rows import with_texts
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from doitkit.survey.tokens import TokenCounter
from tests.build.rich import write_rich
from tests.project import load_project, write_rows


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("rich")
    return build(load_recipe(write_rich(folder)), Workspace(folder / "ws"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A dataset whose cells begin within batches of rows."""
    folder = tmp_path_factory.mktemp("large")
    return build(load_project(folder, rows=6000), Workspace(folder / "ws"))


@pytest.mark.parametrize("which", ["rich", "large"])
def test_counts_are_those_of_the_pool(which: str, request: pytest.FixtureRequest) -> None:
    dataset: Dataset = request.getfixturevalue(which)
    found = inspect_dataset(dataset)
    counted = dataset.pool().group_by("ability", "origin", "source").len().rows()
    assert {(c.ability, c.origin, c.source, c.rows) for c in found.counts} == set(counted)
    assert found.rows == dataset.pool().height
    assert found.items == dataset.manifest["evaluation_items"]


def test_lengths_are_those_of_rows(large: Dataset) -> None:
    texts = with_texts(large.pool(), "prompt", "answer")
    found = {(one.ability, one.origin, one.part, one.unit): one for one in
             inspect_dataset(large).lengths}  # fmt: skip
    assert len(found) == 3 * 2 * 2
    for (ability, origin, part, unit), lengths in found.items():
        own = texts.filter(ability=ability, origin=origin)[part]
        size = own.str.len_chars() if unit == "characters" else own.str.split(" ").list.len()
        ordered = size.sort().to_list()
        assert lengths.rows == len(ordered)
        assert lengths.quantiles == tuple(
            ordered[math.ceil(len(ordered) * q) - 1] for q in QUANTILES
        )


def test_of_a_large_cell_the_first_rows_are_measured(
    large: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_module, "ROWS_FOR_LENGTHS", 50)
    monkeypatch.setattr(look_module, "ROWS_FOR_TOKENS", 20)
    found = inspect_dataset(large, counter=TokenCounter(), rows=70)
    assert {(one.unit, one.rows) for one in found.lengths} == {
        ("characters", 50), ("words", 50), ("tokens", 20),
    }  # fmt: skip
    first = large.pool().filter(pl.col("position") < 20, ability="words", origin="human")
    (tokens,) = (one for one in found.lengths if (one.ability, one.unit) == ("words", "tokens"))
    assert tokens.quantiles[-1] == max(TokenCounter().count(first["messages"]))
    assert len(found.samples) == 3 * 70


def test_samples_are_the_first_rows_of_each_cell(large: Dataset) -> None:
    found = inspect_dataset(large, rows=3)
    assert [sample.position for sample in found.samples] == [0, 1, 2] * 3
    pool = {row["id"]: row for row in large.pool().to_dicts()}
    for sample in found.samples:
        row = pool[sample.id]
        assert list(sample.messages) == row["messages"]
        assert (sample.source, sample.meta) == (row["source"], row["meta"])
    assert inspect_dataset(large, rows=0).samples == []


def test_one_ability_or_one_source_alone(rich: Dataset) -> None:
    found = inspect_dataset(rich, ability="sums", rows=1)
    assert {count.source for count in found.counts} == {"sums-by-people", "sums-by-model"}
    assert {p.source for p in found.flow} == {"sums-by-people", "sums-by-model"}
    assert found.items == {"sums": 10}
    found = inspect_dataset(rich, source="words-by-people", rows=1)
    assert [count.source for count in found.counts] == ["words-by-people"]
    assert (len(found.samples), found.reasons, found.losses) == (1, [], [])
    with pytest.raises(UsageError, match="no ability `chess`") as caught:
        inspect_dataset(rich, ability="chess")
    assert caught.value.next_step == "one of: sums, words"
    with pytest.raises(UsageError, match="no source `chess`"):
        inspect_dataset(rich, source="chess")


def test_losses_and_reasons_tell_an_example(rich: Dataset) -> None:
    found = inspect_dataset(rich)
    by_how = {loss.how: loss for loss in found.losses}
    assert set(by_how) == {"equal", "alike"}
    ((lost, kept, alike),) = by_how["alike"].examples
    assert lost.startswith("sums-by-people, sums-human.jsonl:")
    assert kept.startswith("sums-by-people, sums-human.jsonl:")
    assert 0.6 <= alike < 1
    assert sum(reason.rows for reason in found.reasons) == rich.rejects().height
    (item,) = (reason for reason in found.reasons if reason.step == "decontaminate")
    assert item.text == "1003 + 1003?"


def test_an_alarm_is_told_here_and_on_the_card(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, "curate: {near: {similarity: 0.7}}\n")
    template = "Count upward from one in steps of one until you have come to the number"
    write_rows(
        tmp_path / "words-human.jsonl",
        ({"prompt": f"{template} {n}", "completion": "Gladly."} for n in range(40)),
    )
    dataset = build(recipe, Workspace(tmp_path / "ws"))
    (alarm,) = inspect_dataset(dataset).alarms
    assert alarm.startswith("`words-by-people` keeps its 40 rows")
    assert inspect_dataset(dataset, ability="sums").alarms == []
    (loss,) = inspect_dataset(dataset).losses
    assert (loss.how, loss.source, loss.to) == ("alike, kept", "words-by-people", "words-by-people")
    assert f"Look at this: {alarm}" in (dataset.folder / CARD_FILE).read_text()


def test_it_is_plain_json(rich: Dataset) -> None:
    found = json.loads(json.dumps(inspect_dataset(rich).as_json()))
    assert found["lengths"][0]["quantiles"].keys() == {"0.05", "0.25", "0.5", "0.75", "0.95", "1"}
    assert {"rows_in", "left_out", "left"} < found["flow"][0].keys()
