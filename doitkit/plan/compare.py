"""Two plans side by side: sources, today's mixture, runs, money."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from doitkit.plan.plan import Plan

Number = float | None


@dataclass(frozen=True)
class Row:
    """One quantity of both plans; None where a plan does not have it, or cannot tell it."""

    what: str
    quantity: str
    first: Number
    second: Number

    @property
    def same(self) -> bool:
        """Whether both plans agree."""
        return self.first == self.second


@dataclass(frozen=True)
class Section:
    """Quantities of one kind."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side."""

    first: str
    second: str
    sections: tuple[Section, ...]

    @property
    def same(self) -> bool:
        """Whether the plans agree in everything."""
        return all(row.same for section in self.sections for row in section.rows)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON."""
        return {
            "first": self.first,
            "second": self.second,
            "same": self.same,
            "sections": {
                section.title: [{**asdict(row), "same": row.same} for row in section.rows]
                for section in self.sections
            },
        }


def compare(first: Plan, second: Plan) -> Comparison:
    """Return two plans side by side, in the order of the first."""
    sections = (
        ("sources", _sources),
        ("today's mixture", _today),
        ("runs", _runs),
        ("money", _money),
        ("evaluation items", _items),
    )
    return Comparison(
        first.recipe,
        second.recipe,
        tuple(Section(title, _beside(table(first), table(second))) for title, table in sections),
    )


Table = Mapping[tuple[str, str], Number]
"""(what, quantity) -> number."""


def _beside(first: Table, second: Table) -> tuple[Row, ...]:
    keys = dict.fromkeys([*first, *second])
    return tuple(Row(*key, first.get(key), second.get(key)) for key in keys)


def _sources(plan: Plan) -> Table:
    return {
        (f"{line.ability}/{line.origin}: {line.source}", quantity): float(getattr(line, quantity))
        for line in plan.sources
        for quantity in ("available", "kept", "taken", "repeated", "tokens")
    }


def _today(plan: Plan) -> Table:
    return {(str(cell), "rows"): float(n) for cell, n in plan.today.counts}


def _runs(plan: Plan) -> Table:
    table: dict[tuple[str, str], Number] = {
        ("all", "runs"): float(plan.n_runs),
        ("all", "done"): float(plan.n_done),
    }
    for line in plan.runs:
        name = f"{line.mixture}, {line.model}" if line.model else line.mixture
        table[name, "rows"] = float(line.rows)
        table[name, "tokens"] = float(line.tokens)
        table[name, "seeds"] = float(len(line.seeds))
        table[name, "steps"] = float(line.steps)
        table[name, "seconds"] = line.seconds
    return table


def _money(plan: Plan) -> Table:
    return {
        (line.category, quantity): getattr(line, quantity)
        for line in plan.money
        for quantity in ("amount", "cap")
    }


def _items(plan: Plan) -> Table:
    return {(ability, "items"): float(n) for ability, n in plan.items.items()}
