"""Reading past curves from files, and making them of earlier models' runs."""

from pathlib import Path

import numpy as np
import pytest

from doitkit.advise import first_design, read_past
from doitkit.advise.past import curves_of, joined
from doitkit.core.errors import UsageError
from doitkit.growth.simulate import draw_world, observe

HEAD = "ability,curve,rows,score,chance,stderr\n"
POINTS = "".join(f"code,old,{rows},{score},0.2,0.01\n" for rows, score in
                 ((0, 0.2), (100, 0.3), (200, 0.4), (400, 0.5), (800, 0.6)))  # fmt: skip


def written(folder: Path, text: str) -> list[Path]:
    file = folder / "past.csv"
    file.write_text(text, encoding="utf-8")
    return [file]


def test_scores_become_what_is_left_to_learn(tmp_path: Path) -> None:
    past = read_past(written(tmp_path, HEAD + POINTS))
    (curve,) = past["code"]
    np.testing.assert_allclose(curve.sizes, [100, 200, 400, 800])
    np.testing.assert_allclose(curve.left, [0.875, 0.75, 0.625, 0.5])
    np.testing.assert_allclose(curve.stderrs, 0.0125)


def test_losses_are_taken_as_they_are_and_order_does_not_matter(tmp_path: Path) -> None:
    text = "model,ability,n,loss\n" + "".join(
        f"m{model},logic,{rows},{3 - model - rows / 1000}\n"
        for rows in (800, 100, 400, 200)
        for model in (0, 1)
    )
    past = read_past(written(tmp_path, text))
    assert [len(curve.sizes) for curve in past["logic"]] == [4, 4]
    np.testing.assert_allclose(past["logic"][0].left, [2.9, 2.8, 2.6, 2.2])


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("curve,rows,score\na,1,0.5\n", "no column `ability`", "past.csv"),
        ("ability,curve,rows\na,b,1\n", "no column `score`", "past.csv"),
        (HEAD + "code,old,100,45,0.2,\n", "a past score is 45", "past.csv:2:score"),
        (HEAD + POINTS + "code,old,800,0.7,0.2,\n", "two points at 800 rows", "past.csv:7:rows"),
        (HEAD + "code,old,100,0.4,0.2,\n", "has 1 points", "past.csv:2:rows"),
        (HEAD + "code,old,-5,0.4,0.2,\n", "cannot hold -5", "past.csv:2:rows"),
    ],
)
def test_a_past_that_cannot_be_one_says_why_and_where(
    tmp_path: Path, text: str, what: str, where: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read_past(written(tmp_path, text))
    assert what in caught.value.what
    assert caught.value.where == where
    assert caught.value.next_step


def test_an_earlier_models_runs_become_a_curve_for_each_ability() -> None:
    world = draw_world(5, abilities=3, transfer=False)
    design = first_design(15, 3, 2, np.tile([1600.0, 4000.0], (3, 1)))
    seen = observe(world, np.concatenate([np.zeros((1, 3, 2)), design]), seed=1)
    curves = curves_of(seen)
    assert set(curves) == set(world.abilities)
    for a, ability in enumerate(world.abilities):
        counts = np.zeros((len(curves[ability].sizes), 3, 2))
        counts[:, a, 0] = curves[ability].sizes
        truth = 1 - (world.scores(counts)[:, a] - world.chance[a]) / (1 - world.chance[a])
        assert np.abs(curves[ability].left - truth).max() < 0.12
    assert curves[world.abilities[0]].sizes[-1] == pytest.approx(1600)


def test_runs_of_one_size_say_nothing_of_growth() -> None:
    world = draw_world(5, abilities=2, transfer=False)
    counts = np.zeros((6, 2, 2))
    counts[1:, 0, 0] = 100
    counts[1:, 1, 0] = [10, 20, 40, 80, 160]
    curves = curves_of(observe(world, counts, seed=1))
    assert set(curves) == {world.abilities[1]}


def test_pasts_are_joined_ability_by_ability(tmp_path: Path) -> None:
    past = read_past(written(tmp_path, HEAD + POINTS))
    both = joined(past, {**past, "logic": past["code"]})
    assert {name: len(curves) for name, curves in both.items()} == {"code": 2, "logic": 1}
