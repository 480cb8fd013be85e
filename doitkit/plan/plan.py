"""What would be done, counted and priced, before anything is written or spent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.mix import Mixture, Rung, Stock
from doitkit.plan.inventory import Basis, Inventory
from doitkit.plan.lines import MoneyLine, RunLine, SourceLine, Stored, SynthesisLine
from doitkit.plan.mixtures import planned_mixtures
from doitkit.plan.money import money_lines, require_caps
from doitkit.plan.request import messages_to_send, most_usd
from doitkit.plan.runs import run_lines
from doitkit.plan.sources import source_lines
from doitkit.plan.speed import Speed
from doitkit.plan.warn import plan_warnings, unpaired
from doitkit.recipe.diagnostics import Problem
from doitkit.recipe.model import Recipe


@dataclass(frozen=True)
class Plan:
    """What a recipe would do."""

    recipe: str
    basis: Basis
    """Whether counts are estimated from a sample, read from the files, or of a built dataset."""
    today: Mixture
    rungs: tuple[Rung, ...]
    sources: tuple[SourceLine, ...]
    runs: tuple[RunLine, ...]
    synthesis: tuple[SynthesisLine, ...]
    money: tuple[MoneyLine, ...]
    tokens_counted: bool
    """Whether the base model's own tokenizer counted tokens, or a token is four bytes."""
    items: Mapping[str, int]
    supply: Mapping[Cell, int]
    pairs: Mapping[str, int]
    """Prompts per ability that every one of its origins answers, where it has several."""
    to_buy: Mapping[Cell, int]
    """Rows of today's mixture that the sources do not hold: advised, and yet to be bought."""
    stored: Stored
    warnings: tuple[Problem, ...]
    stock: Stock = field(compare=False)
    """What the purchase of more is planned from: rows, their tokens and prices."""

    @property
    def n_runs(self) -> int:
        """How many models would be trained: every mixture once per seed and model."""
        return sum(len(line.seeds) for line in self.runs)

    @property
    def n_done(self) -> int:
        """How many of them are trained already."""
        return sum(line.done for line in self.runs)

    @property
    def usd(self) -> float:
        """What generation would cost at most from here on, in USD."""
        return sum(line.usd for line in self.synthesis)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON."""
        return {
            "recipe": self.recipe,
            "basis": self.basis,
            "today": self.today.as_recipe(),
            "still_to_be_bought": Mixture.of("", self.to_buy).as_recipe(),
            "runs": self.n_runs,
            "runs_done": self.n_done,
            "ladder": [
                {**asdict(line), "mixture": rung.mixture.as_recipe(), "name": line.mixture}
                for line, rung in zip(self.runs, self.rungs, strict=True)
            ],
            "sources": [asdict(line) for line in self.sources],
            "synthesis": [asdict(line) for line in self.synthesis],
            "money": [{**asdict(line), "over": line.over} for line in self.money],
            "usd": self.usd,
            "tokens_counted": self.tokens_counted,
            "evaluation_items": dict(self.items),
            "pairs": dict(self.pairs),
            "stored": {
                "dataset": self.stored.dataset,
                "runs": self.n_done,
                "usd": self.stored.usd,
                "requests": self.stored.requests,
            },
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def make_plan(
    recipe: Recipe,
    inventory: Inventory,
    *,
    mixtures: tuple[Mixture, tuple[Rung, ...]] | None = None,
    stored: Stored | None = None,
    speeds: Mapping[str, Speed] | None = None,
) -> Plan:
    """Return the plan of `recipe` over what there is.

    Parameters
    ----------
    mixtures
        What `planned_mixtures` gives for this recipe and inventory, where it is known already.
    stored
        What a workspace holds already; nothing, if not given.
    speeds
        Base model -> what its runs took here; where none is known, no time is told.

    Raises
    ------
    PlanError
        If a mixture asks for more rows of a cell than there are, or is empty; if a category of
        money would exceed its cap.
    """
    stored, speeds = stored or Stored(), speeds or {}
    stock = inventory.stock(recipe)
    today, rungs = mixtures or planned_mixtures(recipe, stock)
    _require_pairs(recipe, inventory)
    synthesis = _synthesis(recipe, inventory, stored.answers)
    to_buy = _to_buy(today, stock)
    runs = run_lines(recipe, inventory, rungs, stored, speeds)
    device = next((speed.device for speed in speeds.values()), None)
    money = money_lines(recipe, stock, to_buy, synthesis, runs, stored, device)
    require_caps(recipe, money, synthesis, to_buy)
    named = {"today": today, **{rung.mixture.id: rung.mixture for rung in rungs}}
    return Plan(
        recipe=recipe.name,
        basis=inventory.basis,
        today=today,
        rungs=rungs,
        sources=tuple(source_lines(recipe, inventory, named)),
        runs=tuple(runs),
        synthesis=tuple(synthesis),
        money=tuple(money),
        tokens_counted=inventory.tokens_counted,
        items=inventory.items,
        supply=inventory.rows,
        pairs=inventory.pairs,
        to_buy=to_buy,
        stored=stored,
        warnings=tuple(plan_warnings(recipe, inventory, rungs)),
        stock=stock,
    )


def _to_buy(today: Mixture, stock: Stock) -> dict[Cell, int]:
    held = {cell: stock.rows.get(cell, 0) * today.repeat_at_most for cell, _ in today.counts}
    missing = {cell: n - held[cell] for cell, n in today.counts}
    return {cell: n for cell, n in missing.items() if n > 0}


def _require_pairs(recipe: Recipe, inventory: Inventory) -> None:
    if not recipe.paired or inventory.basis == "sample":
        return
    for ability, origins in unpaired(recipe, inventory):
        raise PlanError(
            f"the rows of `{ability}` cannot be paired",
            code="E307",
            where=recipe.place("abilities", ability, "sources"),
            why=f"`paired: true`, but its {' and '.join(origins)} rows answer no prompt in common",
            next_step="use sources that answer the same prompts, or remove `paired`",
        )


def _synthesis(
    recipe: Recipe, inventory: Inventory, answers: Mapping[str, int]
) -> list[SynthesisLine]:
    lines = []
    for name, source in recipe.synthesized_sources().items():
        if name not in inventory.pending:
            continue
        answer = source.answer
        generator = recipe.generators[answer.generator]
        held = inventory.prompts[answer.prompts_from][: answer.rows]
        requests = len(held)
        if requests < answer.rows and inventory.basis != "sample":
            raise PlanError(
                f"`{name}` asks for answers to more prompts than there are",
                code="E310",
                where=recipe.place("sources", name, "answer", "rows"),
                why=f"{answer.rows:,} wanted, `{answer.prompts_from}` holds {requests:,} "
                "after curation",
                next_step="lower `rows`",
            )
        usd = sum(most_usd(generator, messages_to_send(record, answer)) for record in held)
        left = answer.rows - answers.get(name, 0)
        share = left / requests if requests else 1.0
        lines.append(SynthesisLine(name, answer.generator, left, usd * share))
    return lines
