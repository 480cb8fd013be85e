"""Datasets, what differs between two, and the room of a workspace, as tables."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from doitkit.cli.show import table, text
from doitkit.recipe.flaw import printable

if TYPE_CHECKING:
    from doitkit.build import DatasetComparison, Inspection
    from doitkit.build.compare import RowDifference
    from doitkit.build.look import Lengths, Sample
    from doitkit.build.reasons import Reason

_CHARS = 400
"""Characters of a message that a sample shows."""
_BEGINNING = 100
"""Characters of a row that stand for it in a table."""
_SHARES = (0.05, 0.5, 0.95, 1.0)
_REASONS = 20
"""Kinds of reasons that are shown where no more are asked for."""


def inspection(found: "Inspection", *, rejects: bool) -> None:
    """Print a dataset that was looked at."""
    items = sum(found.items.values())
    text(f"{found.folder}")
    text(f"recipe {found.recipe}, seed {found.seed}: {found.rows:,} rows, {items:,} items")
    table(
        "rows",
        ["ability", "origin", "source", "#rows", "#of the ability"],
        [
            (c.ability, c.origin, c.source, f"{c.rows:,}", f"{c.rows / whole:.1%}")
            for c, whole in _with_whole(found)
        ],
    )
    text("items: " + (", ".join(f"{name} {n:,}" for name, n in found.items.items()) or "none"))
    _lengths(found.lengths)
    _flow(found)
    _reasons(found.reasons, all_of_them=rejects)
    _losses(found)
    for sample in found.samples:
        _sample(sample)


def difference(found: "DatasetComparison") -> None:
    """Print where two datasets differ."""
    text(f"first:  {found.first}\nsecond: {found.second}")
    if found.settings:
        table(
            "settings",
            ["", "first", "second"],
            [(s.key, _value(s.first), _value(s.second)) for s in found.settings],
        )
    if found.steps:
        table(
            "rows that each step left out, where that differs",
            ["step", "source", "#first", "#second", "#difference"],
            [
                (s.step, s.source, _count(s.first), _count(s.second), _change(s.first, s.second))
                for s in found.steps
            ],
        )
    other = [row for row in found.rows if not row.same]
    if other:
        columns = ["#first", "#second", "#only first", "#only second", "#both", "#moved"]
        table(
            "rows, by id",
            ["ability", "origin", "source", *columns, "#from another source"],
            [_row(row) for row in other],
        )
    same = len(found.rows) - len(other)
    if same:
        text(f"rows: {same} of {len(found.rows)} sources hold the same rows at the same places")
    for item in found.items:
        if item.only_first or item.only_second:
            text(
                f"items of {item.ability}: {item.both:,} in both, {item.only_first:,} only in the "
                f"first, {item.only_second:,} only in the second"
            )
    for row in other:
        _examples(row, "first", row.examples_first)
        _examples(row, "second", row.examples_second)
    if found.same:
        text("both hold the same rows and items, each at the same place")


def _with_whole(found: "Inspection") -> list[tuple[Any, int]]:
    whole: dict[str, int] = {}
    for count in found.counts:
        whole[count.ability] = whole.get(count.ability, 0) + count.rows
    return [(count, whole[count.ability]) for count in found.counts]


def _lengths(found: Sequence["Lengths"]) -> None:
    by_part: dict[tuple[str, str, str], dict[str, Lengths]] = {}
    for one in found:
        by_part.setdefault((one.ability, one.origin, one.part), {})[one.unit] = one
    for units in (("characters", "words"), ("tokens",)):
        rows = [(key, of) for key, of in by_part.items() if units[0] in of]
        if rows:
            table(
                "lengths at 5 % / 50 % / 95 % / 100 % of the rows, or of a random sample of them",
                ["ability", "origin", "part", *(f"#{unit}" for unit in units), "#rows measured"],
                [
                    (*key, *(_quantiles(of[unit]) for unit in units), f"{of[units[0]].rows:,}")
                    for key, of in rows
                ],
            )


def _quantiles(lengths: "Lengths") -> str:
    return " / ".join(f"{lengths.at(share):,}" for share in _SHARES)


def _flow(found: "Inspection") -> None:
    steps = [(step, list(part)) for step, part in groupby(found.flow, lambda p: p.step)]
    first = steps[0][1] if steps else []
    at = {(p.source, p.step): p for p in found.flow}
    rows: list[Sequence[object]] = [
        (
            p.source,
            f"{p.rows_in:,}",
            *(_gone(at[p.source, step].left_out) for step, _ in steps),
            f"{at[p.source, steps[-1][0]].left:,}",
        )
        for p in first
    ]
    if len(rows) > 1:
        gone = (_gone(sum(p.left_out for p in part)) for _, part in steps)
        left = sum(p.left for p in steps[-1][1])
        rows.append(("all", f"{sum(p.rows_in for p in first):,}", *gone, f"{left:,}"))
    columns = ["source", "#in the files", *(f"#{step}" for step, _ in steps), "#left"]
    table("the flow of rows: what each step left out", columns, rows)


def _reasons(found: Sequence["Reason"], *, all_of_them: bool) -> None:
    if not found:
        return
    shown = found if all_of_them else found[:_REASONS]
    table(
        f"{sum(reason.rows for reason in found):,} rows left out, by reason",
        ["#rows", "step", "source", "reason"],
        [(f"{r.rows:,}", r.step, r.source, r.kind) for r in shown],
    )
    if len(shown) < len(found):
        text(f"and {len(found) - len(shown)} kinds of reasons more: `--rejects`")
    if all_of_them:
        for one in found:
            text(f"{one.step}, {one.source}: {_cut(one.reason, _CHARS)}")
            text(f"  {one.file}:{one.line}: {_cut(one.text, _BEGINNING)}")


def _losses(found: "Inspection") -> None:
    if found.losses:
        table(
            "duplicates: who lost rows to whom",
            ["source", "to", "#rows", "how", "such as"],
            [
                (one.source, one.to, f"{one.rows:,}", one.how, _pair(one.examples))
                for one in found.losses
            ],
        )
    for one in found.unread:
        text(
            f"`{one.source}`: {one.rows:,} of {one.of:,} rows were not compared by what they say: "
            "the embedding model cannot read them"
        )
    for alarm in found.alarms:
        text(f"look at this: {alarm}")


def _pair(examples: Sequence[tuple[str, str, float]]) -> str:
    return "; ".join(
        f"{lost.partition(', ')[2]} and {kept.partition(', ')[2]}"
        + ("" if alike == 1 else f", {alike:.0%} alike")
        for lost, kept, alike in examples[:1]
    )


def _sample(sample: "Sample") -> None:
    place = f"{sample.ability}/{sample.origin}, {sample.source}, position {sample.position:,}"
    text(f"\n{place}, {sample.meta}")
    for message in sample.messages:
        _message(message)


def _message(message: Mapping[str, str]) -> None:
    text(f"  {message['role']}: {_cut(message['content'], _CHARS)}")


def _row(row: "RowDifference") -> tuple[str, ...]:
    counts = (row.first, row.second, row.only_first, row.only_second, row.both, row.moved)
    names = (row.ability, row.origin, row.source)
    return (*names, *(f"{n:,}" for n in (*counts, row.other_source)))


def _examples(row: "RowDifference", which: str, beginnings: Sequence[str]) -> None:
    for beginning in beginnings:
        where = f"{row.ability}/{row.origin}, {row.source}"
        text(f"only in the {which}, {where}: {_cut(beginning, _BEGINNING)}")


def _value(value: Any) -> str:
    return "-" if value is None else _cut(str(value), _BEGINNING)


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _change(first: int | None, second: int | None) -> str:
    return "-" if first is None or second is None else f"{second - first:+,}"


def _gone(rows: int) -> str:
    return f"{rows:,}" if rows else "-"


def _cut(value: str, most: int) -> str:
    line = printable(" ".join(value.split()))
    return line if len(line) <= most else f"{line[:most]}..."
