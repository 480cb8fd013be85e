"""Results as tables on standard output; `show_plan` has those of plans."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from doitkit.advise import AdviceCheck, Recommendation
    from doitkit.evaluate import Score
    from doitkit.growth import Interval
    from doitkit.mix import Mixture
    from doitkit.train import Run

_WIDTH = 132


def as_json(value: Any) -> None:
    """Print a result as JSON."""
    print(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; columns whose name starts with `#` are numbers, set to the right."""
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        number = column.startswith("#")
        shown.add_column(column.lstrip("#"), justify="right" if number else "left")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    _console().print(shown)


def text(line: str) -> None:
    """Print a line."""
    _console().print(line, soft_wrap=True)


def size(number: int) -> str:
    """Return a number of bytes as people say it: `300 B`, `1.2 MB`."""
    if number < 1000:
        return f"{number} B"
    amount = float(number)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 999.95 or unit == "TB":
            break
    return f"{amount:,.1f} {unit}"


def rows(recipe: str, manifest: Mapping[str, Any]) -> None:
    """Print how many rows of each source every step of a build left."""
    after = {step["step"]: step["rows"] for step in manifest["rows_after"]}
    steps = [step for step in after if step != "read"]
    table(
        f"{recipe}: rows",
        ["source", "#read", *(f"#after {step}" for step in steps)],
        [
            (source, f"{n:,}", *(f"{after[step].get(source, 0):,}" for step in steps))
            for source, n in manifest["rows_in"].items()
        ],
    )
    for alarm in manifest["alarms"]:
        text(f"look at this: {alarm}")


def runs(found: Sequence["Run"]) -> None:
    """Print runs."""
    table(
        f"{len(found)} runs",
        ["run", "mixture", "#seed", "#rows", "#steps", "#tokens", "#loss", "#seconds", "device"],
        [
            (
                r.run_id[:10],
                r.name,
                r.seed,
                f"{r.rows:,}",
                f"{r.steps:,}",
                f"{r.tokens:,}",
                "-" if r.train_loss is None else f"{r.train_loss:.3f}",
                f"{r.wall_s:.1f}",
                f"{r.device} {r.dtype}",
            )
            for r in found
        ],
    )


def scores(found: Sequence["Score"], names: dict[str, str]) -> None:
    """Print scores, a row per run and a column per ability."""
    abilities = list(dict.fromkeys(score.ability for score in found))
    metrics = {score.ability: score.metric for score in found}
    by_run: dict[str, dict[str, Score]] = {}
    for score in found:
        by_run.setdefault(score.run_id, {})[score.ability] = score
    table(
        "scores, +- one standard error over items",
        ["run", *(f"#{a} ({metrics[a]})" for a in abilities)],
        [
            (names.get(run, run[:10]), *(_score(by_run[run].get(a)) for a in abilities))
            for run in by_run
        ],
    )
    chances = {score.ability: score.chance for score in found}
    text("chance: " + ", ".join(f"{a} {chances[a]:.3g}" for a in abilities))


def recommendation(found: "Recommendation") -> None:
    """Print advice: the abilities, the purchase, what it should bring, what to run next."""
    # The two print with one another's tables.
    from doitkit.cli.show_laws import laws

    bought = {(p.cell.ability, p.cell.origin): p for p in found.purchases}
    origins = list(dict.fromkeys(p.cell.origin for p in found.purchases))
    others = [origin for origin in origins if origin != found.reference]
    table(
        f"{found.recipe}: what to buy for {found.budget:,.6g} {found.unit}",
        [
            "ability",
            "class",
            *(f"1 {origin} row =" for origin in others),
            f"#marginal gain per {found.unit}",
            "#after buying",
            *(f"buy {origin}" for origin in origins),
            "score now -> then",
        ],
        [
            (
                a.diagnosis.ability,
                f"{a.diagnosis.kind} ({_share(a.diagnosis)})",
                *(_exchange(a.diagnosis.exchange.get(origin)) for origin in others),
                f"{a.marginal_before:.2g}",
                f"{a.marginal_after:.2g}",
                *(_purchase(bought.get((a.diagnosis.ability, origin))) for origin in origins),
                f"{a.before.middle:.3f} -> {a.after.middle:.3f} {_span(a.after)}",
            )
            for a in found.abilities
        ],
    )
    _lines(found)
    _plans(found)
    text(
        f"if the laws are wrong, the purchase loses {found.regret.mean:.3f} on average against the "
        f"best one, and less than {found.regret.high:.3f} nine times in ten"
    )
    for limit in found.limits[1:]:
        text(f"{limit.name}: {limit.used:,.6g} of {limit.amount:,.6g} {limit.unit}")
    for asked in found.min_scores:
        met = "met" if asked.met else "missed"
        text(f"{asked.outcome}: {asked.reached:.3f} forecast, {asked.wanted:g} asked for: {met}")
    _next_runs(found)
    laws(found)
    for assumption in found.assumptions:
        text(f"assumed: {assumption}")
    for note in found.notes:
        text(f"note: {note}")


def _lines(found: "Recommendation") -> None:
    lines = [p for p in found.purchases if p.rows]
    if not lines:
        return
    table(
        "what each line of the purchase brings (80 % interval)",
        ["buy", "#rows", f"#{found.unit}", "gain of this line", f"#next lot per {found.unit}"],
        [
            (
                str(p.cell),
                f"{p.rows:,}",
                f"{p.cost:,.6g}",
                f"{p.gain.middle:.3f} {_span(p.gain)}",
                f"{p.marginal:.2g}",
            )
            for p in lines
        ],
    )


def _plans(found: "Recommendation") -> None:
    cheapest = found.cheapest
    table(
        f"by how much {found.objective} rises (80 % interval)",
        ["mixture", "#rows", f"#{found.unit}", "rise", ""],
        [
            ("today", f"{found.today.total:,}", "0", "0.000", ""),
            (
                "advised",
                f"{found.plan.total:,}",
                f"{found.spent:,.6g}",
                f"{found.gain.middle:.3f} {_span(found.gain)}",
                f"better than the equal split with a probability of {found.better:.0%}",
            ),
            (
                "cheapest within noise",
                f"{cheapest.plan.total:,}",
                f"{cheapest.spent:,.6g}",
                f"{cheapest.gain.middle:.3f} {_span(cheapest.gain)}",
                f"worse by more than what counts with a probability of {cheapest.worse:.0%}",
            ),
            (
                "equal split",
                f"{found.equal.total:,}",
                f"{found.equal_spent:,.6g}",
                f"{found.equal_gain.middle:.3f} {_span(found.equal_gain)}",
                found.equal_kind,
            ),
        ],
    )


def _next_runs(found: "Recommendation") -> None:
    if not found.next_runs:
        return
    table(
        "what to run next: the most knowledge for the advice per cost",
        ["run", "#rows", "#worth", "#cost", "why"],
        [
            (
                _mixture(experiment.mixture)
                if experiment.mixture
                else f"items: {experiment.ability}",
                f"{experiment.mixture.total:,}" if experiment.mixture else "-",
                f"{experiment.worth:.2g}",
                f"{experiment.cost:,.4g} {experiment.unit}",
                experiment.why,
            )
            for experiment in found.next_runs
        ],
    )
    if not any(experiment.worth for experiment in found.next_runs):
        text("no run is expected to change the advice; these tell most about the growth laws")


def _mixture(mixture: "Mixture") -> str:
    return ", ".join(f"{n:,} {cell}" for cell, n in mixture.counts)


def check(found: "AdviceCheck") -> None:
    """Print how the advice did when it was trained."""
    sides = (found.advised, found.equal)
    table(
        "check of the advice: both mixtures trained, mean score with 80 % interval",
        ["mixture", "#rows", "#seeds", "mean score", *(f"{a}" for a in found.advised.abilities)],
        [
            (
                side.name,
                f"{side.mixture.total:,}",
                len(side.per_seed),
                f"{side.objective.middle:.3f} {_span(side.objective)}",
                *(f"{v.middle:.3f} {_span(v)}" for v in side.abilities.values()),
            )
            for side in sides
        ],
    )
    text(
        f"{found.verdict}: difference {found.difference.middle:+.3f} {_span(found.difference)}, "
        f"better with a probability of {found.better:.0%}"
    )


def _console() -> Console:
    # Names and paths are shown as they are: `[train]` is no markup, and `:key:` no emoji.
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    return console


def _score(score: "Score | None") -> str:
    return "-" if score is None else f"{score.value:.3f} +- {score.stderr:.3f}"


def _span(interval: "Interval") -> str:
    return f"({interval.low:.3f}, {interval.high:.3f})"


def _share(diagnosis: Any) -> str:
    return f"{max(diagnosis.probabilities.values()):.0%}"


def _exchange(interval: "Interval | None") -> str:
    if interval is None:
        return "cannot tell"
    return f"{interval.middle:.2f} ({interval.low:.2f}-{interval.high:.2f})"


def _purchase(purchase: Any) -> str:
    if purchase is None:
        return "-"
    low, high = purchase.interval.low, purchase.interval.high
    return f"{purchase.rows:,} ({low:,.0f}-{high:,.0f})"
