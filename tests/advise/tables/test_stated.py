"""What is taken for granted in reading tables is said with the answer, and the answer is sound."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doitkit.advise.mixing_outliers import far_off
from doitkit.advise.mixture_advice import MixtureAdvice
from doitkit.advise.own_tables import recommend_from_tables
from doitkit.advise.recommendation import Recommendation
from doitkit.advise.tables import (
    compositions_of,
    join,
    read_sheet,
    scores_of,
)
from doitkit.growth import Observations
from tests.advise.tables.made import (
    COMPOSITIONS,
    LOSSES,
    PRICES,
    SCORES,
    WEIGHTS,
    only,
    without,
    write,
)


def told(folder: Path, **tables: Any) -> tuple[Observations, str]:
    asked = write(folder, **tables)
    made = compositions_of(read_sheet(asked.compositions))
    found = join(made, scores_of(read_sheet(asked.scores)), "human")
    assert isinstance(found.told, Observations)
    return found.told, "\n".join(found.assumptions)


def advised(folder: Path, **tables: Any) -> tuple[Recommendation, str]:
    found = recommend_from_tables(write(folder, **tables))
    assert isinstance(found, Recommendation)
    finite(json.loads(json.dumps(found.as_json())))
    return found, "\n".join([*found.assumptions, *found.notes])


def mixed(folder: Path, **tables: Any) -> tuple[MixtureAdvice, str]:
    tables = {"compositions": WEIGHTS, "scores": LOSSES, "prices": None, "budget": None} | tables
    found = recommend_from_tables(write(folder, **tables))
    assert isinstance(found, MixtureAdvice)
    finite(json.loads(json.dumps(found.as_json())))
    return found, "\n".join([*found.assumptions, *found.notes])


def finite(value: object) -> None:
    """No answer holds a number that is none."""
    if isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, dict):
        for inner in value.values():
            finite(inner)
    elif isinstance(value, list):
        for inner in value:
            finite(inner)


def long(**values: str) -> str:
    """The scores as a long table, with further columns."""
    head, *lines = SCORES.splitlines()
    names = head.split(",")[1:]
    rows = [
        ",".join([line.split(",")[0], name, score, *values.values()])
        for line in lines
        for name, score in zip(names, line.split(",")[1:], strict=True)
    ]
    return "\n".join([",".join(["run", "ability", "score", *values]), *rows])


def test_the_growth_law_answers_from_tables(tmp_path: Path) -> None:
    found, said = advised(tmp_path)
    assert 0 < found.spent <= found.budget == 2000
    assert found.unit == "usd"
    assert {str(p.cell) for p in found.purchases if p.rows} <= {
        "code/human", "code/synthetic", "math/human", "math/synthetic"
    }  # fmt: skip
    assert found.gain.low > 0
    for sentence in (
        "chance is not stated for `code`, `math`: taken as 0",
        "standard errors of `code`, `math` missing: taken from 200 items",
        "the compositions are taken for rows",
        "nothing is held today",
    ):
        assert sentence in said


def test_percent_are_read_as_such(tmp_path: Path) -> None:
    seen, _ = told(tmp_path)
    percent = "\n".join(
        ",".join([line.split(",")[0], *(f"{100 * float(x):g}" for x in line.split(",")[1:])])
        for line in SCORES.splitlines()[1:]
    )
    again, said = told(tmp_path, scores=f"run,code,math\n{percent}\n")
    np.testing.assert_allclose(seen.scores, again.scores)
    np.testing.assert_allclose(seen.stderrs, again.stderrs)
    assert "scores of `code`, `math` are read as percent" in said


def test_fractions_beside_an_outcome_in_percent_are_pointed_at(tmp_path: Path) -> None:
    scores = "run,code,math\nbase,10,0.05\na,25,0.2\nb,40,0.24\nc,30,0.38\n"
    seen, said = told(tmp_path, scores=scores)
    assert seen.scores[2].tolist() == [0.4, 0.24]
    assert "scores of `math` are read as fractions, beside others in percent" in said


def test_a_low_percentage_can_be_stated(tmp_path: Path) -> None:
    scores = "run,ability,score,metric\n" + "".join(
        f"{run},{ability},{score},percent\n"
        for ability in ("code", "math")
        for run, score in (("base", 0.4), ("a", 0.9), ("b", 12), ("f", 30))
    )
    seen, _ = told(tmp_path, scores=scores)
    assert seen.scores[:, 0].tolist() == pytest.approx([0.004, 0.009, 0.12, 0.3])


def test_standard_errors_come_from_what_there_is(tmp_path: Path) -> None:
    stated, said = told(tmp_path, scores=long(stderr="0.03"))
    assert (stated.stderrs == 0.03).all()
    assert "standard errors" not in said
    by_items, said = told(tmp_path, scores=long(items="400"))
    share = (0.1 * 400 + 1) / 402
    assert by_items.stderrs[0, 0] == pytest.approx(np.sqrt(share * (1 - share) / 400))
    assert "missing: taken from its number of items" in said
    by_default, said = told(tmp_path)
    assert "missing: taken from 200 items" in said
    assert by_default.stderrs[0, 0] > by_items.stderrs[0, 0]


def test_replicates_tell_the_standard_error(tmp_path: Path) -> None:
    seeds = "run,seed,code,math\n" + "".join(
        f"{run},{seed},{score + 0.01 * seed},{score - 0.02 * seed}\n"
        for run, score in (("base", 0.1), ("a", 0.25), ("d", 0.4))
        for seed in (0, 1)
    )
    seen, said = told(tmp_path, scores=seeds)
    assert seen.runs[:2] == ("base, seed 0", "base, seed 1")
    np.testing.assert_allclose(seen.stderrs[:, 0], 0.01 / np.sqrt(2))
    np.testing.assert_allclose(seen.stderrs[:, 1], 0.02 / np.sqrt(2))
    np.testing.assert_allclose(seen.counts[0], seen.counts[1])
    assert "taken from the scatter of replicates" in said
    assert "3 of 6 runs are replicates, with other seeds" in said


@pytest.mark.parametrize(
    ("metric", "raw", "wanted"),
    [
        ("bits_per_byte", 1.5, 2**-1.5),
        ("loss", 2.0, np.exp(-2.0)),
        ("perplexity", 4.0, 0.25),
        ("error", 0.3, 0.7),
        ("wer", 30.0, 0.7),
    ],
)
def test_where_less_is_better_it_is_turned(
    metric: str, raw: float, wanted: float, tmp_path: Path
) -> None:
    lines = [
        f"{run},{ability},{raw * factor},{metric}"
        for ability in ("code", "math")
        for run, factor in (("base", 1.3), ("a", 1.2), ("b", 1.1), ("f", 1.0))
    ]
    seen, said = told(tmp_path, scores="run,ability,score,metric\n" + "\n".join(lines))
    assert seen.scores[-1, 0] == pytest.approx(wanted)
    assert (np.diff(seen.scores[:, 0]) > 0).all()
    assert (seen.stderrs > 0).all()
    assert "lower is better for `code`, `math`: recognised by the name" in said
    stated = "run,ability,score,metric,lower_is_better\n" + "\n".join(f"{x},yes" for x in lines)
    _, said = told(tmp_path, scores=stated)
    assert "recognised" not in said


def test_a_run_below_chance_is_kept_and_said(tmp_path: Path) -> None:
    seen, said = told(tmp_path, scores=long(chance="0.15"))
    assert seen.scores[0].tolist() == [0.1, 0.05]
    assert (seen.chance == 0.15).all()
    assert "`code`, `math`: 1 of 7 runs score below chance (base): kept as they are" in said


def test_runs_in_one_table_only_are_left_out_and_said(tmp_path: Path) -> None:
    seen, said = told(
        tmp_path, compositions=without(COMPOSITIONS, "a"), scores=without(SCORES, "b")
    )
    assert seen.runs == ("base", "c", "d", "e", "f")
    assert "runs without a composition are left out: a" in said
    assert "runs without a score are left out: b" in said


def test_an_ability_that_was_never_trained_is_not_bought(tmp_path: Path) -> None:
    table = "run,code/human,math/human\n" + "".join(
        f"{run},{n},0\n"
        for run, n in {
            "base": 0,
            "a": 50,
            "b": 100,
            "c": 200,
            "d": 400,
            "e": 800,
            "f": 1600,
        }.items()
    )
    found, said = advised(tmp_path, compositions=table, prices="human: 1.0\n")
    assert [str(p.cell) for p in found.purchases] == ["code/human"]
    assert "no run holds rows of `math`: what its own rows would bring is not known" in said


def test_an_outcome_that_is_no_ability_is_predicted_from_all(tmp_path: Path) -> None:
    scores = "\n".join(
        line + ("," + str(round(0.3 + 0.02 * i, 3)) if i else ",average")
        for i, line in enumerate(SCORES.splitlines())
    )
    found, said = advised(tmp_path, scores=scores)
    assert [a.diagnosis.ability for a in found.abilities] == ["code", "math", "average"]
    assert "`average` is no ability of the compositions: predicted from the rows of all" in said
    only_it = recommend_from_tables(write(tmp_path, scores=scores, objective={"average": 1.0}))
    assert isinstance(only_it, MixtureAdvice)
    assert "predicted from all sources" in " ".join(only_it.assumptions)
    assert only_it.purchase is not None
    assert 1900 < only_it.purchase.spent <= 2000


def test_named_outcomes_are_what_is_aimed_at(tmp_path: Path) -> None:
    compositions = only(COMPOSITIONS, "base", "a", "c", "d", "e", "f")
    both, _ = advised(tmp_path, compositions=compositions)
    math_only, _ = advised(
        tmp_path, compositions=compositions, objective={"math": 9.0, "code": 1.0}
    )

    alone, _ = advised(tmp_path, compositions=compositions, objective={"math": 1.0})
    assert [a.diagnosis.ability for a in alone.abilities] == ["code", "math"]

    def spent(found: Recommendation) -> float:
        return sum(p.cost for p in found.purchases if p.cell.ability == "math")

    assert spent(math_only) > spent(both)
    assert spent(alone) > spent(both)
    assert math_only.objective == "the weighted mean score"


def test_an_outlier_is_kept_and_flagged(tmp_path: Path) -> None:
    rows = [0, 50, 100, 200, 300, 400, 600, 800, 1200, 1600]
    curve = [round(0.1 + 0.5 * (1 - (1 + n / 200) ** -1), 3) for n in rows]
    curve[6] -= 0.1
    compositions = "run,code/human\n" + "".join(f"r{i},{n}\n" for i, n in enumerate(rows))
    scores = "run,ability,score,items\n" + "".join(
        f"r{i},code,{score},5000\n" for i, score in enumerate(curve)
    )
    found, said = advised(tmp_path, compositions=compositions, scores=scores, prices="human: 1\n")
    assert len(found.fit.seen.runs) == 10
    (outlier,) = found.outliers
    assert (outlier.run, outlier.ability) == ("r6", "code")
    assert outlier.fitted - outlier.score > 0.08
    assert "r6" not in said  # it is told once, with the fit


def test_scores_that_scatter_as_they_should_are_no_outliers() -> None:
    generator = np.random.default_rng(0)
    n = 40
    runs, errors = [str(run) for run in range(n)], np.full(n, 0.02)
    flagged = 0
    for _ in range(50):
        flagged += len(far_off("code", runs, generator.normal(0, 0.02, n), errors))
    assert flagged < 0.005 * 50 * n


def test_a_budget_of_0_buys_nothing_and_still_tells(tmp_path: Path) -> None:
    found, said = advised(tmp_path, budget="0")
    assert found.spent == 0
    assert all(p.rows == 0 for p in found.purchases)
    assert "nothing can be bought for 0 usd" in said
    advice, said = mixed(tmp_path, prices="every: 1\n", budget="0")
    assert advice.purchase is not None
    assert advice.purchase.total == 0
    assert "nothing can be bought for 0 usd" in said


def test_a_budget_beyond_all_supply(tmp_path: Path) -> None:
    prices = PRICES + "supply: {human: 300, synthetic: 200}\n"
    found, said = advised(tmp_path, prices=prices, budget="1e6usd")
    assert all(p.rows <= (300 if p.cell.origin == "human" else 200) for p in found.purchases)
    assert "stay unspent: the supply is used up" in said
    advice, said = mixed(tmp_path, prices="every: {per_row: 1, supply: 100}\n", budget="1e6usd")
    assert advice.purchase is not None
    assert max(line.amount for line in advice.purchase.lines) == 100
    assert "the budget is larger than all supply, which costs 300 usd" in said


def test_what_has_no_price_is_not_for_sale(tmp_path: Path) -> None:
    found, said = advised(tmp_path, prices="synthetic: 0.1\n")
    assert {p.cell.origin for p in found.purchases} == {"synthetic"}
    assert "without a price, so not for sale: code/human, math/human" in said


def test_tokens_become_rows(tmp_path: Path) -> None:
    tokens = "run,source,tokens\n" + "".join(
        f"{line.split(',')[0]},{source},{400 * int(n)}\n"
        for line in COMPOSITIONS.splitlines()[1:]
        for source, n in zip(
            COMPOSITIONS.splitlines()[0].split(",")[1:], line.split(",")[1:], strict=True
        )
    )
    prices = "human: {per_1k_tokens: 2.5}\nsynthetic: {per_1k_tokens: 0.25}\ntokens_per_row: 400\n"
    by_rows, _ = advised(tmp_path)
    by_tokens, _ = advised(tmp_path, compositions=tokens, prices=prices)
    assert [(str(p.cell), p.rows, pytest.approx(p.price)) for p in by_rows.purchases] == [
        (str(p.cell), p.rows, p.price) for p in by_tokens.purchases
    ]
    short = prices.replace("tokens_per_row: 400\n", "")
    _, said = advised(tmp_path, compositions=tokens, prices=short)
    assert "tokens are turned into rows of 500" in said


def test_what_is_held_today_is_not_bought_again(tmp_path: Path) -> None:
    today = "code/human,math/human\n3000,0\n"
    found, said = advised(tmp_path, today=today)
    assert found.today.total == 3000
    assert "nothing is held today" not in said
    bought = {str(p.cell): p.rows for p in found.purchases}
    assert bought["math/human"] > bought["code/human"]


def test_sizes_of_models_and_items_are_handed_on(tmp_path: Path) -> None:
    sized = "\n".join(
        f"{line},{'params' if not i else '7e9' if i % 2 else '1e9'}"
        for i, line in enumerate(COMPOSITIONS.splitlines())
    )
    seen, said = told(tmp_path, compositions=sized, scores=long(items="300"))
    assert seen.n_params is not None
    assert seen.n_params.tolist() == [7e9, 1e9, 7e9, 1e9, 7e9, 1e9, 7e9]
    assert seen.items is not None
    assert (seen.items == 300).all()
    assert "the advice is for the largest, of 7,000,000,000 parameters" in said
    plain, _ = told(tmp_path)
    assert plain.n_params is None
    assert plain.items is None


def test_models_of_other_sizes_are_shifted_to_the_largest(tmp_path: Path) -> None:
    wide = WEIGHTS.splitlines()
    losses = LOSSES.splitlines()
    compositions = [wide[0] + ",params"] + [f"{line},1e9" for line in wide[1:]]
    compositions += [f"small-{line},1e8" for line in wide[1:]]
    scores = losses + [
        f"small-{line.split(',')[0]},{float(line.split(',')[1]) + 1}" for line in losses[1:]
    ]
    found, said = mixed(tmp_path, compositions="\n".join(compositions), scores="\n".join(scores))
    plain, _ = mixed(tmp_path)
    assert "models of 2 sizes" in said
    assert found.runs == 16
    assert found.candidates[2].predicted.middle == pytest.approx(
        plain.candidates[2].predicted.middle, abs=0.05
    )


def test_two_tables_without_prices_still_tell_about_mixtures(tmp_path: Path) -> None:
    found, said = mixed(tmp_path)
    assert found.purchase is None
    assert "no prices and no budget: nothing is said about money" in said
    assert "8 mixtures are few" in said
    assert found.advised.weights["web"] > 0.5  # where the loss is least
