"""`plan --simulate`: what it prints, as tables and as JSON, and what it refuses."""

import json
from pathlib import Path

import pytest

import doitkit as package
from tests.cli.conftest import refused
from tests.project import write_project

LADDER = """
ladder:
  sizes: [4, 12, 36]
  designs:
    - {design: balanced, origins: {human: 1}}
    - {design: unbalanced, runs: 5}
prices: {human: {per_row: 2.0}, synthetic: {per_row: 0.1}}
advise: {budget: 100}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return write_project(tmp_path, LADDER)


def test_a_plan_says_what_its_runs_will_resolve(doitkit, recipe: Path) -> None:
    workspace = recipe.parent / "ws"
    shown = doitkit("plan", recipe, "--simulate", "--worlds", "2", "-w", workspace)
    assert shown.code == 0
    parts = (
        "what the 9 runs will resolve, in 2 simulated worlds",
        "cannot tell",
        "off by a factor",
        "no rows",
        "width of its 80 % interval",
        "share that the equal split loses",
        "the ladder resolves",
    )
    for part in parts:
        assert part in shown.out
    assert "left to spend" in shown.out  # after the plan itself
    assert "simulating worlds: done" in shown.err
    assert not workspace.exists()

    plain = json.loads(doitkit("plan", recipe, "--json", "-w", workspace).out)
    found = json.loads(
        doitkit("plan", recipe, "--simulate", "--worlds", "2", "--json", "-w", workspace).out
    )
    simulated = found.pop("simulation")
    assert found == plain
    assert [ability["ability"] for ability in simulated["abilities"]] == ["sums", "words"]
    assert simulated["worlds"] == 2
    assert simulated["verdict"] in shown.out
    again = package.simulate(recipe, workspace, worlds=2)
    assert json.loads(json.dumps(again.as_json())) == simulated


def test_what_cannot_be_simulated_is_refused(doitkit, recipe: Path) -> None:
    text = recipe.read_text()
    recipe.write_text(text.replace("advise: {budget: 100}\n", ""))
    refused(doitkit("plan", recipe, "--simulate", "-q"), 2, "what may be spent", "`advise:`")
    assert doitkit("plan", recipe, "-q").code == 0
    recipe.write_text(text[: text.index("ladder:")] + text[text.index("prices:") :])
    refused(doitkit("plan", recipe, "--simulate", "-q"), 2, "declares no runs", "`ladder:`")
    assert doitkit("plan", recipe, "--simulate", "--worlds", "1").code == 2
