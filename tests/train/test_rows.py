"""Rows that do not fit are left out, cut or refused, and counted; rows held out stay out."""

from pathlib import Path
from typing import Any

import pytest

from doitkit.core.arrow import read_arrow
from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell
from doitkit.core.workers import WorkerPool
from doitkit.mix import Mixture, Rung
from doitkit.recipe.training import Training
from doitkit.train.embedded.model import load_tokenizer
from doitkit.train.rows import TrainingRows, training_rows
from doitkit.train.tokens import IGNORED
from tests.train.ladder import MIXED, Project, project

# The rows of `words` grow by a character each.
WORDS = Mixture.of("words", {Cell("words", "human"): 20})
SHORT = 24


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Project:
    return project(tmp_path_factory.mktemp("rows"), tiny_model)


def rows_of(made: Project, mixture: Mixture, **declared: Any) -> TrainingRows:
    assert made.recipe.train is not None
    tokenizer = load_tokenizer(made.recipe.train.base_model)
    settings = Training(base_model="m", **({"max_length": SHORT} | declared))
    return training_rows(made.dataset, mixture, tokenizer, settings)


def test_every_row_is_trained_held_out_or_left_out(made: Project) -> None:
    for how in ({}, {"on_overflow": "truncate"}, {"validation": {"fraction": 0.3}}):
        found = rows_of(made, WORDS, **how)
        places = [*found.trained, *found.held_out, *found.left_out]
        assert sorted(places) == list(range(20))
    assert rows_of(made, WORDS, max_length=200).left_out == []


def test_what_is_cut_keeps_its_beginning_and_its_labels(made: Project) -> None:
    whole = rows_of(made, WORDS, max_length=200)
    cut = rows_of(made, WORDS, on_overflow="truncate")
    dropped = rows_of(made, WORDS)
    assert cut.truncated == len(dropped.left_out) - len(cut.left_out) > 0
    assert dropped.truncated == 0
    for one, other in zip(whole.encoded, cut.encoded, strict=True):
        assert other.length == len(one.input_ids)
        assert other.input_ids == one.input_ids[:SHORT]
        assert other.labels == one.labels[:SHORT]
        assert other.trained_bytes <= one.trained_bytes


def test_a_row_whose_answer_lies_beyond_the_cut_is_left_out(made: Project) -> None:
    shortest = min(
        next(at for at, label in enumerate(e.labels) if label != IGNORED)
        for e in rows_of(made, WORDS, max_length=200).encoded
    )
    with pytest.raises(UsageError, match="every row of the mixture") as caught:
        rows_of(made, WORDS, max_length=max(8, shortest - 1), on_overflow="truncate")
    assert "no answer begins before the cut" in str(caught.value)


def test_too_long_rows_are_refused_where_that_is_asked_for(made: Project) -> None:
    with pytest.raises(UsageError, match="rows of the mixture `words` are too long") as caught:
        rows_of(made, WORDS, on_overflow="error")
    assert "words-by-people, line" in str(caught.value)
    assert caught.value.next_step is not None
    assert "on_overflow" in caught.value.next_step


def test_held_out_prompts_are_the_same_in_every_mixture(made: Project) -> None:
    def prompts(mixture: Mixture) -> tuple[set[str], set[str]]:
        found = rows_of(made, mixture, max_length=200, validation={"fraction": 0.3})
        ids = found.rows["prompt_id"].to_list()
        return {ids[at] for at in found.held_out}, {ids[at] for at in found.trained}

    human, both = Cell("sums", "human"), Cell("sums", "synthetic")
    out, left = prompts(Mixture.of("large", {human: 20, both: 20}))
    assert out
    assert not out & left  # the answers of people and models to one prompt are on one side
    for size in (8, 14):
        fewer_out, fewer = prompts(Mixture.of("small", {human: size}))
        assert fewer_out
        assert not fewer_out & fewer
        assert fewer_out <= out or len(fewer_out) == 1


@pytest.mark.slow
def test_a_run_counts_what_it_did_with_its_rows(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    cut = project(tmp_path / "cut", tiny_model, max_length=SHORT, on_overflow="truncate")
    _, run = cut.train(pool, Rung(WORDS, (1,)))
    assert (run.truncated > 0, run.left_out) == (True, 0)
    assert run.trained == {"words": {"human": 20}}
    held = project(tmp_path / "held", tiny_model, validation={"fraction": 0.3, "every_steps": 2})
    _, run = held.train(pool, Rung(MIXED, (1,)))
    assert run.held_out > 0
    assert sum(run.trained_counts.values()) == run.rows - run.held_out
    (table,) = {read_arrow(held.folder_of(run) / "composition.arrow")["n_instances"].sum()}
    assert table == run.rows - run.held_out
    assert set(run.tokens_seen) == {"sums", "words"}
    assert sum(run.tokens_seen.values()) == pytest.approx(run.tokens * run.epochs, abs=2)
