"""The plan: counted and priced before anything is written, and refused if it cannot be."""

import json
from pathlib import Path

import pytest

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.plan import Plan, inventory_of, make_plan
from doitkit.survey import survey
from tests.project import GENERATED, RECIPE, load_project, with_answers, write_rows


def _plan(folder: Path, more: str = "", recipe: str = RECIPE) -> Plan:
    loaded = load_project(folder, more, recipe=recipe)
    return make_plan(loaded, inventory_of(loaded, survey(loaded)))


def _refusal(folder: Path, more: str = "", recipe: str = RECIPE) -> PlanError:
    with pytest.raises(PlanError) as caught:
        _plan(folder, more, recipe)
    assert caught.value.next_step
    return caught.value


LADDER = """
mixture: {counts: {sums: {human: 12}}}
ladder:
  sizes: [4, 16]
  seeds: [1, 2]
  designs:
    - {design: balanced, origins: {human: 1}}
    - {design: balanced, origins: {synthetic: 1}, sizes: [30], seeds: [5]}
"""


def test_a_plan_counts_rows_runs_and_items(tmp_path: Path) -> None:
    plan = _plan(tmp_path, LADDER)
    assert plan.today.as_recipe() == {"sums": {"human": 12}}
    assert [(r.mixture.name, r.mixture.total, r.seeds) for r in plan.rungs] == [
        ("human-4", 8, (1, 2)),
        ("human-16", 32, (1, 2)),
        ("synthetic-30", 30, (5,)),
    ]
    assert plan.n_runs == 5
    assert plan.items == {"sums": 10, "words": 5}
    assert {
        line.source: (line.wanted, line.available, line.kept, line.taken) for line in plan.sources
    } == {
        "sums-by-people": (16, 40, 40, 16),
        "sums-by-model": (30, 40, 40, 30),
        "words-by-people": (16, 40, 40, 16),
    }
    assert plan.usd == 0


def test_a_plan_is_plain_json(tmp_path: Path) -> None:
    plan = _plan(tmp_path, LADDER)
    again = json.loads(json.dumps(plan.as_json()))
    assert again["runs"] == 5
    assert again["ladder"][2]["mixture"] == {"sums": {"synthetic": 30}}
    assert again["pairs"] == {"sums": 40}


def test_a_size_larger_than_there_is_is_refused(tmp_path: Path) -> None:
    error = _refusal(tmp_path, LADDER.replace("16]", "41]"))
    assert str(error) == (
        "E301 the mixture `human-41` asks for more rows than there are\n"
        f"  where: {tmp_path}/recipe.yaml:35:3\n"
        "  why:   human-41: 41 sums/human rows wanted, 40 left after curation; "
        "human-41: 41 words/human rows wanted, 40 left after curation\n"
        "  next:  lower the sizes, add a source, or loosen `curate`"
    )


def test_today_may_hold_rows_that_are_yet_to_be_bought(tmp_path: Path) -> None:
    counts = "{sums: {human: 100, synthetic: 3}, words: {human: 45}}"
    plan = _plan(tmp_path, f"mixture: {{counts: {counts}}}\n")
    assert plan.to_buy == {Cell("sums", "human"): 60, Cell("words", "human"): 5}
    bought = plan.as_json()["still_to_be_bought"]
    assert bought == {"sums": {"human": 60}, "words": {"human": 5}}
    assert _plan(tmp_path, LADDER).to_buy == {}


def test_an_empty_mixture_is_refused(tmp_path: Path) -> None:
    nothing = "{design: explicit, mixtures: {nothing: {counts: {sums: {human: 0}}}}}"
    error = _refusal(tmp_path, f"ladder: {{sizes: [4], designs: [{nothing}]}}\n")
    assert error.what == "the mixture `nothing` is empty"


def test_rows_that_cannot_be_paired_are_refused(tmp_path: Path) -> None:
    assert _plan(tmp_path, "paired: true\n").pairs == {"sums": 40}
    loaded = load_project(tmp_path, "paired: true\n")
    write_rows(tmp_path / "sums-model.jsonl", [{"prompt": "another", "completion": "c"}])
    with pytest.raises(PlanError, match="the rows of `sums` cannot be paired") as caught:
        make_plan(loaded, inventory_of(loaded, survey(loaded)))
    assert "human and synthetic rows answer no prompt in common" in str(caught.value.why)


PAID = GENERATED.replace("local, model: teacher", "openai, model: gpt-4, max_new_tokens: 100, "
                         "usd_per_1k_input: 1.0, usd_per_1k_output: 2.0")  # fmt: skip


def test_generation_is_priced_before_it_happens(tmp_path: Path) -> None:
    plan = _plan(tmp_path, PAID + "caps: {usd: 10, requests: 30}\n", with_answers(30))
    (line,) = plan.synthesis
    assert (line.source, line.generator, line.requests) == ("answers", "teacher", 30)
    # Thirty answers of 100 tokens at 2 USD a thousand, and prompts of some 7 bytes.
    assert 6.3 < plan.usd < 6.6
    assert plan.supply[Cell("words", "synthetic")] == 30
    pending = [line for line in plan.sources if line.pending]
    assert [(line.source, line.kept) for line in pending] == [("answers", 30)]


@pytest.mark.parametrize(
    ("caps", "what"),
    [
        ("{requests: 29, usd: 100}", "generation would exceed the cap on requests"),
        ("{requests: 30, usd: 6}", "generation would exceed the cap on usd"),
        ("{requests: 0, usd: 100}", "generation would exceed the cap on requests"),
    ],
)
def test_a_cap_is_hard(tmp_path: Path, caps: str, what: str) -> None:
    error = _refusal(tmp_path, PAID + f"caps: {caps}\n", with_answers(30))
    assert error.what == what
    assert "answers" in str(error.why)


def test_money_may_not_be_spent_unless_a_cap_allows_it(tmp_path: Path) -> None:
    assert _refusal(tmp_path, PAID, with_answers(1)).what.endswith("the cap on usd")


def test_more_answers_than_prompts_are_refused(tmp_path: Path) -> None:
    error = _refusal(tmp_path, GENERATED, with_answers(41))
    assert error.where == f"{tmp_path}/recipe.yaml:20:59"
    assert error.why == "41 wanted, `questions` holds 40 after curation"


def test_planning_writes_nothing(tmp_path: Path) -> None:
    loaded = load_project(tmp_path, LADDER)
    before = sorted(tmp_path.iterdir())
    make_plan(loaded, inventory_of(loaded, survey(loaded)))
    assert sorted(tmp_path.iterdir()) == before
