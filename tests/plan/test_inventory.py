"""What there is: read whole, or estimated from a sample and marked as such."""

import math
from pathlib import Path

import pytest

from doitkit.core.errors import ModelError, PlanError
from doitkit.core.origins import Cell
from doitkit.plan import RunLine, inventory_of, make_plan
from doitkit.survey import survey
from tests.models import write_model
from tests.project import RECIPE, load_project, write_rows

SUMS = Cell("sums", "human")


def _more_rows(folder: Path) -> None:
    """6,000 rows, of which 1,500 are copies of others and 600 have no answer."""
    rows: list[dict[str, object]] = [
        {"prompt": f"What is {i}?", "completion": "" if i % 10 == 0 else f"It is {i}."}
        for i in range(4500)
    ]
    write_rows(folder / "sums-human.jsonl", [*rows, *rows[:1500]])


def test_an_estimate_comes_near_the_truth_and_says_what_it_is(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    _more_rows(tmp_path)
    exact = inventory_of(recipe, survey(recipe))
    about = inventory_of(recipe, survey(recipe, most=800))
    assert (exact.basis, about.basis) == ("read", "sample")
    read, guessed = exact.sources["sums-by-people"], about.sources["sums-by-people"]
    assert read.read == guessed.read == 6000
    assert read.kept == 4050
    # 800 of 4,500 distinct rows: the share that is kept has a standard error of about 1 %.
    assert abs(guessed.kept - read.kept) < 0.05 * read.kept
    assert guessed.tokens_per_row == pytest.approx(read.tokens_per_row, rel=0.1)
    assert not guessed.tokens_exact
    assert len(about.order(SUMS)) == guessed.kept
    assert make_plan(recipe, about).basis == "sample"


def test_sources_share_a_cell_by_weight_until_one_is_used_up(tmp_path: Path) -> None:
    more = """  more-sums:
    path: more.jsonl
    format: prompt_completion
    origin: human
    weight: 3
abilities:
"""
    text = RECIPE.replace("abilities:\n", more).replace(
        "[sums-by-people,", "[sums-by-people, more-sums,"
    )
    text += "mixture: {counts: {sums: {human: 44}}}\n"
    rows = [{"prompt": f"{i} - 1?", "completion": f"{i - 1}"} for i in range(12)]
    write_rows(tmp_path / "more.jsonl", rows)
    recipe = load_project(tmp_path, recipe=text)
    plan = make_plan(recipe, inventory_of(recipe, survey(recipe)))
    lines = {line.source: line for line in plan.sources}
    # The weight asks for 33 of the 12 that there are; the others come from the first source.
    assert (lines["more-sums"].wanted, lines["more-sums"].taken) == (33, 12)
    assert (lines["sums-by-people"].wanted, lines["sums-by-people"].taken) == (11, 32)
    sampled = make_plan(recipe, inventory_of(recipe, survey(recipe, most=10_000)))
    assert {s.source: s.taken for s in sampled.sources} == {
        name: line.taken for name, line in lines.items()
    }


def test_repeated_rows_are_said_and_counted(tmp_path: Path) -> None:
    mixture = "mixture: {counts: {sums: {human: 100}}, repeat_at_most: 2}\n"
    recipe = load_project(tmp_path, mixture)
    plan = make_plan(recipe, inventory_of(recipe, survey(recipe)))
    (line,) = [line for line in plan.sources if line.source == "sums-by-people"]
    assert (line.taken, line.repeated) == (40, 40)
    assert plan.to_buy == {SUMS: 20}


def test_tokens_are_those_of_the_base_model_where_it_is_at_hand(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    recipe = load_project(tmp_path, "train: {base_model: ./model}\n")
    counted = inventory_of(recipe, survey(recipe)).sources["sums-by-people"]
    assert counted.tokens_exact
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    texts = [(f"{i} + {i}?", f"It is {2 * i}.") for i in range(40)]
    tokens = [sum(len(tokenizer.encode(t, add_special_tokens=False)) for t in row) for row in texts]
    assert counted.tokens_per_row == pytest.approx(sum(tokens) / 40)
    mixture = "mixture: {tokens: {sums: {human: 100}}}\ntrain: {base_model: ./model}\n"
    today = make_plan(
        recipe := load_project(tmp_path, mixture), inventory_of(recipe, survey(recipe))
    ).today
    ordered = [int(r.prompt[0]["content"].split()[0]) for r in survey(recipe).records(SUMS)]
    n = today[SUMS]
    assert sum(tokens[i] for i in ordered[:n]) <= 100 < sum(tokens[i] for i in ordered[: n + 1])


def test_amounts_in_tokens_need_a_tokenizer(tmp_path: Path) -> None:
    mixture = "mixture: {tokens: {sums: {human: 100}}}\ntrain: {base_model: ./none}\n"
    recipe = load_project(tmp_path, mixture)
    with pytest.raises(PlanError, match="there is no tokenizer") as caught:
        make_plan(recipe, inventory_of(recipe, survey(recipe)))
    assert caught.value.code == "E309"
    assert str(caught.value.where).endswith("recipe.yaml:31:9")


def test_a_damaged_tokenizer_is_not_taken_for_none(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    (tmp_path / "model" / "tokenizer.json").write_text("{")
    recipe = load_project(tmp_path, "train: {base_model: ./model}\n")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        inventory_of(recipe, survey(recipe))
    assert caught.value.where == str(tmp_path / "model")


def test_an_estimate_sees_copies_that_differ_in_an_id(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    rows = ({"id": i, "prompt": f"{i % 2000}?", "completion": "yes"} for i in range(6000))
    write_rows(tmp_path / "sums-human.jsonl", rows)
    about = inventory_of(recipe, survey(recipe, most=500)).sources["sums-by-people"]
    assert about.read == 6000
    assert abs(about.kept - 2000) < 40


def test_rows_that_are_too_long_are_no_part_of_the_time(tmp_path: Path) -> None:
    ladder = "ladder: {sizes: [20], designs: [{design: balanced, origins: {human: 1}}]}\n"
    more = ladder + "train: {base_model: m, max_length: 40, batch_size: 4, epochs: 1}\n"
    recipe = load_project(tmp_path, more)
    long = "so it is, " * 60
    rows = [
        {"prompt": f"{i} + {i}?", "completion": f"{2 * i}{long if i % 2 else ''}"}
        for i in range(40)
    ]
    write_rows(tmp_path / "sums-human.jsonl", rows)
    plan = make_plan(recipe, inventory_of(recipe, survey(recipe)))
    (line,) = plan.runs
    # Half of the twenty rows of sums; those of words all fit.
    assert (line.rows, line.too_long) == (40, 10)
    assert line.steps == 8
    assert line.tokens < 30 * 40
    (warning,) = [w for w in plan.warnings if w.code == "W209"]
    assert "about 50% of the rows of `sums-by-people`" in warning.what


def test_the_plan_knows_of_cuts_packing_and_rows_held_out(tmp_path: Path) -> None:
    ladder = "ladder: {sizes: [20], designs: [{design: balanced, origins: {human: 1}}]}\n"

    def line_of(more: str) -> RunLine:
        settings = f"base_model: m, max_length: 40, batch_size: 4, epochs: 1{more}"
        recipe = load_project(tmp_path, f"{ladder}train: {{{settings}}}\n")
        long = "so it is, " * 60
        rows = [{"prompt": f"{i}?", "completion": f"{2 * i}{long * (i % 2)}"} for i in range(40)]
        write_rows(tmp_path / "sums-human.jsonl", rows)
        (line,) = make_plan(recipe, inventory_of(recipe, survey(recipe))).runs
        return line

    dropped, cut = line_of(""), line_of(", on_overflow: truncate")
    assert (dropped.too_long, cut.too_long) == (10, 0)
    assert cut.steps == 10
    # Ten rows more, each of as many tokens as a row may have.
    assert cut.tokens == dropped.tokens + 10 * 40
    packed = line_of(", on_overflow: truncate, packing: true")
    assert packed.tokens == cut.tokens
    assert packed.steps == math.ceil(cut.tokens / 40 / 4)
    watched = line_of(", on_overflow: truncate, validation: {fraction: 0.5}")
    assert (watched.too_long, watched.steps) == (0, 5)
    assert watched.tokens == round(cut.tokens / 2)
