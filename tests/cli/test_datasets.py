"""inspect and diff: what they print of built datasets, as tables and as JSON."""

import json
from pathlib import Path

import pytest

from tests.build.rich import write_rich
from tests.cli.conftest import refused
from tests.curate.semantic.made import write_static
from tests.project import write_project, write_rows


@pytest.fixture
def rich(doitkit, tmp_path: Path) -> tuple[Path, Path]:
    """A recipe and the folder of its dataset."""
    recipe = write_rich(tmp_path)
    built = doitkit("build", recipe, "-w", tmp_path / "ws", "-q", "--json")
    return recipe, Path(json.loads(built.out)["folder"])


def test_a_dataset_is_shown_by_its_recipe_and_by_its_folder(
    doitkit, tmp_path: Path, rich: tuple[Path, Path]
) -> None:
    recipe, folder = rich
    by_recipe = doitkit("inspect", recipe, "-w", tmp_path / "ws")
    by_folder = doitkit("inspect", folder)
    assert (by_recipe.code, by_folder.code) == (0, 0)
    assert by_recipe.out == by_folder.out
    for text in (
        "recipe small, seed 7",
        "sums-by-people",
        "the flow of rows",
        "rows left out",
        "an item of sums.evaluate",
        "who lost rows to whom",
        "position 0",
        "user: ",
        "lengths at",
        "items: sums 10, words 5",
    ):
        assert text in by_recipe.out


def test_rows_reasons_and_parts_are_shown_as_asked_for(doitkit, rich: tuple[Path, Path]) -> None:
    _, folder = rich
    shown = doitkit("inspect", folder, "--rows", 3, "--ability", "words").out
    assert shown.count("  user: ") == 3
    assert "sums-by-people" not in shown
    shown = doitkit("inspect", folder, "--rows", 0, "--rejects", "--source", "sums-by-model").out
    assert "user: " not in shown
    assert "happy to help" in shown
    assert "sums-model.jsonl:41" in shown
    refused(
        doitkit("inspect", folder, "--ability", "chess"), 2, "no ability `chess`", "sums, words"
    )


def test_all_that_dedup_has_to_say_is_shown(doitkit, tmp_path: Path) -> None:
    write_static(tmp_path / "tiny")
    recipe = write_project(
        tmp_path, "curate: {near: {similarity: 0.6, ngram: 2}, semantic: {model: tiny}}\n", rows=2
    )
    question = "What is the sum of the two numbers four and"
    template = "Count upward from one in steps of one until you have come to the number"
    write_rows(
        tmp_path / "sums-human.jsonl",
        (
            {"prompt": prompt, "completion": "dog"}
            for prompt in ("big cat", "large cat", "small cat", "small cat")
        ),
    )
    write_rows(
        tmp_path / "sums-model.jsonl",
        ({"prompt": f"{question} {n}?", "completion": "I know."} for n in ("five", "six")),
    )
    write_rows(
        tmp_path / "words-human.jsonl",
        ({"prompt": f"{template} {n}", "completion": "Gladly."} for n in range(9)),
    )
    assert doitkit("build", recipe, "-w", tmp_path / "ws", "-q").code == 0
    shown = doitkit("inspect", recipe, "-w", tmp_path / "ws", "--rows", 0).out
    _, _, losses = shown.partition("who lost rows to whom")
    told = {tuple(part.strip() for part in line.split("│")[1:5]) for line in losses.splitlines()}
    assert {
        ("sums-by-people", "sums-by-people", "1", "equal"),
        ("sums-by-people", "sums-by-people", "1", "semantic"),
        ("sums-by-model", "sums-by-model", "1", "alike"),
        ("words-by-people", "words-by-people", "8", "alike, kept"),
    } <= told
    assert "`words-by-people` keeps its 9 rows" in losses
    assert "`sums-by-model`: 1 of 1 rows were not compared by what they say" in losses


def test_tokens_are_counted_where_there_is_a_tokenizer(doitkit, project: Path) -> None:
    recipe, place = project / "recipe.yaml", project / "ws"
    folder = json.loads(doitkit("build", recipe, "-w", place, "-q", "--json").out)["folder"]
    assert "tokens ┃" in doitkit("inspect", recipe, "-w", place).out
    for which, units in ((recipe, {"tokens"}), (folder, set())):
        found = json.loads(doitkit("inspect", which, "-w", place, "--json").out)
        assert {one["unit"] for one in found["lengths"]} == {"characters", "words", *units}


def test_an_inspection_is_json(doitkit, rich: tuple[Path, Path]) -> None:
    found = json.loads(doitkit("inspect", rich[1], "--json", "--rows", 1).out)
    assert found["recipe"] == "small"
    assert len(found["samples"]) == 3
    assert found["samples"][0]["messages"][0]["role"] == "user"
    assert sum(count["rows"] for count in found["counts"]) == sum(
        part["left"] for part in found["flow"] if part["step"] == "decontaminate"
    )


def test_what_a_screen_obeys_is_not_shown(doitkit, tmp_path: Path) -> None:
    recipe = write_project(tmp_path, "curate: {normalize: false}\n")
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write(json.dumps({"prompt": "\x1b[31mred[/b]", "completion": ":smile:"}) + "\n")
    doitkit("build", recipe, "-w", tmp_path / "ws", "-q")
    shown = doitkit("inspect", recipe, "-w", tmp_path / "ws", "--rows", 50).out
    assert "\x1b" not in shown
    assert "[31mred[/b]" in shown
    assert ":smile:" in shown


def test_what_is_not_built_or_damaged_says_what_comes_first(
    doitkit, tmp_path: Path, rich: tuple[Path, Path]
) -> None:
    recipe, folder = rich
    refused(doitkit("inspect", recipe, "-w", tmp_path / "none"), 2, "not built", "doitkit build")
    refused(doitkit("inspect", tmp_path / "nowhere"), 2, "does not exist")
    doitkit("build", recipe, "-w", tmp_path / "ws", "-q", "--parquet", tmp_path / "out")
    refused(doitkit("inspect", tmp_path / "out"), 2, "a copy of a dataset as Parquet")
    old = tmp_path / "old"
    old.mkdir()
    (old / "manifest.json").write_text('{"doitkit": "0.0.1"}')
    refused(doitkit("inspect", old), 2, "another version of doitkit", "build it again")
    (folder / "train" / "data-00000-of-00001.arrow").write_bytes(b"")
    refused(doitkit("inspect", folder), 1, "damaged", f"remove {folder}, ")
    (folder / "manifest.json").write_text("{")
    refused(doitkit("inspect", folder), 1, "damaged", "manifest.json")


def test_two_datasets_side_by_side(doitkit, tmp_path: Path, rich: tuple[Path, Path]) -> None:
    recipe, folder = rich
    other = tmp_path / "other.yaml"
    other.write_text("doitkit: 1\nextends: recipe.yaml\nname: other\ncurate: {max_chars: 40}\n")
    refused(
        doitkit("diff", recipe, other, "--built", "-w", tmp_path / "ws"), 2, "`other`", "not built"
    )
    built = doitkit("build", other, "-w", tmp_path / "ws", "-q", "--json")
    second = json.loads(built.out)["folder"]
    ways = [
        doitkit("diff", recipe, other, "--built", "-w", tmp_path / "ws"),
        doitkit("diff", folder, second),
        doitkit("diff", recipe, second, "-w", tmp_path / "ws"),
    ]
    assert [way.code for way in ways] == [0, 0, 0]
    (shown,) = {way.out.partition("settings")[2] for way in ways}
    for text in ("curate.max_chars", "words-by-people", "only in the first", "left out"):
        assert text in shown
    found = json.loads(doitkit("diff", folder, second, "--json").out)
    assert found["same"] is False
    assert found["settings"][0]["key"] == "name"
    assert json.loads(doitkit("diff", folder, folder, "--json").out)["same"] is True
    assert "both hold the same rows and items" in doitkit("diff", folder, folder).out


def test_plans_are_compared_where_no_dataset_is_named(doitkit, rich: tuple[Path, Path]) -> None:
    recipe, _ = rich
    shown = doitkit("diff", recipe, recipe, "-q")
    assert shown.code == 0
    assert "quantities agree" in shown.out


def test_a_dataset_is_written_as_parquet(doitkit, tmp_path: Path, rich: tuple[Path, Path]) -> None:
    recipe, _ = rich
    build = ("build", recipe, "-w", tmp_path / "ws", "-q", "--parquet")
    shown = doitkit(*build, tmp_path / "out")
    assert f"as Parquet: {tmp_path / 'out'}" in shown.out
    assert (tmp_path / "out" / "train-00000-of-00001.parquet").is_file()
    assert doitkit(*build, tmp_path / "out").code == 0
    refused(doitkit(*build, tmp_path), 2, "something already", "name a new folder")
