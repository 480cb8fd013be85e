import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from doitkit.core.errors import MissingExtraError
from doitkit.core.origins import Cell
from doitkit.growth import Design, Interval, Outlier, Transfer, Unknown
from doitkit.recipe import recipe_from_text
from doitkit.report import Findings, numbers, write_report
from tests.report.world import TINY, turn

SECTIONS = ("measured", "abilities", "curves", "next", "unknown", "runs", "data", "method")
HOSTILE = "<script>alert(\"x\")</script><img src=x onerror=alert(1)> & 'quotes'"


def written(findings: Findings, folder: Path) -> str:
    return write_report(findings, folder / "report.html").read_text(encoding="utf-8")


def text_of(page: str) -> str:
    body = page[page.index("<body>") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body.replace("<wbr>", "")))


def test_the_answer_comes_first_and_every_section_follows(
    findings: Findings, tmp_path: Path
) -> None:
    page = written(findings, tmp_path)
    places = [page.index(f'<section id="{name}">') for name in SECTIONS]
    assert places == sorted(places)
    assert page.index("<h1>Buy ") < places[0]
    assert all(page.count(f'href="#{name}"') >= 1 for name in SECTIONS)
    assert page.startswith("<!doctype html>")


def test_the_page_holds_the_numbers_of_the_recommendation(
    findings: Findings, tmp_path: Path
) -> None:
    text = text_of(written(findings, tmp_path))
    assert f"+{findings.advice.gain.middle:.3f}" in text
    assert f"{findings.advice.advantage.low:+.3f}".replace("-", "−") in text
    assert findings.check is not None
    assert f"Both were then trained: {findings.check.verdict}" in text
    for p in findings.advice.purchases:
        assert f"{p.rows:,}" in text
    assert findings.next_recipe in text


def test_equal_findings_give_equal_bytes(findings: Findings, tmp_path: Path) -> None:
    assert written(findings, tmp_path / "a") == written(findings, tmp_path / "b")


def test_the_page_refers_to_nothing_outside(findings: Findings, tmp_path: Path) -> None:
    page = written(findings, tmp_path)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"https?:|//\w|@import|url\(", page)
    references = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert set(references) <= {"data:,", *(f"#{name}" for name in SECTIONS)}


def test_what_others_wrote_is_shown_and_never_run(findings: Findings, tmp_path: Path) -> None:
    advice = findings.advice
    first = advice.abilities[0]
    hostile = replace(
        findings,
        next_recipe=HOSTILE,
        runs=tuple(replace(run, name=HOSTILE, device=HOSTILE) for run in findings.runs),
        manifest={
            **findings.manifest,
            "licenses": dict.fromkeys(findings.recipe.sources, HOSTILE),
            "files": {HOSTILE: HOSTILE},
        },
        seconds={HOSTILE: 1.0},
        advice=replace(
            advice,
            unit=HOSTILE,
            equal_kind=HOSTILE,
            notes=(HOSTILE,),
            unknown=(Unknown(HOSTILE, HOSTILE, HOSTILE),),
            outliers=(Outlier(HOSTILE, HOSTILE, 0.5, 0.5, 0.1),),
            transfer=(Transfer(HOSTILE, HOSTILE, 9, 1.0, 0.0, Interval(0.1, 0.2, 0.3), True),),
            next_runs=tuple(
                replace(e, ability=HOSTILE, why=HOSTILE, unit=HOSTILE) for e in advice.next_runs
            ),
            fit=replace(
                advice.fit,
                seen=replace(advice.fit.seen, runs=(HOSTILE,) * len(advice.fit.seen.runs)),
            ),
            abilities=(first, *advice.abilities[1:]),
        ),
    )
    page = written(hostile, tmp_path)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(" in page


def test_only_the_origins_that_there_are_get_named(findings: Findings, tmp_path: Path) -> None:
    page = written(findings, tmp_path)
    text = text_of(page)
    assert "human" not in text
    assert "o-human" not in page[page.index("<body>") :]
    assert "programmatic" in text
    assert "synthetic" in text


def test_an_origin_has_the_same_mark_everywhere(findings: Findings, tmp_path: Path) -> None:
    page = written(findings, tmp_path)
    for origin in ("programmatic", "synthetic"):
        mark = r'<span class="origin o-(\w+)"><svg(?:(?!</span>).)*?</svg>'
        named = re.findall(rf"{mark}{origin}</span>", page)
        assert len(named) > 3
        assert set(named) == {origin}


def test_without_a_check_the_page_says_so(findings: Findings, tmp_path: Path) -> None:
    text = text_of(written(replace(findings, check=None), tmp_path))
    assert "Not checked: no model was trained on the advised mixture" in text
    assert "Both were then trained" not in text
    assert "holds rows that are yet to be bought" in text


def test_without_transfer_the_curves_are_said_to_lean_on_assumptions(tmp_path: Path) -> None:
    balanced = TINY.replace("    - {design: unbalanced, runs: 5}\n", "")
    assert balanced != TINY
    found = turn(recipe_from_text(balanced, Path("tiny.yaml")), checked=False)
    assert found.advice.transfer is None
    text = text_of(written(found, tmp_path))
    assert "The runs cannot tell what the data of one ability do for another" in text
    assert "lean on what was assumed before any run" in text
    assert "from 160 rows of" not in text


def test_ceilings_that_no_run_reached_are_unknown(findings: Findings, tmp_path: Path) -> None:
    advice = findings.advice
    blind = tuple(
        replace(found, diagnosis=replace(found.diagnosis, exchange={}, cap={}, ceiling=None))
        for found in advice.abilities
    )
    text = text_of(written(replace(findings, advice=replace(advice, abilities=blind)), tmp_path))
    # In the table, of the other origin's rows; over the panel, of the growth itself.
    assert text.count("ceiling unknown") == 2 * len(blind)
    assert text.count("cannot tell") >= len(blind)


def test_what_to_run_next_and_what_a_mistake_costs(findings: Findings, tmp_path: Path) -> None:
    advice = findings.advice
    text = text_of(written(findings, tmp_path))
    for experiment in advice.next_runs:
        assert experiment.why in text
        if experiment.mixture is not None:
            (cell, n), *_ = experiment.mixture.counts
            assert f"{n:,} {cell.origin} for {cell.ability}" in text
    assert f"loses {numbers.significant(advice.regret.mean)} on average" in text
    assert "Cheapest within noise" in text
    worthless = tuple(replace(e, worth=0.0) for e in advice.next_runs)
    told = text_of(
        written(replace(findings, advice=replace(advice, next_runs=worthless)), tmp_path)
    )
    assert "No run is expected to change the advice" in told
    none = replace(findings, advice=replace(advice, next_runs=()))
    assert "Nothing more could be run" in text_of(written(none, tmp_path))


def test_rows_to_buy_before_a_run_are_named(findings: Findings, tmp_path: Path) -> None:
    first, *rest = findings.advice.next_runs
    to_buy = ((Cell("proofs", "synthetic"), 1234),)
    advice = replace(findings.advice, next_runs=(replace(first, to_buy=to_buy), *rest))
    text = text_of(written(replace(findings, advice=advice), tmp_path))
    assert "to be bought first: 1,234 synthetic for proofs" in text


def test_the_design_is_told_in_numbers(findings: Findings, tmp_path: Path) -> None:
    design = Design(rank=11, parameters=19, contrasts=17, told=5, condition=1234.0)
    found = replace(findings, advice=replace(findings.advice, design=design))
    text = text_of(written(found, tmp_path))
    assert "Of 17 that could stand in this report, 5 are" in text
    assert "in 11 of 19 directions" in text
    assert "up to 1,200 times" in text


def test_where_growth_becomes_slow(findings: Findings, tmp_path: Path) -> None:
    first, second = findings.advice.abilities
    slow = replace(first.diagnosis, next_thousand_below=Interval(1234.0, 2345.0, 4567.0))
    never = replace(second.diagnosis, next_thousand_below=None)
    changed = (replace(first, diagnosis=slow), replace(second, diagnosis=never))
    found = replace(findings, advice=replace(findings.advice, abilities=changed))
    text = text_of(written(found, tmp_path))
    assert "slow from 2,300" in text
    assert "1,200 to 4,600" in text
    assert text.count("not slow so far") == 1


def test_scores_that_count_less_are_named(findings: Findings, tmp_path: Path) -> None:
    assert "Scores that count less" not in text_of(written(findings, tmp_path))
    outlier = Outlier("synthetic-40, seed 1", "proofs", 0.81, 0.42, 0.13)
    found = replace(findings, advice=replace(findings.advice, outliers=(outlier,)))
    text = text_of(written(found, tmp_path))
    assert "proofs of synthetic-40, seed 1: 0.81, where the law gives 0.42" in text
    assert "it counts for 0.13 of a score" in text


def test_clear_transfer_is_listed_and_the_rest_counted(findings: Findings, tmp_path: Path) -> None:
    helps = Transfer("proofs", "letters", 160, 0.97, 0.03, Interval(0.01, 0.05, 0.09), True)
    hurts = Transfer("letters", "proofs", 160, 0.05, 0.95, Interval(-0.07, -0.03, -0.01), True)
    both = replace(findings, advice=replace(findings.advice, transfer=(helps, hurts)))
    text = text_of(written(both, tmp_path))
    assert "lettersfrom 160 rows of proofs" in text
    assert re.search(r"\+0\.050\+0\.010 to \+0\.090 helps97", text.replace("\u00a0", " "))
    assert "hurts95" in text
    assert "Told, with no clear effect" not in text
    unclear = replace(helps, helps=0.6, hurts=0.4)
    one = replace(findings, advice=replace(findings.advice, transfer=(unclear,)))
    text = text_of(written(one, tmp_path))
    assert "Told, with no clear effect: 1 of 2 pairs" in text
    assert "Not told: 1 of 2" in text


def test_a_law_that_does_not_fit_is_told_where_it_matters(
    findings: Findings, tmp_path: Path
) -> None:
    fit = findings.advice.fit
    off = replace(fit, seen=replace(fit.seen, scores=1 - fit.seen.scores))
    page = written(replace(findings, advice=replace(findings.advice, fit=off)), tmp_path)
    assert "Mind:" in page[: page.index("What to buy</h2>")]
    assert "the scores of proofs, letters lie far off the fitted law" in text_of(page)
    assert page.count("law does not fit") == 4
    assert "Mind:" not in written(findings, tmp_path)


def test_one_ability_of_one_origin(tmp_path: Path) -> None:
    recipe = """
doitkit: 1
name: single
sources:
  notes: {path: notes.jsonl, format: messages, origin: human}
abilities:
  summaries:
    sources: [notes]
    evaluate: {path: s.jsonl, format: prompt_completion, metric: exact_match}
mixture: {counts: {summaries: {human: 60}}}
ladder:
  sizes: [10, 40, 160]
  designs: [{design: balanced, origins: {human: 1}}]
train: {base_model: models/base, learning_rate: 1e-3}
prices: {human: {per_row: 2}}
advise: {budget: 300, reference: human, lot: 10}
"""
    found = turn(recipe_from_text(recipe, Path("single.yaml")), checked=False)
    text = text_of(written(found, tmp_path))
    assert "The equal split of the budget is the very same purchase." in text
    assert "Transfer between abilities" not in text
    assert "The mixture, today and advised" in text
    assert "The recipe asks for none." in text
    assert "synthetic" not in text


def test_nothing_to_buy(findings: Findings, tmp_path: Path) -> None:
    advice = findings.advice
    none = replace(
        findings,
        check=None,
        advice=replace(
            advice,
            budget=0.0,
            spent=0.0,
            plan=advice.today,
            equal=advice.today,
            purchases=tuple(
                replace(p, rows=0, cost=0.0, interval=Interval(0, 0, 0)) for p in advice.purchases
            ),
        ),
    )
    text = text_of(written(none, tmp_path))
    assert "Buy nothing." in text
    assert "Nothing on sale brings a gain that the runs can see." in text


def test_the_file_appears_whole_or_not_at_all(findings: Findings, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.html"
    assert write_report(findings, path) == path
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_missing_extra_is_named(
    findings: Findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match="report") as caught:
        write_report(findings, tmp_path / "report.html")
    assert "doitkit[report]" in str(caught.value)
    assert not (tmp_path / "report.html").exists()
