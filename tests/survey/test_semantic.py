"""Rows that say the same in other words: which stay, what is said of the others."""

import gzip
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from doitkit.core.engine import ThisProcess
from doitkit.core.errors import ModelError, PlanError
from doitkit.core.records import Record
from doitkit.core.store import Store
from doitkit.recipe import load_recipe
from doitkit.recipe.curation import Curation
from doitkit.source import Meant
from doitkit.source.formats import Chat
from doitkit.survey import semantic, survey
from doitkit.survey.duplicates import duplicates
from doitkit.survey.read import SourceRows, write_rows
from doitkit.survey.semantic import embedder_of
from doitkit.survey.shards import Shards
from tests.curate.semantic.made import WORDS, write_static
from tests.project import load_project
from tests.records import record
from tests.survey.curating import Result, curate


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(write_static(tmp_path / "tiny"))


def curation(model: str, similarity: float = 0.9, **more: object) -> Curation:
    declared = {"model": model, "similarity": similarity}
    return Curation.model_validate({"semantic": declared, "decontaminate": False, **more})


def kept(result: Result) -> list[str]:
    return [f"{row.source}:{row.line}" for row in result.records]


def test_the_better_claim_stays_and_the_reason_names_it(tiny: str) -> None:
    rows = [
        record("big cat", "dog", origin="synthetic", source="model", line=4),
        record("large cat", "dog", origin="human", source="people", line=7),
        record("small cat", "dog", origin="human", source="people", line=8),
    ]
    result = curate(rows, [], curation(tiny))
    assert kept(result) == ["people:7", "people:8"]
    (reject,) = result.rejects
    assert (reject.source, reject.line, reject.step) == ("model", 4, "dedup")
    # (3, 2, 0) and (3, 2.25, 0)
    assert reject.reason == "says the same as people, people.jsonl:7 (1.0)"
    preferred = curate(rows, [], curation(tiny, prefer=["synthetic", "human"]))
    assert kept(preferred) == ["model:4", "people:8"]


def named(*texts: tuple[str, str]) -> list[Record]:
    """Return rows of a source each, `a`, `b` and so on: the earlier one has the better claim."""
    return [record(*text, source=chr(ord("a") + at)) for at, text in enumerate(texts)]


def left(result: Result) -> str:
    return "".join(row.source for row in result.records)


def test_the_prompts_and_the_answers_both_have_to_say_the_same(tiny: str) -> None:
    rows = named(("big cat", "dog"), ("big cat", "cat"), ("small cat", "dog"), ("large cat", "dog"))
    assert left(curate(rows, [], curation(tiny))) == "abc"
    assert left(curate(rows, [], curation(tiny, scope="prompt"))) == "ac"
    assert left(curate(rows, [], curation(tiny, scope="answer"))) == "ab"


def test_rows_with_other_numbers_in_the_prompt_stay(tiny: str) -> None:
    many = "big cat dog " * 20
    rows = named(
        (f"{many} 12 and 6", "cat"),
        (f"{many} 12 and 7", "cat"),
        (f"6 and {many} 12", "cat 9"),
        (many, "cat"),
    )
    assert left(curate(rows, [], curation(tiny, scope="prompt"))) == "abd"


def test_a_chain_of_rows_does_not_vanish_into_one(tmp_path: Path) -> None:
    angles = np.radians([0, 20, 40, 60])
    words = {word: [np.cos(a), np.sin(a)] for word, a in zip("wxyz", angles, strict=True)}
    model = str(write_static(tmp_path / "turning", words))
    rows = named(("w", "w"), ("x", "w"), ("y", "w"), ("z", "w"))
    assert left(curate(rows, [], curation(model))) == "ac"


@pytest.mark.parametrize(
    ("dedup", "stay"),
    [
        ("exact", ["people:1"]),
        ("within_origin", ["people:1", "model:1"]),
        ("within_source", ["people:1", "more:1", "model:1"]),
    ],
)
def test_rows_are_compared_as_dedup_says(tiny: str, dedup: str, stay: list[str]) -> None:
    rows = [
        record("big cat", "dog", source="people"),
        record("cat big", "dog", source="more"),
        record("cat large", "dog", origin="synthetic", source="model"),
    ]
    assert kept(curate(rows, [], curation(tiny, dedup=dedup))) == stay


def _shards(folder: Path, rows: list[Record]) -> Shards:
    sources = []
    for name in dict.fromkeys(row.source for row in rows):
        own = [row for row in rows if row.source == name]
        source = SourceRows(name, "math", own[0].origin, None, None, folder / name)
        source.folder.mkdir(parents=True)
        chats = [Chat(row.messages) for row in own]
        meant = Meant.of(chats, [row.file for row in own], [row.line for row in own])
        write_rows(source.folder, name, [meant], Curation())
        sources.append(source)
    return Shards(tuple(sources))


def _verdict(folder: Path, shards: Shards, declared: Curation) -> tuple[dict[str, object], str]:
    found = duplicates(
        Store(folder / "store"),
        shards,
        np.ones(len(shards), dtype=np.bool_),
        ["rows"],
        declared,
        memory=1 << 28,
        engine=ThisProcess(),
        embedder=embedder_of(declared, folder),
    )
    return found.notes, found.address


def test_notes_say_who_lost_to_whom_and_what_could_not_be_read(tiny: str, tmp_path: Path) -> None:
    rows = [
        record("big cat", "dog", source="people", line=1),
        record("cat large", "dog", source="model", line=1),
        record("large cat", "dog", source="model", line=2),
        record("湖水", "dog", source="model", line=3),
    ]
    notes, _ = _verdict(tmp_path, _shards(tmp_path / "rows", rows), curation(tiny))
    lost = [["model, model.jsonl:1", "people, people.jsonl:1", 0.998]]
    lost += [["model, model.jsonl:2", "people, people.jsonl:1", 0.998]]
    assert notes["semantic"] == [{"source": "model", "to": "people", "rows": 2, "examples": lost}]
    assert notes["unread"] == {"model": [1, 3]}


def test_another_model_of_the_same_name_is_another_step(tmp_path: Path) -> None:
    rows = [record("big cat", "dog", line=1), record("small cat", "dog", line=2)]
    shards = _shards(tmp_path / "rows", rows)
    write_static(tmp_path / "model")
    before, one = _verdict(tmp_path, shards, curation("model"))
    again, same = _verdict(tmp_path, shards, curation("model"))
    write_static(tmp_path / "model", {**WORDS, "small": WORDS["big"]})
    after, other = _verdict(tmp_path, shards, curation("model"))
    assert (before["semantic"], one) == (again["semantic"], same) == ([], same)
    assert other != one
    assert [loss["rows"] for loss in after["semantic"]] == [1]  # type: ignore[attr-defined]


def test_what_near_dedup_spares_is_spared_here_too(tiny: str) -> None:
    template = "big cat big dog " * 12
    rows = [record(f"{template} {word}", "cat", line=at) for at, word in enumerate("abc")]
    near = {"similarity": 0.5, "most_lost": 0.1}
    spared = curate(rows, [], curation(tiny, near=near))
    assert len(spared.records) == 3
    assert len(curate(rows, [], curation(tiny)).records) == 1


def test_a_recipe_names_the_model_by_a_folder_beside_it(tmp_path: Path) -> None:
    write_static(tmp_path / "models" / "counting", {"Count": [1.0, 0.0], "to": [0.0, 1.0]})
    more = "curate:\n  scope: prompt\n  semantic: {model: models/counting, similarity: 0.9}\n"
    found = survey(load_project(tmp_path, more))
    # What the model cannot read is left alone.
    assert not any(reject.reason.startswith("says") for reject in found.rejects)
    dedup = found.training.verdicts[1].notes
    assert dedup["unread"] == {
        "sums-by-people": [40, 40],
        "words-by-people": [40, 40],
    }
    (tmp_path / "models" / "counting" / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="lacks its tokenizer"):
        survey(load_recipe(tmp_path / "recipe.yaml"))


def test_more_rows_than_can_be_compared_are_refused(
    tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semantic, "MOST_ROWS", 2)
    rows = [record("cat " * n, "dog", line=n) for n in (1, 2, 3)]
    with pytest.raises(PlanError, match="3 rows are too many") as refused:
        curate(rows, [], curation(tiny))
    assert refused.value.next_step is not None
    assert "within_source" in refused.value.next_step


def test_a_model_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither a folder nor one that ships"):
        curate([record()], [], curation(str(tmp_path / "none")))


def test_real_questions(data_folder: Path) -> None:
    if find_spec("wordllama") is None:
        pytest.skip("the extra `semantic` is not installed")
    files = sorted((data_folder / "instructions" / "alpaca52k").glob("*-0-3252-*.json.gz"))
    with gzip.open(files[0], "rt") as stream:
        told = json.load(stream)
    rows = [
        record("\n".join(filter(None, [r["instruction"], r["input"]])), r["output"], line=at)
        for at, r in enumerate(told, 1)
    ]
    rows += [
        record("When did the American Revolution begin?", "It began in 1775.", source="more"),
        record("What year did the American Revolution start?", "It began in 1775.", source="more",
               line=2),
        record("When did the American Revolution end?", "It ended in 1783.", source="more", line=3),
    ]  # fmt: skip
    result = curate(rows, [], curation("wordllama"))
    lost = {(row.source, row.line) for row in result.rejects if row.reason.startswith("says")}
    assert ("more", 3) not in lost
    assert len(lost & {("more", 1), ("more", 2)}) == 1
    # Of 3,252 questions that a model was asked not to repeat, next to none are said twice.
    assert len(lost) < 10
