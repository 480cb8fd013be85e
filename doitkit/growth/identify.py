"""What the runs can tell and what they cannot, before any parameter is printed.

A contrast (an exchange rate, a ceiling, a transfer, the slope over model sizes) is *told* when

1. the design lets it be told: no other amount of data rises and falls with the one in question,
   and for a ceiling of an origin, some run went past the knee; and
2. the scores take away at least half of its prior variance (`design.py`).

What is not told is named, with the reason and the cheapest run that would tell it (`remedy.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from doitkit.growth.design import Design, Information
from doitkit.growth.fit import GrowthFit
from doitkit.growth.law import CEILING, SIZE
from doitkit.growth.observations import Floats
from doitkit.growth.problem import Mask
from doitkit.growth.remedy import Remedies
from doitkit.growth.ties import tied_abilities, unties, vary_apart, why_tied, with_runs

_KNEE_SURE = 0.8
_ENOUGH = 0.5
"""The share of its prior variance that the scores must take away from a contrast."""

TRANSFER = "transfer between abilities"
"""How the name of an `Unknown` about transfer begins."""


@dataclass(frozen=True)
class Unknown:
    """Something that the runs cannot tell, and the run that would tell it."""

    what: str
    why: str
    cheapest_run: str


@dataclass(frozen=True)
class Identified:
    """What may be reported."""

    transfer: bool
    """Whether any transfer can be told."""
    helps: dict[tuple[str, str], bool]
    """(to, from) -> whether what the data of one ability does for another can be told."""
    exchange: dict[tuple[str, str], bool]
    """(ability, origin) -> whether its exchange rate can be told."""
    cap: dict[tuple[str, str], bool]
    """(ability, origin) -> whether a run passed the knee, so that its ceiling can be told."""
    ceiling: dict[str, bool]
    """Ability -> whether the ceiling of its growth can be told."""
    size: dict[str, bool]
    """Ability -> whether its slope over model sizes can be told; empty where all are of one."""
    unknown: tuple[Unknown, ...]
    design: Design


def examine(fit: GrowthFit) -> Identified:
    """Return what the design of the runs, and the fit, can tell."""
    return _Examination.of(fit).result()


@dataclass
class _Examination:
    """One fit under examination; what is unknown is collected on the way."""

    fit: GrowthFit
    tied: Mask
    """Which abilities cannot be told from which, shape (abilities, abilities)."""
    apart: Mask
    """Whether an origin's rows vary apart from the reference's, shape (abilities, origins)."""
    information: Information
    taken: Floats
    remedies: Remedies
    unknown: list[Unknown] = field(default_factory=list)

    @classmethod
    def of(cls, fit: GrowthFit) -> "_Examination":
        counts, layout = fit.seen.counts, fit.layout
        _, n, origins = counts.shape
        tied = tied_abilities(counts)
        apart = np.array([[vary_apart(counts, a, o) for o in range(origins)] for a in range(n)])
        mute = np.zeros((n, layout.size), dtype=bool)
        mute[:, layout.transfer] = tied.any(axis=1)
        mute[:, layout.log_rho] = mute[:, layout.log_cap] = ~apart[:, 1:]
        information = Information.of(fit, mute)
        remedies = Remedies.of(fit, information)
        return cls(fit, tied, apart, information, information.taken, remedies)

    def result(self) -> Identified:
        seen = self.fit.seen
        helps = self._helps()
        exchange: dict[tuple[str, str], bool] = {}
        cap: dict[tuple[str, str], bool] = {}
        for a, ability in enumerate(seen.abilities):
            for o, origin in enumerate(seen.origins[1:], start=1):
                if seen.counts[:, a, o].max() > 0:
                    exchange[ability, origin] = self._exchange(a, o)
                    cap[ability, origin] = exchange[ability, origin] and self._cap(a, o)
        ceiling = {ability: self._ceiling(a) for a, ability in enumerate(seen.abilities)}
        sizes = np.ptp(seen.log_size) > 0
        size = {ability: self._size(a) for a, ability in enumerate(seen.abilities) if sizes}
        every = [*helps.values(), *exchange.values(), *cap.values()]
        every += [*ceiling.values(), *size.values()]
        return Identified(
            transfer=any(helps.values()),
            helps=helps,
            exchange=exchange,
            cap=cap,
            ceiling=ceiling,
            size=size,
            unknown=tuple(self.unknown),
            design=self.information.design(len(every), sum(every)),
        )

    def _helps(self) -> dict[tuple[str, str], bool]:
        seen, layout = self.fit.seen, self.fit.layout
        pairs = [(a, d) for a in range(len(seen.abilities)) for d in range(len(seen.abilities))]
        held = seen.counts.sum(axis=2).max(axis=0) > 0
        pairs = [(a, d) for a, d in pairs if a != d and held[d]]
        if not pairs:
            return {}
        place = {pair: (pair[0], layout.transfer.start + pair[1]) for pair in pairs}
        told = {pair: bool(self.taken[place[pair]] >= _ENOUGH) for pair in pairs}
        lost = [place[pair] for pair in pairs if not told[pair]]
        if lost:
            some = "" if len(lost) == len(pairs) else f", for {len(lost)} of {len(pairs)} pairs"
            untie = partial(unties, seen)
            why = why_tied(seen, self.tied) or self._too_little(lost)
            self._name(f"{TRANSFER}{some}", why, lost, untie)
        return {(seen.abilities[a], seen.abilities[d]): known for (a, d), known in told.items()}

    def _exchange(self, a: int, o: int) -> bool:
        """Say whether origin `o` and the reference vary apart from each other for ability `a`."""
        seen = self.fit.seen
        place = (a, self.fit.layout.log_rho.start + o - 1)
        if self.taken[place] >= _ENOUGH:
            return True
        varied = all(np.ptp(seen.counts[:, a, origin]) > 0 for origin in (0, o))
        if self.apart[a, o]:
            why = self._too_little([place])
        elif varied:
            why = f"its rows and the {seen.origins[0]} rows do not vary apart from each other"
        else:
            why = f"no run varies its {seen.origins[o]} and {seen.origins[0]} rows"

        def untie(counts: Floats, copies: int) -> bool:
            return _holds(a, counts, copies) and vary_apart(
                with_runs(seen.counts, counts, copies), a, o
            )

        what = f"the exchange rate of {seen.origins[o]} data for {seen.abilities[a]}"
        self._name(what, why, [place], untie)
        return False

    def _cap(self, a: int, o: int) -> bool:
        seen, p = self.fit.seen, self.fit.parameters()
        place = (a, self.fit.layout.log_cap.start + o - 1)
        knees = np.exp(p.log_cap[:, a, o - 1] - p.log_rho[:, a, o - 1])
        knee, most = float(np.quantile(knees, _KNEE_SURE)), float(seen.counts[:, a, o].max())
        if knee < most and self.taken[place] >= _ENOUGH:
            return True
        why = self._too_little([place])
        if knee >= most:
            why = f"no run clearly passed the knee; the largest holds {most:,.0f} rows"

        def passes(counts: Floats, _: int) -> bool:
            # Where no run on the list is past it, the largest is as good as it gets.
            return bool(counts[a, o] > min(knee, most))

        what = f"the ceiling of {seen.origins[o]} data for {seen.abilities[a]}"
        self._name(what, why, [place], passes)
        return False

    def _ceiling(self, a: int) -> bool:
        if self.taken[a, CEILING] >= _ENOUGH:
            return True
        what = f"the highest score of {self.fit.seen.abilities[a]} that any data could reach"
        self._name(what, self._too_little([(a, CEILING)]), [(a, CEILING)], partial(_holds, a))
        return False

    def _size(self, a: int) -> bool:
        if self.taken[a, SIZE] >= _ENOUGH:
            return True
        what = f"what a larger model does for {self.fit.seen.abilities[a]}"
        self._name(what, self._too_little([(a, SIZE)]), [(a, SIZE)], partial(_holds, a))
        return False

    def _too_little(self, places: list[tuple[int, int]]) -> str:
        most = max(float(self.taken[place]) for place in places)
        share = "less than 1" if most < 0.01 else f"{int(100 * most)}"  # 49.9 % is not a half
        least = "at most " if len(places) > 1 and most >= 0.01 else ""
        return (
            f"the scores take away {least}{share}% of what is uncertain about it beforehand; "
            f"{_ENOUGH:.0%} are asked for"
        )

    def _name(
        self,
        what: str,
        why: str,
        places: list[tuple[int, int]],
        allowed: Callable[[Floats, int], bool],
    ) -> None:
        remedy = self.remedies.cheapest(places, _ENOUGH, allowed)
        run = "none that holds one kind of rows alone" if remedy is None else str(remedy)
        if remedy is not None and len(places) > 1 and remedy.tells:
            run += f" (tells {remedy.tells} of {len(places)})"
        self.unknown.append(Unknown(what, why, run))


def _holds(a: int, counts: Floats, _: int) -> bool:
    return bool(counts[a].any())
