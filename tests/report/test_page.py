import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from doitkit.core.errors import MissingExtraError
from doitkit.growth import Interval, Unknown
from doitkit.recipe import recipe_from_text
from doitkit.report import Findings, write_report
from tests.report.world import TINY, turn

SECTIONS = ("measured", "abilities", "curves", "unknown", "runs", "data", "method")
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
        replace(found, diagnosis=replace(found.diagnosis, exchange={}, cap={}))
        for found in advice.abilities
    )
    text = text_of(written(replace(findings, advice=replace(advice, abilities=blind)), tmp_path))
    assert text.count("ceiling unknown") == len(blind)
    assert text.count("cannot tell") >= len(blind)


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
