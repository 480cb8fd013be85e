"""Picks by strata: every subset holds its share of each value of a column."""

import json
from collections import Counter
from pathlib import Path

import pytest

from doitkit.build import build
from doitkit.build.dataset import Dataset
from doitkit.core.errors import SourceError
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.project import write_rows

SUBJECTS = {"algebra": 60, "history": 30, None: 10}
_RECIPE = """\
doitkit: 1
name: strata
sources:
  exams:
    path: exams.jsonl
    format: alpaca
    origin: human
    STRATIFY
abilities:
  exams: {sources: [exams], evaluate: none}
"""


def _built(folder: Path, stratify: str) -> Dataset:
    rows = (
        {"instruction": f"{subject} {i}?", "output": "yes", "subject": subject, "level": i % 2}
        for subject, count in SUBJECTS.items()
        for i in range(count)
    )
    write_rows(folder / "exams.jsonl", rows)
    (folder / "recipe.yaml").write_text(_RECIPE.replace("STRATIFY", stratify))
    return build(load_recipe(folder / "recipe.yaml"), Workspace(folder / "ws"))


def _strata(dataset: Dataset) -> list[str | None]:
    return [json.loads(meta)["stratum"] for meta in dataset.pool().sort("position")["meta"]]


def test_in_proportion(tmp_path: Path) -> None:
    strata = _strata(_built(tmp_path, "stratify: {by: subject}"))
    for size in range(1, 101):
        held = Counter(strata[:size])
        for subject, count in SUBJECTS.items():
            assert abs(held[subject] - size * count / 100) <= 1


def test_in_equal_shares_as_long_as_they_last(tmp_path: Path) -> None:
    strata = _strata(_built(tmp_path, "stratify: {by: subject, shares: equal}"))
    for size in range(1, 31):
        held = Counter(strata[:size])
        assert max(held.values()) - min(held[subject] for subject in SUBJECTS) <= 1
    assert Counter(strata[:60]) == {"algebra": 25, "history": 25, None: 10}
    assert Counter(strata) == SUBJECTS


def test_by_an_expression(tmp_path: Path) -> None:
    by = "CASE WHEN level = 0 THEN 'even' ELSE 'odd' END"
    strata = _strata(_built(tmp_path, f'stratify: {{by: "{by}"}}'))
    assert Counter(strata[:20]) == {"even": 10, "odd": 10}


def test_other_shares_read_no_row_again(tmp_path: Path) -> None:
    first = _built(tmp_path, "stratify: {by: subject}")
    second = _built(tmp_path, "stratify: {by: subject, shares: equal}")
    assert first.folder != second.folder
    assert first.manifest["steps"] == second.manifest["steps"]
    assert sorted(first.pool()["id"]) == sorted(second.pool()["id"])


@pytest.mark.parametrize("by", ["theme", "STRING_TO_ARRAY(subject, ' ')"])
def test_what_cannot_be_carried_out(tmp_path: Path, by: str) -> None:
    with pytest.raises(SourceError, match="`stratify` cannot be carried out") as caught:
        _built(tmp_path, f'stratify: {{by: "{by}"}}')
    assert "subject" in str(caught.value)
