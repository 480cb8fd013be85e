from dataclasses import replace

import numpy as np
import pytest

from doitkit.core.origins import Cell
from doitkit.growth import Interval, Transfer
from doitkit.report import Findings
from doitkit.report.abilities import ability_table
from doitkit.report.answer import answer
from doitkit.report.calibration import calibration
from doitkit.report.curves import measurements
from doitkit.report.data import data_tables
from doitkit.report.forecast import forecast
from doitkit.report.measured import measured
from doitkit.report.outcomes import outcomes
from doitkit.report.panels import panels
from doitkit.report.runs import run_table
from doitkit.report.transfer import transfer_table


def test_the_headline_names_what_costs_most(findings: Findings) -> None:
    shown = answer(findings)
    costs = [row.cost for row in shown.purchases]
    assert costs == sorted(costs, reverse=True)
    first = shown.purchases[0]
    assert shown.headline.startswith(
        f"Buy {first.rows:,} {first.cell.origin} rows for {first.cell.ability}"
    )
    assert sum(row.cost for row in shown.purchases) == pytest.approx(findings.advice.spent)


def test_every_cell_on_sale_is_shown_or_said_to_be_untouched(findings: Findings) -> None:
    shown = answer(findings)
    cells = [row.cell for row in shown.purchases] + list(shown.untouched)
    assert sorted(cells) == sorted(p.cell for p in findings.advice.purchases)


def test_nothing_to_buy_is_said_plainly(findings: Findings) -> None:
    none = tuple(
        replace(p, rows=0, cost=0.0, interval=Interval(0, 0, 0)) for p in findings.advice.purchases
    )
    shown = answer(replace(findings, advice=replace(findings.advice, purchases=none)))
    assert shown.headline == "Buy nothing"
    assert shown.purchases == ()
    assert shown.purchase_axis is None
    assert len(shown.untouched) == len(none)


def test_forecasts_are_those_of_the_recommendation(findings: Findings) -> None:
    advice = findings.advice
    weights = dict.fromkeys(findings.recipe.abilities, 1.0)
    expected = forecast(advice.fit, advice.plan, weights)
    for found in advice.abilities:
        assert expected.abilities[found.diagnosis.ability] == found.after


def test_the_check_is_told_whoever_wins(findings: Findings) -> None:
    shown = measured(findings)
    assert findings.check is not None
    assert shown is not None
    assert [row.label for row in shown.rows] == ["All abilities", *findings.recipe.abilities]
    assert shown.forecasts == 2 * len(findings.recipe.abilities)
    for low, high, verdict, winner in (
        (0.01, 0.05, "The advised mixture wins", "advised"),
        (-0.05, -0.01, "The equal split wins", "equal"),
        (-0.01, 0.05, "The difference is within noise", "neither"),
    ):
        check = replace(findings.check, difference=Interval(low, (low + high) / 2, high))
        told = measured(replace(findings, check=check))
        assert told is not None
        assert (told.verdict, told.winner) == (verdict, winner)


def test_no_check_gives_no_measured_section(findings: Findings) -> None:
    assert measured(replace(findings, check=None)) is None


def test_points_are_told_apart_by_what_else_their_run_holds(findings: Findings) -> None:
    fit = findings.advice.fit
    by_run = {m.run: m for m in measurements(fit, 0)}
    base = by_run["base, seed 0"]
    assert (base.rows, base.origin, base.plain) == (0, None, True)
    balanced = by_run["synthetic-40, seed 1"]
    assert (balanced.rows, balanced.origin, balanced.plain) == (40, "synthetic", True)
    for run in findings.runs:
        if run.name.startswith("unbalanced"):
            own = [n for cell, n in run.counts.items() if cell.ability == "proofs" and n]
            point = by_run[f"{run.name}, seed {run.seed}"]
            assert point.rows == sum(own)
            assert (point.origin is None) == (len(own) != 1)


def test_a_panel_per_ability_with_a_curve_per_origin(findings: Findings) -> None:
    drawn = panels(findings)
    assert [panel.ability for panel in drawn] == list(findings.recipe.abilities)
    for panel in drawn:
        ribbons = {
            (e.get("class") or "").split()[1]
            for e in panel.chart.iter("path")
            if "ribbon" in (e.get("class") or "")
        }
        assert ribbons == {"o-programmatic", "o-synthetic"}
        assert any(e.get("class") == "chance" for e in panel.chart.iter("line"))


def test_exchange_rates_are_told_only_where_the_runs_can(findings: Findings) -> None:
    table = ability_table(findings)
    assert table.others == ("synthetic",)
    for row, found in zip(table.rows, findings.advice.abilities, strict=True):
        (worth,) = row.worths
        assert worth.held
        assert worth.rate == found.diagnosis.exchange.get("synthetic")
        assert worth.ceiling == found.diagnosis.cap.get("synthetic")


def test_marginal_gains_are_stated_over_a_readable_amount(findings: Findings) -> None:
    table = ability_table(findings)
    assert table.per <= findings.advice.budget / 10
    assert max(row.marginal_before for row in table.rows) <= 0.5
    nothing = replace(findings, advice=replace(findings.advice, budget=0.0))
    assert ability_table(nothing).per <= 1


def test_transfer_is_a_change_of_score_by_other_data_alone(findings: Findings) -> None:
    told = findings.advice.transfer
    assert told is not None
    fit = findings.advice.fit
    for transfer in told:
        to, source = (fit.seen.abilities.index(name) for name in (transfer.to, transfer.source))
        counts = np.zeros((2, 2, 2))
        counts[1, source, 0] = transfer.rows
        change = np.diff(fit.forecast(counts)[..., to], axis=1)
        # The fit holds transfer near nothing; what is told is as wide as the scores leave it.
        assert transfer.effect.low < np.median(change) < transfer.effect.high
        assert np.ptp([transfer.effect.low, transfer.effect.high]) > np.ptp(
            np.quantile(change, [0.1, 0.9])
        )
    table = transfer_table(findings)
    assert table is not None
    assert len(table.clear) + table.others == len(told)
    assert table.others + len(table.clear) + table.untold == table.pairs == 2
    untold = replace(findings, advice=replace(findings.advice, transfer=None))
    assert transfer_table(untold) is None


def test_clear_transfers_share_an_axis_that_holds_nothing(findings: Findings) -> None:
    helps = Transfer("proofs", "letters", 160, 0.97, 0.03, Interval(0.01, 0.05, 0.09), True)
    hurts = replace(helps, source="letters", to="proofs", helps=0.02, hurts=0.98)
    unclear = replace(helps, helps=0.6, hurts=0.4)
    table = transfer_table(
        replace(findings, advice=replace(findings.advice, transfer=(helps, hurts, unclear)))
    )
    assert table is not None
    assert [row.transfer for row in table.clear] == [helps, hurts]
    assert table.axis is not None
    assert "0" in [label.text for label in table.axis]
    assert table.largest == unclear


def test_the_cheapest_plan_stands_beside_the_advised_one(findings: Findings) -> None:
    shown = {outcome.label: outcome for outcome in outcomes(findings).changes}
    cheapest = shown["Cheapest within noise"]
    assert cheapest.change == findings.advice.cheapest.gain
    assert cheapest.note.endswith(findings.advice.unit)
    assert list(shown)[:3] == ["Advised", "Cheapest within noise", "Equal split"]


def test_runs_and_scores_are_matched(findings: Findings) -> None:
    table = run_table(findings)
    assert len(table.rows) == len(findings.runs)
    seen = findings.advice.fit.seen
    for index, row in enumerate(table.rows):
        values = [s.value for s in row.scores if s is not None]
        assert values == pytest.approx(seen.scores[index].tolist())
    # The last row of the design is the advice, drawn beside what was tried.
    cells = list(table.design.iter("rect"))
    per_row = len(findings.recipe.cells())
    assert len(cells) == per_row * (len(findings.runs) + 1)
    advised = findings.advice.plan[Cell("proofs", "programmatic")]
    assert cells[-per_row][0].text == f"advised: {advised:,} programmatic rows, proofs"


def test_a_run_that_was_not_scored_has_no_score(findings: Findings) -> None:
    fewer = tuple(s for s in findings.scores if s.run_id != findings.runs[2].run_id)
    assert run_table(replace(findings, scores=fewer)).rows[2].scores == (None, None)


def test_every_row_read_is_accounted_for(findings: Findings) -> None:
    tables = data_tables(findings)
    assert [row.name for row in tables.sources] == list(findings.recipe.sources)
    assert all(row.lost == 0 for row in tables.sources)
    assert all(row.available == 5000 for row in tables.sources)
    manifest = {**findings.manifest, "rejects": {}}
    lossy = data_tables(replace(findings, manifest=manifest))
    assert [row.lost for row in lossy.sources] == [60, 60, 60, 60]


def test_a_step_that_is_not_known_yet_has_a_column(findings: Findings) -> None:
    rejects = {"proofs": {"read": 9, "near_dedup": 3}}
    tables = data_tables(replace(findings, manifest={**findings.manifest, "rejects": rejects}))
    assert tables.steps[-1] == "near_dedup"
    assert tables.rejected["near_dedup"] == 3


def test_calibration_counts_the_scores_that_fit(findings: Findings) -> None:
    found = calibration(findings)
    assert found.scores == 2 * len(findings.runs)
    assert found.scores * 0.5 < found.inside <= found.scores
    assert 0 < found.error < 0.1
    assert found.poor == {}
    marks = [e for e in found.chart.iter("circle") if "checked" in (e.get("class") or "")]
    assert len(marks) == 4


def test_a_law_that_does_not_fit_is_said_not_to(findings: Findings) -> None:
    fit = findings.advice.fit
    scores = fit.seen.scores.copy()
    # Nothing for long, then all at once: no saturating law grows like that.
    scores[:, 0] = np.where(fit.seen.counts[:, 0].sum(axis=1) >= 160, 0.9, 0.1)
    late = replace(fit, seen=replace(fit.seen, scores=scores))
    poor = calibration(replace(findings, advice=replace(findings.advice, fit=late))).poor
    assert list(poor) == ["proofs"]
    assert poor["proofs"] > 2
