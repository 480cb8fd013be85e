"""What a planned ladder will be able to resolve, as values and as plain JSON."""

from dataclasses import asdict, dataclass
from typing import Any

_ENOUGH = 0.7
"""Share of right diagnoses, and of worlds with transfer told, that counts as resolving."""
_HELPS = 0.05
"""An addition that makes so few more of the diagnoses right is not worth a word."""


@dataclass(frozen=True)
class ExchangeResolution:
    """How well an exchange rate will be told."""

    told: float
    """Share of the worlds in which the runs can tell it."""
    factor: float | None
    """By what factor the rate that is told is off, the median; None where none is."""


@dataclass(frozen=True)
class AbilityResolution:
    """How the diagnosis of one ability will come out, as shares of the worlds."""

    ability: str
    items: int
    right: float
    wrong: float
    cannot_tell: float
    exchange: dict[str, ExchangeResolution]
    """By origin, for those that the ladder trains on."""


@dataclass(frozen=True)
class GainResolution:
    """How well the gain of the advised purchase will be foretold, in points of the mean score."""

    true: float
    """What the purchase brings, the median over worlds."""
    width: float
    """Of its 80 % interval, the median."""
    covered: float
    """Share of the worlds in which the interval holds what the purchase brings."""


@dataclass(frozen=True)
class Addition:
    """Something more than is planned, and what it would do."""

    what: str
    right: float
    """Share of right diagnoses with it."""


@dataclass(frozen=True)
class Resolution:
    """What the runs of a plan resolve, over simulated worlds.

    Regrets are shares of what the best purchase would gain that whoever knew the truth would
    make for the same money, as means over the worlds.
    """

    worlds: int
    failed: int
    """Worlds in which the growth laws could not be fitted."""
    runs: int
    abilities: tuple[AbilityResolution, ...]
    transfer: float | None
    """Share of the worlds in which transfer is told; None if the recipe does not ask
    for it, or scores one ability alone."""
    gain: GainResolution
    regret: float
    equal_regret: float
    """Of the better equal split, as the advisor chooses it."""
    additions: tuple[Addition, ...]
    """Tried on the same worlds where the plan resolves little; the best first."""

    @property
    def right(self) -> float:
        """Share of all diagnoses that come out right."""
        return sum(ability.right for ability in self.abilities) / len(self.abilities)

    @property
    def resolves(self) -> bool:
        """Whether most diagnoses come out right and the transfer that is asked for is told."""
        return self.right >= _ENOUGH and (self.transfer is None or self.transfer >= _ENOUGH)

    @property
    def verdict(self) -> str:
        """What to add if little is resolved, in a sentence."""
        if self.resolves:
            return f"the ladder resolves what is asked: {self.right:.0%} of the diagnoses are right"
        parts = []
        if self.right < _ENOUGH:
            helping = [a for a in self.additions if a.right >= self.right + _HELPS]
            parts.append(
                f"{helping[0].what} would make {helping[0].right:.0%} of the diagnoses right "
                f"instead of {self.right:.0%}"
                if helping
                else f"{self.right:.0%} of the diagnoses are right, and not even "
                f"{' or '.join(a.what for a in self.additions)} would change that much: raise "
                "`advise.min_gain`, the gain that counts"
            )
        if self.transfer is not None and self.transfer < _ENOUGH:
            parts.append(
                "no run tells whose rows help which ability: add `{design: unbalanced, runs: "
                f"{len(self.abilities) + 1}}}` to `ladder.designs`, or say `advise.transfer: false`"
            )
        return "the ladder resolves little: " + "; and ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Return the resolution as plain JSON."""
        return {
            **asdict(self),
            "right": self.right,
            "resolves": self.resolves,
            "verdict": self.verdict,
        }
