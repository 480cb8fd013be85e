"""What would be done, counted and priced, before anything is written or spent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell, Origin
from doitkit.mix import Mixture, Rung, holdings, ladder_rungs
from doitkit.plan.request import messages_to_send, most_usd
from doitkit.plan.survey import Survey
from doitkit.recipe.model import Recipe


@dataclass(frozen=True)
class SourceLine:
    """One source in the plan. `available` is exact, or a promise while `pending`."""

    ability: str
    origin: Origin
    source: str
    read: int
    rejected: int
    available: int
    taken: int
    pending: bool


@dataclass(frozen=True)
class SynthesisLine:
    """What a source to be generated would ask of its generator."""

    source: str
    generator: str
    requests: int
    usd: float


@dataclass(frozen=True)
class Plan:
    """What a recipe would do."""

    recipe: str
    today: Mixture
    rungs: tuple[Rung, ...]
    sources: tuple[SourceLine, ...]
    synthesis: tuple[SynthesisLine, ...]
    items: dict[str, int]
    supply: dict[Cell, int]
    pairs: dict[str, int]
    """Of a paired recipe: prompts per ability that every one of its origins answers."""

    @property
    def to_buy(self) -> dict[Cell, int]:
        """Rows of today's mixture that the sources do not hold: advised, and yet to be bought."""
        missing = {cell: n - self.supply.get(cell, 0) for cell, n in self.today.counts}
        return {cell: n for cell, n in missing.items() if n > 0}

    @property
    def runs(self) -> int:
        """How many models would be trained: every mixture once per seed."""
        return sum(len(rung.seeds) for rung in self.rungs)

    @property
    def usd(self) -> float:
        """What generation would cost at most, in USD."""
        return sum(line.usd for line in self.synthesis)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON."""
        return {
            "recipe": self.recipe,
            "today": self.today.as_recipe(),
            "still_to_be_bought": Mixture.of("", self.to_buy).as_recipe(),
            "runs": self.runs,
            "ladder": [
                {"name": r.mixture.name, "rows": r.mixture.total, "seeds": list(r.seeds),
                 "mixture": r.mixture.as_recipe()}
                for r in self.rungs
            ],
            "sources": [asdict(line) for line in self.sources],
            "synthesis": [asdict(line) for line in self.synthesis],
            "usd": self.usd,
            "evaluation_items": self.items,
            **({"pairs": self.pairs} if self.pairs else {}),
        }  # fmt: skip


def make_plan(recipe: Recipe, found: Survey) -> Plan:
    """Return the plan of `recipe` over what the survey `found`.

    Raises
    ------
    PlanError
        If a mixture of the ladder asks for more rows of a cell than there are, or is empty; if
        generation would exceed a cap.
    """
    supply = _promised_supply(recipe, found)
    today, rungs = planned_mixtures(recipe, supply)
    _require_pairs(recipe, found)
    synthesis = tuple(_synthesis(recipe, found))
    _require_caps(recipe, synthesis)
    largest = {cell: max([today[cell], *(rung.mixture[cell] for rung in rungs)]) for cell in supply}
    return Plan(
        recipe=recipe.name,
        today=today,
        rungs=rungs,
        sources=tuple(_source_lines(recipe, found, largest)),
        synthesis=synthesis,
        items={ability: len(items) for ability, items in found.items.items()},
        supply=supply,
        pairs=found.pairs if recipe.paired else {},
    )


def planned_mixtures(recipe: Recipe, supply: dict[Cell, int]) -> tuple[Mixture, tuple[Rung, ...]]:
    """Return the mixture of today and the rungs of the ladder.

    Today's may hold more than `supply`: advice is to buy rows that no source holds yet.

    Raises
    ------
    PlanError
        If a rung is more than `supply` holds, or empty.
    """
    today = holdings(recipe.mixture)
    rungs = (
        ladder_rungs(recipe.ladder, list(recipe.abilities), supply, recipe.seed)
        if recipe.ladder is not None
        else []
    )
    for rung in rungs:
        _require_supply(rung.mixture, supply)
        if rung.mixture.total == 0:
            raise PlanError(
                f"the mixture `{rung.mixture.name}` is empty",
                where="ladder.designs",
                why="no ability has a source of the origins it asks for, or all counts are 0",
                next_step="give it rows, or remove it",
            )
    return today, tuple(rungs)


def _require_supply(mixture: Mixture, supply: dict[Cell, int]) -> None:
    """Raise a `PlanError` if `mixture` asks for more than `supply` holds."""
    for cell, wanted in mixture.counts:
        held = supply.get(cell, 0)
        if wanted > held:
            raise PlanError(
                f"the mixture `{mixture.name}` asks for more rows than there are",
                where=f"{cell.ability}, {cell.origin}",
                why=f"{wanted:,} rows wanted, {held:,} available after curation",
                next_step="lower the size, add a source, or loosen `curate`; "
                "`doitkit plan` shows what each step left out",
            )


def _require_pairs(recipe: Recipe, found: Survey) -> None:
    if not recipe.paired:
        return
    for ability, declared in recipe.abilities.items():
        origins = {recipe.sources[source].origin for source in declared.sources}
        pending = any(source in found.pending for source in declared.sources)
        if len(origins) > 1 and not pending and found.pairs[ability] == 0:
            raise PlanError(
                f"the rows of `{ability}` cannot be paired",
                where=f"abilities.{ability}.sources",
                why=f"`paired: true`, but its {' and '.join(sorted(origins))} rows answer no "
                "prompt in common",
                next_step="use sources that answer the same prompts, or remove `paired`",
            )


def _promised_supply(recipe: Recipe, found: Survey) -> dict[Cell, int]:
    supply = found.supply
    for ability, declared in recipe.abilities.items():
        for source in declared.sources:
            if source in found.pending:
                cell = Cell(ability, "synthetic")
                supply[cell] = supply.get(cell, 0) + found.pending[source]
    return supply


def _synthesis(recipe: Recipe, found: Survey) -> list[SynthesisLine]:
    lines = []
    for name, source in recipe.synthesized_sources().items():
        if name not in found.pending:
            continue
        answer = source.answer
        generator = recipe.generators[answer.generator]
        held = found.prompts[answer.prompts_from][: answer.rows]
        requests = len(held)
        if requests < answer.rows:
            raise PlanError(
                f"`{name}` asks for answers to more prompts than there are",
                where=f"sources.{name}.answer.rows",
                why=f"{answer.rows:,} wanted, `{answer.prompts_from}` holds {requests:,} "
                "after curation",
                next_step="lower `rows`",
            )
        usd = sum(most_usd(generator, messages_to_send(record, answer)) for record in held)
        lines.append(SynthesisLine(name, answer.generator, requests, usd))
    return lines


def _require_caps(recipe: Recipe, planned: Sequence[SynthesisLine]) -> None:
    # A model folder on this machine is asked for free, and as often as need be.
    lines = [line for line in planned if recipe.generators[line.generator].provider != "local"]
    requests = sum(line.requests for line in lines)
    usd = sum(line.usd for line in lines)
    for what, wanted, cap in (
        ("requests", float(requests), float(recipe.caps.requests)),
        ("usd", usd, recipe.caps.usd),
    ):
        if wanted > cap:
            raise PlanError(
                f"generation would exceed the cap on {what}",
                where=f"caps.{what}",
                why=f"up to {wanted:,.2f} needed for {', '.join(line.source for line in lines)}; "
                f"the cap is {cap:,.2f}",
                next_step=f"raise `caps.{what}`, or ask for fewer rows",
            )


def _source_lines(recipe: Recipe, found: Survey, largest: dict[Cell, int]) -> list[SourceLine]:
    lines = []
    for ability, declared in recipe.abilities.items():
        for name in declared.sources:
            origin = recipe.sources[name].origin
            cell = Cell(ability, origin)
            records = found.cells.get(cell, [])
            available = sum(record.source == name for record in records)
            taken = sum(record.source == name for record in records[: largest.get(cell, 0)])
            read = found.rows_in.get(name, 0)
            lines.append(
                SourceLine(
                    ability=ability,
                    origin=origin,
                    source=name,
                    read=read,
                    rejected=read - available,
                    available=found.pending.get(name, available),
                    taken=taken,
                    pending=name in found.pending,
                )
            )
    return lines
