"""The mixtures of a ladder, from its declaration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from doitkit.core.origins import Cell, Origin
from doitkit.mix.amounts import mixture_of
from doitkit.mix.mixture import Mixture
from doitkit.mix.quota import largest_remainder
from doitkit.mix.stock import Stock
from doitkit.mix.unbalanced import unbalanced
from doitkit.recipe.ladder import (
    BalancedDesign,
    Design,
    ExplicitDesign,
    Ladder,
    OneAtATimeDesign,
)


@dataclass(frozen=True)
class Rung:
    """One mixture of a ladder, and the seeds with which it is trained.

    `model` is a name from `ladder.models`; empty where the ladder names none, so that it is
    trained from `train.base_model`.
    """

    mixture: Mixture
    seeds: tuple[int, ...]
    model: str = ""


def ladder_rungs(ladder: Ladder, abilities: Sequence[str], stock: Stock, seed: int) -> list[Rung]:
    """Return the rungs of a ladder, each mixture once for every model.

    Parameters
    ----------
    abilities
        The recipe's abilities, in order.
    stock
        What there is of each cell. An unbalanced design keeps within it, and builds on the
        designs before it; what the others ask beyond it is for the plan to refuse.
    seed
        Decides the unbalanced designs.
    """
    rungs: dict[tuple[str, str], Rung] = {}
    for index, design in enumerate(ladder.designs):
        beside = list({rung.mixture.id: rung.mixture for rung in rungs.values()}.values())
        for mixture in _mixtures(design, ladder, abilities, stock, seed + index, beside):
            for model in design.models or list(ladder.models) or [""]:
                known = rungs.get((mixture.id, model))
                seeds = {*(design.seeds or ladder.seeds), *(known.seeds if known else ())}
                named = _also_named(known.mixture, mixture.name) if known else mixture
                rungs[mixture.id, model] = Rung(named, tuple(sorted(seeds)), model)
    return _told_apart(list(rungs.values()))


def _told_apart(rungs: list[Rung]) -> list[Rung]:
    """Return the rungs with a number behind every name that another mixture has already."""
    owner: dict[str, str] = {"base": "the base model itself"}
    named = []
    for rung in rungs:
        name, number = rung.mixture.name, 1
        while owner.setdefault(name, rung.mixture.id) != rung.mixture.id:
            number += 1
            name = f"{rung.mixture.name} ({number})"
        named.append(replace(rung, mixture=replace(rung.mixture, name=name)))
    return named


def _also_named(mixture: Mixture, name: str) -> Mixture:
    names = mixture.name.split(" = ")
    return mixture if name in names else replace(mixture, name=" = ".join([*names, name]))


def _mixtures(
    design: Design,
    ladder: Ladder,
    abilities: Sequence[str],
    stock: Stock,
    seed: int,
    beside: Sequence[Mixture],
) -> list[Mixture]:
    if isinstance(design, ExplicitDesign):
        return [mixture_of(name, amounts, stock) for name, amounts in design.mixtures.items()]
    if isinstance(design, BalancedDesign):
        return _balanced(design, design.sizes or ladder.sizes, abilities, stock)
    if isinstance(design, OneAtATimeDesign):
        return _one_at_a_time(design, design.sizes or ladder.sizes, abilities, stock)
    return unbalanced(design, ladder.sizes, stock.rows, seed, beside)


def _balanced(
    design: BalancedDesign, sizes: Iterable[int], abilities: Sequence[str], stock: Stock
) -> list[Mixture]:
    """Give every ability `size` rows, split over the origins that it has."""
    chosen = design.abilities or abilities
    among = f"{'+'.join(chosen)}-" if design.abilities else ""
    return [
        Mixture.of(
            f"{among}{_label(design.origins)}-{size}",
            _split(dict.fromkeys(chosen, size), design.origins, stock),
        )
        for size in sizes
    ]


def _one_at_a_time(
    design: OneAtATimeDesign, sizes: Iterable[int], abilities: Sequence[str], stock: Stock
) -> list[Mixture]:
    """Give one ability after another `size` rows, and all others `design.others`."""
    found = []
    for size in sizes:
        for ability in design.abilities or abilities:
            rows = {**dict.fromkeys(abilities, design.others), ability: size}
            counts = _split(rows, design.origins, stock)
            if any(cell.ability == ability for cell in counts):
                name = f"{ability}-{_label(design.origins)}-{size}"
                found.append(Mixture.of(name, counts))
    return found


def _split(
    rows: Mapping[str, int], origins: Mapping[Origin, float], stock: Stock
) -> dict[Cell, int]:
    """Split the rows of every ability over those of `origins` that it has."""
    counts: dict[Cell, int] = {}
    for ability, wanted in rows.items():
        shares = {
            Cell(ability, origin): share
            for origin, share in origins.items()
            if Cell(ability, origin) in stock.rows and share > 0
        }
        if shares:
            counts.update(largest_remainder(wanted, shares))
    return counts


def _label(origins: Mapping[Origin, float]) -> str:
    shares = {origin: share for origin, share in origins.items() if share > 0}
    if len(set(shares.values())) == 1:
        return "+".join(shares)
    return "+".join(f"{share:g}*{origin}" for origin, share in shares.items())
