"""What a recipe asks of the advisor: every key of `advise` is heard, and bad ones are named."""

from pathlib import Path

import numpy as np
import pytest

from doitkit.advise import Machine, Recommendation, answer, question_of
from doitkit.cli import show
from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell
from doitkit.growth import GrowthFit, fit_growth
from doitkit.mix import Stock
from doitkit.recipe import Recipe, recipe_from_text
from tests.advise.test_recommend import ABILITIES, WORLD, _stock, _today, recipe_text
from tests.growth.worlds import design, observe

CELLS = [Cell(a, o) for a in ABILITIES for o in ("human", "synthetic")]


@pytest.fixture(scope="module")
def fit() -> GrowthFit:
    return fit_growth(observe(WORLD, design(4, unbalanced=8)))


def recipe_of(advise: str, mixture: str = "") -> Recipe:
    text = recipe_text(f"advise: {{{advise}}}")
    if mixture:
        text = text.replace("mixture:\n", f"mixture:\n  {mixture}\n")
    return recipe_from_text(text, Path("world.yaml"))


def asked(
    fit: GrowthFit,
    advise: str,
    *,
    supply: int = 400,
    machine: Machine | None = None,
    mixture: str = "",
    tokens: int = 100,
) -> Recommendation:
    recipe = recipe_of(advise, mixture)
    priced = _stock(recipe, dict.fromkeys(CELLS, supply))
    stock = Stock(priced.rows, lambda cell: [tokens] * 3, priced.price)
    question = question_of(recipe, fit.seen, _today(recipe), stock, machine=machine)
    return answer(question, fit)


def bought(found: Recommendation) -> dict[Cell, int]:
    return {p.cell: p.rows for p in found.purchases}


def test_every_limit_is_kept_and_stated(fit: GrowthFit) -> None:
    found = asked(
        fit,
        "budget: 1000, limits: {rows: 900, tokens: 60000, gpu_hours: 0.5}",
        machine=Machine(hours_per_row=0.001),
    )
    rows = sum(bought(found).values())
    assert rows <= 500  # which is what half an hour takes
    used = {limit.name: limit for limit in found.limits}
    assert used["tokens"].used == 100 * rows
    assert used["hours of training"].used == pytest.approx(0.001 * rows)
    assert all(limit.used <= limit.amount for limit in found.limits)
    assert any("the limit on hours of training is reached" in note for note in found.notes)


def test_what_is_frozen_or_capped_is_not_bought(fit: GrowthFit) -> None:
    found = bought(
        asked(
            fit,
            "budget: 3000, frozen: [quick, late/human], "
            "buy_at_most: {slow: {human: 55, synthetic: 0}}",
        )
    )
    assert found[Cell("quick", "human")] == found[Cell("quick", "synthetic")] == 0
    assert found[Cell("late", "human")] == 0
    assert found[Cell("slow", "human")] == 50  # in lots of 10
    assert found[Cell("slow", "synthetic")] == 0
    assert found[Cell("late", "synthetic")] > 0


def test_an_origin_can_be_frozen(fit: GrowthFit) -> None:
    found = bought(asked(fit, "budget: 1000, frozen: [human]"))
    assert not any(n for cell, n in found.items() if cell.origin == "human")
    assert any(found.values())


def test_with_everything_frozen_nothing_is_bought_and_the_diagnosis_stands(fit: GrowthFit) -> None:
    found = asked(fit, "budget: 1000, frozen: [human, synthetic]")
    assert not any(bought(found).values())
    assert found.plan == found.equal == found.today
    assert "nothing can be bought: everything is frozen" in found.notes
    assert len(found.abilities) == 4
    assert found.next_runs


def test_a_budget_of_zero_buys_nothing_but_says_what_to_run_next(fit: GrowthFit) -> None:
    found = asked(fit, "budget: 0")
    assert not any(bought(found).values())
    assert found.notes[0].startswith("nothing can be bought for 0 usd")
    assert found.next_runs[0].information > 0
    assert found.better == 0.5
    assert found.regret.high == 0


def test_a_budget_beyond_all_supply_buys_all_that_helps_and_says_what_is_left(
    fit: GrowthFit,
) -> None:
    found = asked(fit, "budget: 1e6, supply: available", supply=60)
    rows = bought(found)
    assert all(n <= 60 for n in rows.values())
    assert rows[Cell("quick", "human")] == 40  # 20 are held
    assert any("stay unspent: the supply is used up" in note for note in found.notes)


def test_rows_may_be_repeated_as_often_as_the_mixture_allows(fit: GrowthFit) -> None:
    found = asked(
        fit, "budget: 1e6, supply: available", supply=60, mixture="repeat_at_most: 3"
    )  # fmt: skip
    assert max(n for _, n in found.plan.counts) == 180
    assert any("are repeats of others" in note for note in found.notes)


def test_minimum_scores_come_first_and_what_cannot_be_met_is_said(fit: GrowthFit) -> None:
    plain = asked(fit, "budget: 400")
    late = next(a for a in plain.abilities if a.diagnosis.ability == "late")
    wanted = late.after.middle + 0.03
    found = asked(fit, f"budget: 400, min_scores: {{late: {wanted}}}")
    assert found.min_scores[0].met
    human = Cell("late", "human")
    assert bought(found)[human] > bought(plain)[human]
    assert found.gain.middle < plain.gain.middle + 1e-3  # it is paid for by the other abilities
    beyond = asked(fit, "budget: 400, min_scores: {late: 0.97, slow: 0.4}")
    missed = {score.outcome: score.met for score in beyond.min_scores}
    assert not missed["late"]
    assert any("late" in note and "no purchase reaches it" in note for note in beyond.notes)


def test_the_worst_ability_and_the_worst_case_can_be_what_counts(fit: GrowthFit) -> None:
    mean, worst, cvar = (
        asked(fit, f"budget: 500, objective: {kind}, tail: 0.1")
        for kind in ("mean", "worst", "cvar")
    )

    def lowest(found: Recommendation) -> float:
        return min(a.after.middle for a in found.abilities)

    assert lowest(worst) > lowest(mean)
    assert worst.objective == "the worst score"
    assert "worst 10%" in cvar.objective

    def in_the_worst_draws(found: Recommendation) -> float:
        rows = [float(found.plan[cell]) for cell in CELLS]
        counts = np.array(rows).reshape(1, len(ABILITIES), 2)
        values = np.sort(fit.forecast(counts)[:, 0].mean(axis=1))
        return float(values[:10].mean())

    assert in_the_worst_draws(cvar) >= in_the_worst_draws(mean) - 1e-4


def test_the_answer_says_what_it_would_cost_to_be_wrong_and_what_would_do(fit: GrowthFit) -> None:
    found = asked(fit, "budget: 2000")
    assert 0 <= found.regret.mean <= found.regret.high
    cheapest = found.cheapest
    assert cheapest.spent <= found.spent
    assert cheapest.worse < 0.2
    for cell, n in cheapest.plan.counts:
        assert n <= found.plan[cell]
    lines = [p for p in found.purchases if p.rows]
    assert all(p.gain.low <= p.gain.middle <= p.gain.high for p in lines)
    assert all(p.gain.high > 0 for p in lines)
    assert found.optimality_gap < 0.1
    assert found.as_json()["next_runs"][0]["cost"] > 0


def test_a_plan_within_the_gain_that_counts_may_cost_nothing(fit: GrowthFit) -> None:
    found = asked(fit, "budget: 200, min_gain: 0.9")
    assert found.cheapest.spent == 0
    assert found.cheapest.plan == found.today


@pytest.mark.parametrize(
    ("advise", "said", "step"),
    [
        ("budget: 9, frozen: [latte]", "there is no `latte`", "did you mean `late`"),
        ("budget: 9, frozen: [late/programmatic]", "there is no `late/programmatic`", "late/"),
        ("budget: 9, min_scores: {quik: 0.5}", "named `quik`", "did you mean `quick`"),
        ("budget: 9, buy_at_most: {slow: {programmatic: 3}}", "no `slow/programmatic`", "slow/"),
        ("budget: 9, limits: {gpu_hours: 2}", "no run was timed", "train --first 2"),
    ],
)
def test_what_the_recipe_does_not_hold_is_named(
    fit: GrowthFit, advise: str, said: str, step: str
) -> None:
    with pytest.raises(UsageError) as caught:
        asked(fit, advise)
    assert said in caught.value.what
    assert step in str(caught.value.next_step)
    assert "world.yaml:" in str(caught.value.where)


def test_a_missing_price_is_named(fit: GrowthFit) -> None:
    recipe = recipe_of("budget: 100")
    unpriced = Stock(dict.fromkeys(CELLS, 10), price=lambda cell: None)
    with pytest.raises(UsageError, match="no price is given for human rows") as caught:
        question_of(recipe, fit.seen, _today(recipe), unpriced)
    assert caught.value.next_step == "add `human: {per_row: ...}` to `prices`"


def test_rows_that_no_run_holds_are_left_out_with_a_word() -> None:
    counts = design(4, unbalanced=8)
    seen = observe(WORLD, counts)
    human = type(seen)(
        seen.abilities,
        ("human",),
        seen.runs,
        counts[..., :1],
        seen.scores,
        seen.stderrs,
        seen.chance,
    )
    recipe = recipe_of("budget: 100")
    question = question_of(recipe, human, _today(recipe), _stock(recipe, {}))
    assert "no run holds synthetic rows" in question.assumptions[0]


def test_all_of_it_is_shown(fit: GrowthFit, capsys: pytest.CaptureFixture[str]) -> None:
    show.recommendation(asked(fit, "budget: 500, limits: {rows: 800}, min_scores: {late: 0.99}"))
    shown = capsys.readouterr().out
    for part in (
        "what each line of the purchase brings",
        "cheapest within noise",
        "equal split",
        "today",
        "if the laws are wrong",
        "what to run next",
        "800 rows",
        "0.99 asked for: missed",
    ):
        assert part in shown
