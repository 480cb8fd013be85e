"""The second door takes past curves, and says what was made of them."""

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from doitkit.advise import first_design
from doitkit.cli.main import app
from doitkit.core.errors import UsageError
from doitkit.growth.simulate import World, draw_world, observe

NAMES = ("code", "logic")


def world() -> World:
    return draw_world(8, abilities=NAMES, chance=[0.0, 0.25], transfer=False)


def written(folder: Path) -> list[str]:
    """Write runs of a world with their prices, and past curves of one of its abilities."""
    runs = first_design(11, 2, 2, np.array([600.0, 3000.0]))
    seen = observe(world(), np.concatenate([np.zeros((1, 2, 2)), runs]), seed=3)
    cells = [f"{ability}/{origin}" for ability in NAMES for origin in seen.origins]
    rows = [",".join(["run", *cells])]
    scores = ["run,ability,score,items,chance"]
    for r, counts in enumerate(seen.counts):
        rows.append(",".join([f"r{r}", *(f"{n:.0f}" for n in counts.ravel())]))
        for a, ability in enumerate(NAMES):
            scores.append(f"r{r},{ability},{seen.scores[r, a]},200,{world().chance[a]}")
    past = ["ability,curve,rows,score"]
    for model in range(3):
        for size in np.geomspace(10, 20_000, 8):
            counts = np.zeros((1, 2, 2))
            counts[0, 0, 0] = size * 1.2**model
            past.append(f"code,model {model},{size:.0f},{world().scores(counts)[0, 0]:.4f}")
    (folder / "runs.csv").write_text("\n".join(rows))
    (folder / "scores.csv").write_text("\n".join(scores))
    (folder / "past.csv").write_text("\n".join(past))
    (folder / "prices.yaml").write_text("prices: {human: {per_row: 1}, synthetic: {per_row: 0.1}}")
    given = {"compositions": "runs.csv", "scores": "scores.csv", "prices": "prices.yaml"}
    options = [part for key, file in given.items() for part in (f"--{key}", str(folder / file))]
    return ["recommend", *options, "--budget", "800usd", "--json"]


def notes(command: list[str]) -> str:
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    return "\n".join(json.loads(done.stdout)["notes"])


def test_past_curves_are_taken_and_their_part_is_told(tmp_path: Path) -> None:
    command = written(tmp_path)
    assert "no past curves of these abilities are known" in notes(command)
    told = notes([*command, "--history", str(tmp_path / "past.csv")])
    assert "code: 3 past curves say how it goes on up to" in told
    assert "no past curves" not in told


def test_a_past_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    command = written(tmp_path)
    (tmp_path / "past.csv").write_text("ability,curve,rows,score\ncode,a,10,40\n")
    done = CliRunner().invoke(app, [*command, "--history", str(tmp_path / "past.csv")])
    assert isinstance(done.exception, UsageError)
    assert done.exception.where == "past.csv:2:score"
