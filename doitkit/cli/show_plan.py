"""Plans, and what warns of them, as tables on standard output."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from doitkit.cli.show import table, text
from doitkit.recipe import Problem
from doitkit.recipe.diagnostics import render

if TYPE_CHECKING:  # `doitkit validate` plans nothing, and these take a third of a second to load
    from doitkit.mix import Mixture
    from doitkit.plan import Comparison, MoneyLine, Plan, RunLine, SourceLine

_BASIS = {
    "sample": "counts marked ~ are estimates from a sample; duplicates between sources do "
    "not show in one (`--exact` reads every row)",
    "read": "every row was read; `doitkit build` keeps the result",
    "built": "counts are those of the built dataset",
}


_TOKENS = {
    True: "counted with the base model's tokenizer, without its chat template",
    False: "four bytes each, since the base model's tokenizer is not on this machine",
}


def plan(found: "Plan") -> None:
    """Print a plan: sources, runs, money, and what is there already."""
    _sources(found)
    text(_BASIS[found.basis])
    text(f"tokens: {_TOKENS[found.tokens_counted]}; ~ is reckoned from some of the rows")
    if found.runs:
        _runs(found)
    if found.synthesis:
        table(
            f"generation: at most {found.usd:,.4g} USD",
            ["source", "generator", "#requests", "#USD at most"],
            [(s.source, s.generator, f"{s.requests:,}", f"{s.usd:,.4g}") for s in found.synthesis],
        )
    _money(found.money)
    if found.today.total:
        held = ", ".join(f"{cell} {n:,}" for cell, n in found.today.counts)
        text(f"today's mixture: {held}")
    if found.to_buy:
        missing = ", ".join(f"{cell} {n:,}" for cell, n in found.to_buy.items())
        text(f"of these, rows that no source has, still to be bought: {missing}")
    items = ", ".join(f"{ability} {n:,}" for ability, n in found.items.items())
    text(f"evaluation items: {items}")
    text(_stored(found))
    _briefly(found.warnings)


def warnings(found: Sequence[Problem], texts: Mapping[str, str]) -> None:
    """Print warnings on standard error, so that results can be piped on."""
    if found:
        print(render(texts, found), end="\n\n", file=sys.stderr)


def _briefly(found: Sequence[Problem]) -> None:
    for warning in found:
        place = f"{warning.position.file}:{warning.position.line}:{warning.position.column}"
        print(f"{place}: {warning.code} {warning.what}; {warning.next_step}", file=sys.stderr)


def difference(found: "Comparison") -> None:
    """Print where two plans differ."""
    for section in found.sections:
        known = [row for row in section.rows if (row.first, row.second) != (None, None)]
        differing = [row for row in known if not row.same]
        if differing:
            table(
                section.title,
                ["", "", f"#{found.first}", f"#{found.second}", "#difference"],
                [
                    (row.what, row.quantity, _cell(row.first), _cell(row.second),
                     _change(row.first, row.second))
                    for row in differing
                ],
            )  # fmt: skip
        same = len(known) - len(differing)
        if same:
            text(f"{section.title}: {same} quantities agree")


def _sources(found: "Plan") -> None:
    table(
        f"{found.recipe}: sources",
        [
            "ability",
            "origin",
            "source",
            "#wanted",
            "#available",
            "#after curation",
            "#taken",
            "#repeated",
            "#tokens",
        ],
        [_source(line, "~" if found.basis == "sample" else "") for line in found.sources],
    )


def _source(line: "SourceLine", about: str) -> tuple[str, ...]:
    kept = f"{line.kept:,} to be generated" if line.pending else f"{about}{line.kept:,}"
    return (
        line.ability,
        line.origin,
        line.source,
        f"{line.wanted:,}",
        "-" if line.pending else f"{line.available:,}",
        kept,
        f"{line.taken:,}",
        f"{line.repeated:,}",
        _tokens(line.tokens, exact=line.tokens_exact),
    )


def _runs(found: "Plan") -> None:
    several = any(line.model for line in found.runs)
    cells = [_cells(rung.mixture) for rung in found.rungs]
    columns = ["mixture", *(["model"] if several else []), "#rows", "#tokens", "#steps", "seeds"]
    table(
        f"ladder: {found.n_runs} runs, of which {found.n_done} are done, and the base model",
        [*columns, "#time of a run", "rows per cell"],
        [
            (
                line.mixture,
                *([line.model] if several else []),
                f"{line.rows:,}" + (f" (~{line.too_long:,} too long)" if line.too_long else ""),
                _tokens(line.tokens, exact=False),
                f"{line.steps:,}",
                _seeds(line),
                duration(line.seconds),
                "as above" if held == before else held,
            )
            for line, held, before in zip(found.runs, cells, ["", *cells], strict=False)
        ],
    )
    if all(line.seconds is None for line in found.runs):
        text(
            "time: no run of this model was timed in this workspace yet; "
            "`doitkit train --first 2` trains two and times them"
        )


def _cells(mixture: "Mixture") -> str:
    """Return the rows of every cell, abilities that have equally many of an origin together."""
    alike: dict[tuple[str, int], list[str]] = {}
    for cell, rows in mixture.counts:
        alike.setdefault((cell.origin, rows), []).append(cell.ability)
    return "; ".join(
        f"{origin} {rows:,}{' each' if len(abilities) > 1 else ''}: {', '.join(abilities)}"
        for (origin, rows), abilities in alike.items()
    )


def _amount(line: "MoneyLine") -> str:
    if line.amount is None:
        return "not known"
    from doitkit.plan.money import quantity

    most = "at most " if line.category in ("generation", "requests") else ""
    return f"{most}{'' if line.exact else '~'}{quantity(line.amount, line.unit)}"


def _tokens(tokens: int, *, exact: bool) -> str:
    return f"{tokens:,}" if exact or not tokens else f"~{tokens:,}"


def _seeds(line: "RunLine") -> str:
    seeds = ", ".join(map(str, line.seeds))
    return f"{seeds} ({line.done} done)" if line.done else seeds


def _money(lines: Sequence["MoneyLine"]) -> None:
    from doitkit.plan.money import quantity

    table(
        "left to spend",
        ["", "#needed", "#cap"],
        [
            (
                line.category,
                _amount(line),
                "none" if line.cap is None else quantity(line.cap, line.unit),
            )
            for line in lines
            if line.amount is not None or line.cap is not None or line.category != "training"
        ],
    )


def _stored(found: "Plan") -> str:
    stored = found.stored
    built = "the dataset is built" if stored.dataset else "no dataset is built"
    spent = f"; {stored.usd:,.4g} USD spent on {stored.requests:,} requests so far"
    runs = f", {found.n_done} of {found.n_runs} runs are trained" if found.runs else ""
    return f"in the workspace: {built}{runs}{spent if stored.requests else ''}"


def duration(seconds: float | None) -> str:
    """Return a time as people say it: `42 s`, `7 min`, `3.5 h`."""
    if seconds is None:
        return "not known"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:,.6g}"


def _change(first: float | None, second: float | None) -> str:
    return "-" if first is None or second is None else f"{second - first:+,.6g}"
