"""Drafted recipes load, and plan; what they say is what was seen."""

import json
from pathlib import Path

import pytest
import yaml

from doitkit import api
from doitkit.core.errors import SourceError, UsageError
from doitkit.core.origins import Cell
from doitkit.draft import Draft, frame_of, write_recipe
from doitkit.draft.quoting import commented, scalar
from doitkit.draft.supply import ladder_sizes
from doitkit.plan import Plan
from doitkit.recipe import Recipe
from doitkit.recipe.data import FileSource
from doitkit.survey import survey
from tests.draft.data import drafted, questions, write


def written(draft: Draft, folder: Path, **frame: object) -> tuple[Recipe, Plan]:
    recipe = write_recipe(draft, folder, frame_of(folder, **frame))  # type: ignore[arg-type]
    return recipe, api.plan(recipe, folder / "workspace", exact=True)


def file_source(recipe: Recipe, name: str) -> FileSource:
    return recipe.file_sources()[name]


def test_a_recipe_for_two_abilities_and_two_origins(tmp_path: Path) -> None:
    data = write(
        tmp_path / "data",
        {
            "sums/train.jsonl": questions(300),
            "sums/train_gpt4.jsonl": questions(300, 300),
            "sums/test.jsonl": questions(20, 5000),
            "words/a.jsonl": [
                {"instruction": f"Say {i}.", "input": "", "output": f"I say {i} now."}
                for i in range(100)
            ],
            "words/dev.jsonl": [
                {"question": f"Which is {i}?", "choices": [f"{i}", "x"], "answer": 0}
                for i in range(30)
            ],
        },
    )
    recipe, plan = written(drafted(data), tmp_path / "mine")
    assert recipe.name == "mine"
    assert Path(recipe.data_folder).resolve() == data
    assert recipe.warnings == ()
    assert recipe.cells() == [
        Cell("sums", "human"),
        Cell("sums", "synthetic"),
        Cell("words", "human"),
    ]
    assert file_source(recipe, "sums-gpt4").generator == "gpt4"
    assert {name: a.evaluate.metric for name, a in recipe.abilities.items()} == {
        "sums": "bits_per_byte",
        "words": "multiple_choice",
    }
    assert plan.items == {"sums": 20, "words": 30}
    assert plan.supply == {
        Cell("sums", "human"): 300,
        Cell("sums", "synthetic"): 300,
        Cell("words", "human"): 100,
    }
    # Half of what was reckoned of the smallest cell, as the others were not seen to their end.
    assert recipe.ladder is not None
    assert recipe.ladder.sizes == [4, 16]
    assert [design.design for design in recipe.ladder.designs] == ["balanced"] * 2 + ["unbalanced"]
    assert {rung.mixture.name for rung in plan.rungs} >= {"human-16", "synthetic-16"}
    assert recipe.train is not None
    assert recipe.train.base_model == "models/base"
    assert recipe.advise is None


def test_comments_say_what_was_seen_and_what_was_guessed(tmp_path: Path) -> None:
    data = write(
        tmp_path / "data",
        {
            "sums/train_gpt4.jsonl": questions(250),
            "sums/test.jsonl": questions(20, 5000),
            "sums/labels.jsonl": [{"text": f"a text about {i}", "label": i % 2} for i in range(50)],
        },
    )
    (data / "README.md").write_text("# Read me")
    written(drafted(data), tmp_path / "mine")
    text = (tmp_path / "mine" / "recipe.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=recipe.schema.json\n")
    assert json.loads((tmp_path / "mine" / "recipe.schema.json").read_text())["title"]
    for said in (
        "# 250 rows; median ",
        "# role guessed from `train` in its name; ability guessed from its folder",
        "# guessed from `gpt4` in its name",
        "# guessed from its columns",
        "# The answers are labels: `0`, `1`.",
        "# - README.md: not of the kinds jsonl, ",
        "# advise:",
    ):
        assert said in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_shards_become_one_source(tmp_path: Path) -> None:
    shards = {f"sums/train-{i:05}-of-00012.jsonl": questions(20, 20 * i) for i in range(12)}
    few = {f"words/part-{i}.jsonl": questions(20, 20 * i, "Well,") for i in range(3)}
    tests = {"sums/test.jsonl": questions(20, 5000), "words/test.jsonl": questions(20, 6000)}
    data = write(tmp_path / "data", shards | few | tests)
    recipe, plan = written(drafted(data), tmp_path / "mine")
    assert list(recipe.sources) == ["sums", "words"]
    assert file_source(recipe, "sums").path == "sums/train-*-of-*.jsonl"
    assert file_source(recipe, "words").path == [f"words/part-{i}.jsonl" for i in range(3)]
    assert plan.supply[Cell("sums", "human")] == 240


def test_shards_of_two_models_are_two_sources(tmp_path: Path) -> None:
    files = {f"sums/gpt-{i}.jsonl": questions(20, 20 * i) for i in (3, 4)}
    data = write(tmp_path / "data", files | {"sums/test.jsonl": questions(9, 5000)})
    recipe, _ = written(drafted(data), tmp_path / "mine")
    assert [s.generator for s in recipe.file_sources().values()] == ["gpt-3", "gpt-4"]


def test_a_glob_that_would_take_in_another_file_is_not_written(tmp_path: Path) -> None:
    files = {f"sums/part-{i}.jsonl": questions(20, 20 * i) for i in range(6)}
    data = write(
        tmp_path / "data",
        files | {"sums/part-x.jsonl": [{"text": "x"}], "sums/test.jsonl": questions(9, 5000)},
    )
    recipe, _ = written(drafted(data), tmp_path / "mine")
    assert file_source(recipe, "sums").path == list(files)


def test_an_ability_is_scored_on_files_that_are_read_as_its_training_files(tmp_path: Path) -> None:
    other = [{"instruction": f"Say {i}.", "output": f"I say {i}."} for i in range(50)]
    data = write(
        tmp_path / "data",
        {
            "sums/train.jsonl": questions(50),
            "sums/test.jsonl": questions(9, 5000),
            "sums/test_hard.jsonl": questions(9, 6000),
            "sums/dev.jsonl": other,
        },
    )
    draft = drafted(data)
    recipe, plan = written(draft, tmp_path / "mine")
    assert recipe.abilities["sums"].evaluate.path == ["sums/test.jsonl", "sums/test_hard.jsonl"]
    assert plan.items == {"sums": 18}
    assert dict(draft.left_out)["sums/dev.jsonl"].endswith("which is read in another way")


def test_abilities_that_nothing_scores_are_refused_together(tmp_path: Path) -> None:
    files = {f"a{i}/x.jsonl": questions(9, 10 * i) for i in range(9)}
    with pytest.raises(UsageError, match="these abilities have no evaluation file") as caught:
        drafted(write(tmp_path, files))
    shown = str(caught.value)
    assert "a0 (a0/x.jsonl)" in shown
    assert "and 3 more" in shown
    assert all(flag in shown for flag in ("--eval", "--skip", "--hold-out"))


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_rows_that_are_held_out_are_not_trained_on(tmp_path: Path, ending: str) -> None:
    data = write(tmp_path / "data", {"sums/a.jsonl": questions(300)})
    if ending == "csv":
        # Every row takes two lines: of every second line, all rows or none would be held out.
        lines = [f'"What is\n{i} and {i}?",It is {2 * i}.' for i in range(300)]
        (data / "sums" / "a.csv").write_text("\n".join(["question,answer", *lines]))
        (data / "sums" / "a.jsonl").unlink()
    recipe, _ = written(drafted(data, hold_out=40), tmp_path / "mine")
    found = survey(recipe)
    items, trained = found.items["sums"], found.records(Cell("sums", "human"))
    assert len(items) == 40
    assert 150 <= len(trained) <= 270
    assert not {record.id for record in items} & {record.id for record in trained}
    assert {record.line for record in items}.isdisjoint(record.line for record in trained)


def test_more_cannot_be_held_out_than_half(tmp_path: Path) -> None:
    data = write(tmp_path, {"sums/a.jsonl": questions(50)})
    assert drafted(data, hold_out=25).abilities[0].items == 25
    with pytest.raises(UsageError, match="26 rows cannot be held out"):
        drafted(data, hold_out=26)


def test_copies_of_a_file_and_of_the_evaluation_items_are_found_out(tmp_path: Path) -> None:
    same = write(
        tmp_path / "same",
        {"sums/train.jsonl": questions(50), "sums/test.jsonl": questions(50)},
    )
    with pytest.raises(UsageError, match=r"nothing would be left to train `sums` on \(human\)"):
        drafted(same)
    twice = write(
        tmp_path / "twice",
        {
            "sums/human.jsonl": questions(64),
            "sums/gpt4.jsonl": questions(40) + questions(24, 100),
            "sums/test.jsonl": questions(9, 5000),
        },
    )
    draft = drafted(twice)
    assert draft.supply == {Cell("sums", "human"): 64, Cell("sums", "synthetic"): 24}
    assert draft.sizes == (4, 16)
    written(draft, tmp_path / "mine")


@pytest.mark.parametrize(
    ("smallest", "exact", "sizes"),
    [
        (1, True, (1,)),
        (1, False, (1,)),
        (7, True, (1, 4)),
        (7, False, (1,)),
        (16, True, (4, 16)),
        (100, False, (4, 16)),
        (300, True, (4, 16, 64, 256)),
        (10**6, False, (16, 64, 256, 1024)),
    ],
)
def test_ladder_sizes(smallest: int, exact: bool, sizes: tuple[int, ...]) -> None:
    supply = {Cell("a", "human"): smallest, Cell("b", "human"): 10**7}
    assert ladder_sizes(supply, exact=exact) == sizes


def test_names_of_every_kind(tmp_path: Path) -> None:
    stems = (
        *("with space", "[brackets]", "{braces}", 'quo"te', "apo'strophe", "co:lon # hash"),
        *("数学", "Ümläute", "star*", "question?", "new\nline", "tab\there", "back\\slash"),
        *("null", "true", "- dash", "&anchor", "*alias", "!tag", "%percent", "\u2028", "\x7f"),
        "\U0001f600",
    )
    files = {f"{stem}/tra in [1].jsonl": questions(9, 100 * i) for i, stem in enumerate(stems)}
    tests = {f"{stem}/test.jsonl": questions(3, 10_000 + 10 * i) for i, stem in enumerate(stems)}
    data = write(tmp_path / "da ta [x] 数", files | tests)
    recipe, plan = written(drafted(data), tmp_path / "mi ne")
    assert len(recipe.abilities) == len(stems)
    assert {source.path for source in recipe.file_sources().values()} == set(files)
    assert sum(plan.supply.values()) == 9 * len(stems)


def test_sixty_files(tmp_path: Path) -> None:
    files = {f"a{i}/train.jsonl": questions(20, 100 * i) for i in range(30)}
    tests = {f"a{i}/test.jsonl": questions(5, 100_000 + 100 * i) for i in range(30)}
    recipe, plan = written(drafted(write(tmp_path / "data", files | tests)), tmp_path / "mine")
    assert len(recipe.sources) == 30
    assert all(count == 5 for count in plan.items.values())


@pytest.mark.parametrize("budget", [0, 250, 1.5, 1e9])
def test_a_budget_asks_for_advice(tmp_path: Path, budget: float) -> None:
    data = write(
        tmp_path / "data",
        {"a_gpt4.jsonl": questions(20), "a_test.jsonl": questions(5, 100)},
    )
    recipe, _ = written(drafted(data), tmp_path / "mine", budget=budget, name="Mine.2")
    assert recipe.name == "Mine.2"
    assert recipe.advise is not None
    assert (recipe.advise.budget, recipe.advise.reference) == (budget, "synthetic")
    assert recipe.prices.model_dump(mode="json")["synthetic"]["per_row"] == 0.1


def test_a_base_model_is_named_from_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    (tmp_path / "recipe" / "m").mkdir(parents=True)
    folder = tmp_path / "recipe"
    for given, named in (
        (tmp_path / "models" / "mine", "../models/mine"),
        (tmp_path / "recipe" / "m", "./m"),
        ("owner/model-1b", "owner/model-1b"),
    ):
        assert frame_of(folder, base_model=str(given)).base_model == named


def test_a_name_that_cannot_be_one(tmp_path: Path) -> None:
    assert frame_of(tmp_path / "数学").name == "project"
    with pytest.raises(UsageError, match="cannot be the name of a recipe"):
        frame_of(tmp_path, name="2 words")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    data = write(tmp_path / "d", {"a.jsonl": questions(20), "a_test.jsonl": questions(5, 100)})
    draft = drafted(data)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "recipe.schema.json").write_text("mine")
    written(draft, tmp_path / "mine")
    assert (tmp_path / "mine" / "recipe.schema.json").read_text() == "mine"
    with pytest.raises(UsageError, match="there is a recipe already"):
        written(draft, tmp_path / "mine")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        written(draft, tmp_path / "file" / "below")


def test_a_budget_that_is_no_amount(tmp_path: Path) -> None:
    for budget in (float("inf"), float("nan")):
        with pytest.raises(UsageError, match="no amount"):
            frame_of(tmp_path, budget=budget)


def test_real_exams_answered_by_people_and_by_a_model(data_folder: Path, tmp_path: Path) -> None:
    draft = drafted(data_folder / "instructions" / "gaokao_bench", hold_out=10)
    recipe, plan = written(draft, tmp_path / "mine", budget=100)
    assert len(recipe.abilities) == 11
    assert all(len(ability.sources) == 2 for ability in recipe.abilities.values())
    assert {s.generator for s in recipe.file_sources().values()} == {None, "gpt-4-0314"}
    assert set(plan.items.values()) == {10}
    # Reckoned with care: of the rows kept for scoring, those that are not among the ten items
    # leave the answers of the model to the same questions in training.
    for cell, rows in draft.supply.items():
        assert 0.7 * plan.supply[cell] <= rows <= 1.05 * plan.supply[cell]


def test_folders_in_which_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file in this folder"):
        drafted(tmp_path)
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "broken.jsonl").write_text("{")
    with pytest.raises(SourceError, match="can be read as instruction data") as caught:
        drafted(tmp_path)
    assert "broken.jsonl: not JSON" in str(caught.value)
    write(tmp_path, {"test.jsonl": questions(3)})
    with pytest.raises(UsageError, match="no file is left to train on"):
        drafted(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        *("plain", "null", "no", "1e5", "", " x", "a: b", "#", "~", "2020-01-01", "{{", "a\nb"),
        *("\x00\x1f\x85\xa0", "\ufeff", "\u2028", "'\"\\", "\U0001f600"),
    ],
)
def test_any_text_is_the_same_in_yaml(text: str) -> None:
    assert yaml.safe_load(f"key: {scalar(text)}  # {commented(text)}") == {"key": text}
