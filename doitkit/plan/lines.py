"""The lines of a plan: sources, runs, requests to generators, and money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from doitkit.core.origins import Origin

Category = Literal["annotation", "generation", "requests", "training", "training hours"]


@dataclass(frozen=True)
class SourceLine:
    """One source: what the largest mixture wants of it, what there is, what is taken.

    `kept` is what curation leaves of the `available` rows; `repeated` counts rows that stand in
    the mixture once more. `tokens` are those of the rows taken, repeated ones included.
    """

    ability: str
    origin: Origin
    source: str
    wanted: int
    available: int
    kept: int
    taken: int
    repeated: int
    tokens: int
    tokens_exact: bool
    pending: bool
    """Whether the rows are still to be generated: `kept` is a promise then."""


@dataclass(frozen=True)
class RunLine:
    """One mixture of the ladder with one model: the runs that its seeds make.

    `tokens`, `steps` and `seconds` are those of the rows that are trained: without the rows,
    `too_long` by estimate, that exceed `train.max_length`.
    """

    mixture: str
    model: str
    seeds: tuple[int, ...]
    rows: int
    too_long: int
    tokens: int
    steps: int
    seconds: float | None
    """Of one run; None where no run of this model was timed."""
    done: int
    """Seeds whose run is in the workspace already."""


@dataclass(frozen=True)
class SynthesisLine:
    """What a source to be generated would still ask of its generator, and cost at most."""

    source: str
    generator: str
    requests: int
    usd: float


@dataclass(frozen=True)
class MoneyLine:
    """What one category takes, at most or about, against its cap, each in `unit`."""

    category: Category
    amount: float | None
    """None where it cannot be told: no price, or no run timed."""
    cap: float | None
    unit: str
    exact: bool = True
    """False where the amount is reckoned from a sample: of rows, or of timed runs."""

    @property
    def over(self) -> bool:
        """Whether the amount exceeds the cap."""
        return self.amount is not None and self.cap is not None and self.amount > self.cap


@dataclass(frozen=True)
class Stored:
    """What of a plan a workspace holds already."""

    dataset: bool = False
    runs: frozenset[tuple[str, str, int]] = frozenset()
    """Mixture id, model name and seed of the runs that are trained."""
    answers: Mapping[str, int] = field(default_factory=dict)
    """Answers of each generated source that are paid for already."""
    usd: float = 0.0
    """Spent on generation so far."""
    requests: int = 0
    """Sent to generators so far."""
