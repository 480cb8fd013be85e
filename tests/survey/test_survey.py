"""What there is: every row read is available or rejected, and the order is that of the picks."""

import json
from pathlib import Path

import pytest

from doitkit.core.errors import PlanError, SourceError
from doitkit.core.origins import Cell
from doitkit.mix import nested_order
from doitkit.recipe import load_recipe
from doitkit.survey import survey
from tests.project import (
    GENERATED,
    RECIPE,
    load_project,
    with_answers,
    write_project,
    write_rows,
)

SUMS, SUMS_MODEL = Cell("sums", "human"), Cell("sums", "synthetic")


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write('{"prompt": "1 + 1?", "completion": "It is 2."}\nbroken\n')
        file.write('{"prompt": "1003 + 1003?", "completion": "2006"}\n{"prompt": "x"}\n')
    found = survey(recipe)
    assert found.supply == {SUMS: 40, SUMS_MODEL: 40, Cell("words", "human"): 40}
    assert found.rows_in == {"sums-by-people": 44, "sums-by-model": 40, "words-by-people": 40}
    for source, rows in found.rows_in.items():
        rejected = sum(reject.source == source for reject in found.rejects)
        assert rows == found.steps["decontaminate"][source] + rejected
    assert sorted((r.line, r.step) for r in found.rejects) == [
        (41, "dedup"),
        (42, "read"),
        (43, "decontaminate"),
        (44, "read"),
    ]


def test_cells_stand_in_nested_order_and_items_are_picked(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    found = survey(recipe)
    rows = found.records(SUMS)
    assert rows == nested_order(rows[::-1], recipe.seed, {"sums-by-people": 1.0})
    assert len(found.items["words"]) == 5
    more = survey(load_project(tmp_path, recipe=RECIPE.replace("items: 5", "items: 8")))
    assert more.items["words"][:5] == found.items["words"]


def test_a_paired_recipe_asks_both_origins_the_same(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, "paired: true\n")
    (tmp_path / "sums-model.jsonl").write_text(
        "".join((tmp_path / "sums-model.jsonl").read_text().splitlines(keepends=True)[5:25])
    )
    found = survey(recipe)
    assert found.pairs == {"sums": 20}  # `words` has one origin: there is nothing to pair
    human, model = found.records(SUMS), found.records(SUMS_MODEL)
    assert [r.prompt_id for r in human[:20]] == [r.prompt_id for r in model]


def test_a_source_to_be_generated_is_pending_and_its_prompts_are_known(tmp_path: Path) -> None:
    found = survey(load_project(tmp_path, GENERATED, recipe=with_answers(30)))
    assert found.pending == {"answers": 30}
    assert len(found.prompts["questions"]) == 40
    assert found.supply[Cell("words", "synthetic")] == 0


def test_a_source_that_only_lends_prompts_displaces_no_training_row(tmp_path: Path) -> None:
    # `questions` reads the very rows that train `sums`; both must keep all of them.
    found = survey(load_project(tmp_path, GENERATED, recipe=with_answers(30)))
    assert found.supply[SUMS] == 40
    assert found.rejects == []
    assert found.steps["dedup"]["questions"] == 40


def test_generated_rows_are_read_where_they_lie(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, GENERATED, recipe=with_answers(2))
    answers = tmp_path / "synth" / "answers.jsonl"
    answers.parent.mkdir()
    turns = ({"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "Two."})
    write_rows(answers, [{"messages": turns}, {"messages": turns[:1]}])
    found = survey(recipe, {"answers": answers})
    assert found.pending == {}
    (row,) = found.records(Cell("words", "synthetic"))
    assert (row.reply, row.generator, row.file) == ("Two.", "teacher", "answers.jsonl")
    assert [r.reason for r in found.rejects] == ["the last message is not the assistant's"]


def test_an_ability_without_rows_says_where_they_went(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    rows = [{"prompt": "p", "completion": ""}] * 3 + [{"prompt": "", "completion": "c"}]
    write_rows(tmp_path / "words-human.jsonl", rows)
    with pytest.raises(PlanError, match="the ability `words` has no training row") as caught:
        survey(recipe)
    assert caught.value.where == f"{tmp_path}/recipe.yaml:24:5"
    assert caught.value.why == (
        "3 x `completion` is empty (words-human.jsonl:1); "
        "1 x `prompt` is empty (words-human.jsonl:4)"
    )
    (tmp_path / "words-human.jsonl").write_text("")
    with pytest.raises(PlanError) as caught:
        survey(recipe)
    assert caught.value.why == "the files hold no row"


def test_an_ability_without_items_says_where_they_went(tmp_path: Path) -> None:
    filtered = RECIPE.replace("items: 5", "where: answer > 1")
    with pytest.raises(PlanError, match="the ability `words` has no evaluation item") as caught:
        survey(load_project(tmp_path, recipe=filtered))
    assert caught.value.where == f"{tmp_path}/recipe.yaml:25:5"
    assert caught.value.why == "10 x left out by `where`"
    recipe = load_project(tmp_path)
    write_rows(tmp_path / "words-test.jsonl", [{"prompt": "p", "choices": ["a"], "answer": 0}])
    with pytest.raises(PlanError) as caught:
        survey(recipe)
    assert caught.value.why == "1 x 1 choices; a question has 2 to 26 (words-test.jsonl:1)"


def test_training_on_the_test_set_leaves_nothing(tmp_path: Path) -> None:
    recipe = RECIPE.replace("path: words-human.jsonl", "path: words-test.jsonl").replace(
        "format: prompt_completion\n    origin: human\nabilities",
        "format: multiple_choice\n    origin: human\nabilities",
    )
    with pytest.raises(PlanError, match="no training row") as caught:
        survey(load_project(tmp_path, recipe=recipe.replace("      items: 5\n", "")))
    assert "same prompt as the evaluation item words.evaluate" in str(caught.value.why)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    (tmp_path / "sums-model.jsonl").unlink()
    with pytest.raises(SourceError, match="`sums-by-model`: no such file") as caught:
        survey(load_recipe(path))
    assert caught.value.where == str(tmp_path / "sums-model.jsonl")


def test_rows_of_one_source_do_not_depend_on_the_other_sources(tmp_path: Path) -> None:
    before = survey(load_project(tmp_path)).records(SUMS)
    write_rows(
        tmp_path / "sums-model.jsonl",
        [{"prompt": f"new {i}", "completion": json.dumps(i)} for i in range(500)],
    )
    assert survey(load_project(tmp_path, rows=40)).records(SUMS) == before


def test_items_that_cannot_be_scored_are_rejects_and_an_error_if_all_are(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    with (tmp_path / "words-test.jsonl").open("a") as file:
        file.write('{"prompt": "Twice?", "choices": ["x", "x", "y"], "answer": "y"}\n')
    (reject,) = survey(recipe).item_rejects
    assert (reject.source, reject.line, reject.step) == ("words.evaluate", 11, "score")
    write_rows(
        tmp_path / "words-test.jsonl",
        ({"prompt": f"Word {i}?", "choices": ["x", "x"], "answer": 0} for i in range(3)),
    )
    with pytest.raises(PlanError, match="no evaluation item") as caught:
        survey(recipe)
    assert caught.value.why == "3 x the choice 'x' stands there twice (words-test.jsonl:1)"


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("exact_match, extract: '#### (.+)'", "`extract` finds no answer"),
        ("choice_likelihood", "no distractor"),
    ],
)
def test_a_metric_that_fits_no_item_is_an_error_of_the_survey(
    tmp_path: Path, metric: str, reason: str
) -> None:
    recipe = load_project(
        tmp_path, recipe=RECIPE.replace("metric: bits_per_byte", f"metric: {metric}")
    )
    write_rows(
        tmp_path / "sums-test.jsonl",
        ({"prompt": f"{i}?", "completion": "yes"} for i in range(1000, 1005)),
    )
    with pytest.raises(PlanError, match="no evaluation item") as caught:
        survey(recipe)
    assert f"5 x {reason}" in str(caught.value.why)


def test_a_damaged_archive_is_named_with_its_damage(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, recipe=RECIPE.replace("words-human.jsonl", "words.jsonl.gz"))
    (tmp_path / "words.jsonl.gz").write_bytes(b"\x1f\x8b no archive at all")
    with pytest.raises(PlanError, match="no training row") as caught:
        survey(recipe)
    assert "damaged from here on" in str(caught.value.why)
    assert "(words.jsonl.gz:1)" in str(caught.value.why)
    assert str(caught.value.next_step).startswith("mend the files")
