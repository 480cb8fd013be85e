"""The tables of a dataset's card."""

from collections.abc import Mapping, Sequence
from typing import Any

from doitkit.build.card.markdown import code, plain, table
from doitkit.build.flow import FLOW_STEPS, read_flow
from doitkit.build.losses import read_losses
from doitkit.build.reasons import Reason
from doitkit.core.origins import ORIGINS
from doitkit.recipe.data import SynthesizedSource
from doitkit.recipe.model import Recipe

_SHOWN = 20
"""Reasons, and losses, that the card tells; the commonest."""


def sources(recipe: Recipe, manifest: Mapping[str, Any]) -> str:
    """Return where the rows come from, and how many of each source were kept."""
    owner = {name: ability for ability, a in recipe.abilities.items() for name in a.sources}
    left = {passage.source: passage.left for passage in read_flow(manifest)}
    return table(
        ["source", "ability", "origin", "written by", "licence", "#rows", "#kept"],
        [
            (
                code(name),
                plain(owner.get(name, "(prompts only)")),
                source.origin,
                _generator(recipe, name),
                _license(source.license),
                manifest["rows_in"][name],
                left[name] if name in owner else 0,
            )
            for name, source in recipe.sources.items()
        ],
    )


def supply(recipe: Recipe, manifest: Mapping[str, Any]) -> str:
    """Return the rows of each ability and origin."""
    held: dict[str, dict[str, int]] = manifest["supply"]
    origins = [origin for origin in ORIGINS if any(origin in rows for rows in held.values())]
    rows: list[Sequence[object]] = [
        (plain(name), *(held[name].get(origin) for origin in origins), sum(held[name].values()))
        for name in recipe.abilities
    ]
    totals = [sum(rows.get(origin, 0) for rows in held.values()) for origin in origins]
    return table(
        ["ability", *(f"#{origin}" for origin in origins), "#all"],
        [*rows, ("all", *totals, sum(totals))],
    )


def evaluation(recipe: Recipe, manifest: Mapping[str, Any]) -> str:
    """Return the evaluation sets."""
    return table(
        ["ability", "metric", "#items", "#left out", "written by", "licence"],
        [
            (
                plain(ability),
                code(declared.metric),
                manifest["evaluation_items"][ability],
                sum(manifest["rejects"].get(f"{ability}.evaluate", {}).values()),
                declared.origin,
                _license(declared.license),
            )
            for ability, declared in recipe.evaluation_sets().items()
        ],
    )


def flow(manifest: Mapping[str, Any]) -> str:
    """Return how many rows each step left out, of all sources and of each."""
    passages = read_flow(manifest)
    in_all = table(
        ["step", "#rows in", "#left out", "#left"],
        [
            (
                code(step),
                sum(p.rows_in for p in passages if p.step == step),
                sum(p.left_out for p in passages if p.step == step),
                sum(p.left for p in passages if p.step == step),
            )
            for step in FLOW_STEPS
        ],
    )
    steps = [step for step in FLOW_STEPS if any(p.left_out for p in passages if p.step == step)]
    if not steps:
        return in_all
    gone = {(p.source, p.step): p.left_out for p in passages}
    names = dict.fromkeys(p.source for p in passages)
    by_source = table(
        ["left out", *(f"#{code(step)}" for step in steps)],
        [(code(name), *(gone[name, step] for step in steps)) for name in names],
    )
    return f"{in_all}\n\n{by_source}"


def left_out(reasons: Sequence[Reason]) -> str:
    """Return the commonest reasons for which rows were left out."""
    more = len(reasons) - _SHOWN
    told = table(
        ["#rows", "step", "source", "reason"],
        [(r.rows, code(r.step), code(r.source), plain(r.kind)) for r in reasons[:_SHOWN]],
    )
    return told + (f"\n\nAnd {more:,} kinds of reasons more." if more > 0 else "")


def duplicates(manifest: Mapping[str, Any]) -> str:
    """Return who lost rows to whom, or nothing."""
    found = read_losses(manifest)
    parts = [f"Look at this: {alarm}." for alarm in manifest["alarms"]]
    if found:
        rows = [
            (
                code(loss.source),
                "itself" if loss.to == loss.source else code(loss.to),
                loss.rows,
                loss.how,
                "; ".join(_pair(*example) for example in loss.examples[:1]),
            )
            for loss in found[:_SHOWN]
        ]
        parts.insert(0, table(["source", "lost to", "#rows", "how", "such as"], rows))
    return "\n\n".join(parts)


def personal(manifest: Mapping[str, Any]) -> str:
    """Return how many rows that were read hold personal data, by source and kind, or nothing."""
    found: dict[str, dict[str, int]] = manifest["personal"]
    rows = [(code(source), code(k), n) for source, kinds in found.items() for k, n in kinds.items()]
    said = "Rows, of all that were read, in which a pattern finds personal data; none was changed."
    return f"{said}\n\n{table(['source', 'kind', '#rows'], rows)}" if rows else ""


def costs(manifest: Mapping[str, Any]) -> str:
    """Return what the rows cost at the prices that the recipe stated, or nothing."""
    unit = plain(manifest["costs"]["unit"])
    rows = [
        (
            plain(cell["ability"]),
            cell["origin"],
            cell["rows"],
            f"{cell['per_row']:g} a row"
            if cell["per_row"] is not None
            else f"{cell['per_1k_tokens']:g} for 1,000 tokens",
            None if cell["total"] is None else f"{cell['total']:,.2f}",
        )
        for cell in manifest["costs"]["cells"]
    ]
    columns = ["ability", "origin", "#rows", f"#price ({unit})", f"#in all ({unit})"]
    said = "At the prices that the recipe stated when this was built."
    return f"{said}\n\n{table(columns, rows)}" if rows else ""


def _generator(recipe: Recipe, name: str) -> str | None:
    source = recipe.sources[name]
    if isinstance(source, SynthesizedSource):
        return code(source.answer.generator)
    return None if source.generator is None else plain(source.generator)


def _license(stated: str | None) -> str:
    return "not stated" if stated is None else plain(stated)


def _pair(lost: str, kept: str, alike: float) -> str:
    return f"{code(lost)} and {code(kept)}" + ("" if alike == 1 else f" ({alike:.0%})")
