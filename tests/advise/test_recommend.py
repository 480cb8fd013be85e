from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doitkit.advise import (
    Machine,
    Recommendation,
    gather,
    recommend,
    timed,
    write_next_recipe,
)
from doitkit.advise.next_recipe import next_recipe_text
from doitkit.core.errors import FitError, SourceError, UsageError
from doitkit.core.origins import Cell
from doitkit.evaluate import Score
from doitkit.mix import Mixture, Stock, mixture_of
from doitkit.plan import stock_of
from doitkit.recipe import Recipe, load_recipe, recipe_from_text
from doitkit.recipe.prices import Prices
from doitkit.train import Run
from tests.growth.worlds import World, design, observe, two_origin_world

ABILITIES = ("quick", "slow", "flat", "late")
WORLD: World = two_origin_world()


def recipe_text(advise: str = "advise: {budget: 1000, lot: 10}") -> str:
    sources = "\n".join(
        f"  {a}_human: {{path: {a}.jsonl, format: messages, origin: human}}\n"
        f"  {a}_gpt: {{path: {a}-gpt.jsonl, format: messages, origin: synthetic}}"
        for a in ABILITIES
    )
    abilities = "\n".join(
        f"  {a}: {{sources: [{a}_human, {a}_gpt], evaluate: "
        f"{{path: {a}-eval.jsonl, format: prompt_completion, metric: exact_match}}}}"
        for a in ABILITIES
    )
    return (
        "doitkit: 1\nname: world\n# a comment that must survive\n"
        f"sources:\n{sources}\nabilities:\n{abilities}\n"
        "mixture:\n  counts:\n    quick: {human: 20}  # held today\n\n"
        "prices: {human: {per_row: 1.0}, synthetic: {per_row: 0.1}}\n" + advise + "\n"
    )


def _stock(recipe: Recipe, supply: dict[Cell, int]) -> Stock:
    return stock_of(recipe, supply, lambda _: [])


def _today(recipe: Recipe) -> Mixture:
    return mixture_of("today", recipe.mixture, _stock(recipe, {}))


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return recipe_from_text(recipe_text(), tmp_path / "world.yaml")


@pytest.fixture(scope="module")
def advice() -> Recommendation:
    found = recipe_from_text(recipe_text(), Path("world.yaml"))
    seen = observe(WORLD, design(4, unbalanced=12))
    return recommend(found, seen, _today(found), _stock(found, {}))


def test_the_advice_stays_within_the_budget_and_adds_to_what_is_held(
    advice: Recommendation,
) -> None:
    assert 0 < advice.spent <= advice.budget
    assert advice.plan[Cell("quick", "human")] >= 20
    assert sum(p.cost for p in advice.purchases) == pytest.approx(advice.spent)


def test_the_advice_beats_the_equal_split_in_the_true_world(advice: Recommendation) -> None:
    def truth(mixture: Mixture) -> float:
        counts = np.array(
            [[[mixture[Cell(a, "human")], mixture[Cell(a, "synthetic")]] for a in ABILITIES]],
            dtype=float,
        )
        return float(WORLD.scores(counts).mean())

    assert truth(advice.plan) > truth(advice.equal)
    gained = truth(advice.plan) - truth(advice.today)
    assert advice.gain.low - 0.03 < gained < advice.gain.high + 0.03


def test_every_number_has_an_interval_and_the_marginals_level_out(advice: Recommendation) -> None:
    assert advice.gain.low <= advice.gain.middle <= advice.gain.high
    after = [a.marginal_after for a in advice.abilities]
    before = [a.marginal_before for a in advice.abilities]
    assert max(after) <= max(before)
    for purchase in advice.purchases:
        assert purchase.interval.low <= purchase.interval.high


def test_supply_limits_the_purchase(recipe: Recipe) -> None:
    text = recipe_text("advise: {budget: 1000, supply: available}")
    limited = recipe_from_text(text, recipe.file)
    supply = {
        Cell(a, o): 60 if o == "human" else 100 for a in ABILITIES for o in ("human", "synthetic")
    }
    seen = observe(WORLD, design(4, unbalanced=8))
    found = recommend(limited, seen, _today(limited), _stock(limited, supply))
    assert all(n <= supply[cell] for cell, n in found.plan.counts)
    assert any("supply is used up" in note for note in found.notes)


def test_without_a_budget_there_is_no_advice(recipe: Recipe) -> None:
    text = recipe_text("")
    without = recipe_from_text(text, recipe.file)
    with pytest.raises(UsageError, match="what may be spent"):
        recommend(
            without, observe(WORLD, design(4, 0)), Mixture.of("today", {}), _stock(without, {})
        )


def test_the_next_recipe_is_the_last_one_with_another_mixture(
    recipe: Recipe, advice: Recommendation
) -> None:
    file = write_next_recipe(recipe, recipe_text(), advice)
    changed = file.read_text()
    assert "# a comment that must survive" in changed
    loaded = load_recipe(file)
    assert _today(loaded) == advice.plan
    kept = [line for line in recipe_text().splitlines() if line in changed.splitlines()]
    assert len(kept) >= len(recipe_text().splitlines()) - 4


def test_a_recipe_without_mixture_gets_one(recipe: Recipe, advice: Recommendation) -> None:
    text = recipe_text().replace(
        "mixture:\n  counts:\n    quick: {human: 20}  # held today\n\n", ""
    )
    changed = next_recipe_text(text, advice)
    assert _today(recipe_from_text(changed, recipe.file)) == advice.plan


Counts = dict[str, dict[str, int]]


def run(name: str, mixture: Counts, trained: Counts | None = None) -> Run:
    return Run(
        run_id=name,
        name=name,
        dataset_id="d",
        base_model="m",
        base_path="m",
        base_hash="h",
        n_params=1,
        method="full",
        seed=1,
        config_hash="c",
        train_loss=None,
        wall_s=1.0,
        device="cpu",
        dtype="float32",
        mixture=mixture,
        trained=mixture if trained is None else trained,
    )


def score(run_id: str, metric: str, value: float, stderr: float, chance: float) -> Score:
    return Score(run_id, "math", "t", metric, value, stderr, 100, chance, 0, "x")  # type: ignore[arg-type]


def test_rows_that_were_too_long_explain_no_score() -> None:
    short = run("r", {"math": {"human": 30}}, trained={"math": {"human": 21}})
    runs = [run("base", {}), short, run("s", {"math": {"human": 5}})]
    seen = gather(
        runs, [score(r.run_id, "exact_match", 0.5, 0.1, 0.0) for r in runs], ["math"], "human"
    )
    assert seen.counts.ravel().tolist() == [0, 21, 5]


def test_bits_per_byte_become_probabilities_of_a_byte() -> None:
    runs = [run(str(i), {"math": {"human": 10**i}}) for i in range(3)]
    scores = [score(str(i), "bits_per_byte", 3.0 - i, 0.1, 8.0) for i in range(3)]
    seen = gather(runs, scores, ["math"], "human")
    np.testing.assert_allclose(seen.scores[:, 0], [0.125, 0.25, 0.5])
    np.testing.assert_allclose(seen.stderrs[:, 0], np.log(2) * seen.scores[:, 0] * 0.1)
    assert seen.chance[0] == pytest.approx(1 / 256)


def test_an_ability_without_scores_is_named() -> None:
    runs = [run("a", {"math": {"human": 10}})]
    with pytest.raises(FitError, match="no run was scored on law"):
        gather(runs, [score("a", "exact_match", 0.5, 0.1, 0.0)], ["math", "law"], "human")


def test_the_time_of_a_row_comes_from_the_runs_that_were_timed() -> None:
    prices = Prices(gpu_hour=3.0, cpu_hour=0.5)
    on_cpu = replace(run("a", {"math": {"human": 100}}), wall_s=3600.0)
    base = run("base", {})
    assert timed([base], prices) is None
    assert timed([base, on_cpu], prices) == Machine(0.01, 0.5)
    on_two = replace(on_cpu, gpus=2)
    found = timed([on_two], prices)
    assert found == Machine(0.02, 3.0)
    assert found.price_per_row == pytest.approx(0.06)


def test_a_recipe_names_its_history(tmp_path: Path) -> None:
    seen = observe(WORLD, design(4, unbalanced=8))
    points = [
        f"slow,m{m},{n},{0.8 * n / (n + 300 + m)}" for m in (0, 9) for n in (10, 99, 999, 9999)
    ]
    (tmp_path / "past.csv").write_text("\n".join(["ability,curve,rows,score", *points]))
    text = recipe_text("advise: {budget: 1000, lot: 10, history: [past.csv]}")
    recipe = recipe_from_text(text, tmp_path / "world.yaml")
    advice = recommend(recipe, seen, _today(recipe), _stock(recipe, {}))
    assert any(note.startswith("slow: 2 past curves say how it goes on") for note in advice.notes)
    missing = recipe_from_text(text.replace("past.csv", "lost.csv"), tmp_path / "world.yaml")
    with pytest.raises(SourceError, match="no such file"):
        recommend(missing, seen, _today(missing), _stock(missing, {}))
