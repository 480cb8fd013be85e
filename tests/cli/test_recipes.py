"""validate, plan and diff: what they print, as tables and as JSON, and how they end."""

import json
from pathlib import Path

import pytest

from tests.project import write_project

LADDER = """
mixture: {counts: {sums: {human: 12}}}
ladder:
  sizes: [4, 16]
  designs:
    - {design: balanced, origins: {human: 1}, seeds: [1, 2]}
prices: {human: {per_row: 2.0}, synthetic: {per_row: 0.1}}
advise: {budget: 100}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return write_project(tmp_path, LADDER)


def test_warnings_are_shown_and_fail_only_where_that_is_asked_for(doitkit, recipe: Path) -> None:
    shown = doitkit("validate", recipe)
    assert shown.code == 0
    assert "small: valid; abilities: 2, sources: 3, warnings: 2" in shown.out
    assert "W203 all abilities grow together" in shown.err
    assert "  > 34 |   designs:" in shown.err
    assert doitkit("validate", recipe, "--strict").code == 2
    quiet = doitkit("validate", recipe, "--set", "advise.transfer=false", "--set",
                    "abilities.words.evaluate.items=5000", "--strict")  # fmt: skip
    assert (quiet.code, quiet.err) == (0, "")


def test_problems_come_as_json_for_editors_and_ci(doitkit, recipe: Path) -> None:
    fine = json.loads(doitkit("validate", recipe, "--json").out)
    assert fine["valid"] is True
    assert {w["code"] for w in fine["warnings"]} == {"W203", "W204"}
    assert fine["recipe"]["name"] == "small"
    text = recipe.read_text().replace("human: 12", "humam: 12").replace("seeds", "sedes")
    recipe.write_text(text)
    broken = doitkit("validate", recipe, "--json")
    assert broken.code == 2
    found = json.loads(broken.out)
    assert found["valid"] is False
    assert [(p["code"], p["line"], p["column"]) for p in found["problems"]] == [
        ("E123", 31, 27),
        ("E120", 35, 47),
    ]
    assert all(p["file"] == str(recipe) and p["next"] for p in found["problems"])


def test_the_resolved_recipe_is_a_recipe(doitkit, recipe: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text("doitkit: 1\nextends: recipe.yaml\nname: layered\nadvise: {budget: 7}\n")
    shown = doitkit("validate", layer, "--resolved", "--set", "seed=3")
    assert shown.code == 0
    whole = tmp_path / "whole.yaml"
    whole.write_text(shown.out)
    found = json.loads(doitkit("validate", whole, "--json").out)["recipe"]
    assert (found["name"], found["seed"], found["advise"]["budget"]) == ("layered", 3, 7)
    assert found["ladder"]["sizes"] == [4, 16]


def test_a_plan_shows_rows_runs_money_and_what_is_there(doitkit, recipe: Path) -> None:
    shown = doitkit("plan", recipe, "-q", "-w", recipe.parent / "ws")
    assert shown.code == 0
    for text in ("sums-by-people", "after curation", "human-16", "4 runs, of which 0 are done",
                 "annotation", "no dataset is built", "four bytes each"):  # fmt: skip
        assert text in shown.out
    assert "W203 all abilities" in shown.err
    assert not (recipe.parent / "ws").exists()
    assert doitkit("plan", recipe, "-q", "--strict", "-w", recipe.parent / "ws").code == 2
    plan = json.loads(doitkit("plan", recipe, "--json", "--set", "ladder.sizes=[8]").out)
    assert [line["rows"] for line in plan["ladder"]] == [16]
    assert {line["category"] for line in plan["money"]} == {
        "annotation", "training hours", "training",
    }  # fmt: skip


def test_a_plan_over_a_cap_is_an_error(doitkit, recipe: Path) -> None:
    over = ("--set", "mixture.counts.sums.human=50", "--set", "caps.annotation=19")
    refused = doitkit("plan", recipe, "-q", *over)
    assert refused.code == 2
    assert "E305 annotation would exceed the cap on annotation" in refused.err
    assert "20.00 usd needed for 10 sums/human rows; the cap is 19.00 usd" in refused.err
    assert "--set caps.annotation=19:1:6" in refused.err


def test_two_plans_side_by_side(doitkit, recipe: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text(
        "doitkit: 1\nextends: recipe.yaml\nname: layered\nmixture: {counts: {sums: {human: 20}}}\n"
    )
    shown = doitkit("diff", recipe, layer, "-q")
    assert shown.code == 0
    assert "sums/human" in shown.out
    assert "+8" in shown.out
    assert "agree" in shown.out
    found = json.loads(doitkit("diff", recipe, layer, "--json").out)
    assert (found["first"], found["second"], found["same"]) == ("small", "layered", False)
    assert json.loads(doitkit("diff", recipe, recipe, "--json").out)["same"] is True


def test_settings_that_make_no_sense_say_where(doitkit, recipe: Path) -> None:
    refused = doitkit("plan", recipe, "--set", "advise.budgets=2")
    assert refused.code == 2
    assert "--set advise.budgets=2:1:8: E120 unknown key `budgets`" in refused.err
    assert "did you mean `budget`?" in refused.err
    assert "E112" in doitkit("plan", recipe, "--set", "train").err


def test_refusals_come_as_json_where_that_is_asked_for(doitkit, recipe: Path) -> None:
    refused = doitkit("plan", recipe, "--json", "--set", "ladder.sizes=[4, 900]")
    assert refused.code == 2
    error = json.loads(refused.out)["error"]
    assert error["code"] == "E301"
    assert "human-900: 900 sums/human rows wanted, 40 left after curation" in error["why"]
    broken = doitkit("plan", recipe, "--json", "--set", "ladder.sises=[4]")
    (problem,) = json.loads(broken.out)["error"]["problems"]
    assert problem["code"] == "E120"
    assert "E120 unknown key" in broken.err
