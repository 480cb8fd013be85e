"""What is known about a trained run, on disk and in memory."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from doitkit.core.files import read_json
from doitkit.core.origins import Cell, Origin
from doitkit.core.tables import RUN
from doitkit.mix import Mixture

RUN_FILE = "run.json"
PARTIAL = ".partial"
"""Ending of the folder of a run that is not finished."""


@dataclass(frozen=True)
class Run:
    """One run: what it was trained on, how, and what it cost.

    `method` is `none` for the base model itself, which counts as the run with no data.
    """

    run_id: str
    name: str
    dataset_id: str
    base_model: str
    base_path: str
    base_hash: str
    n_params: int
    method: str
    seed: int
    config_hash: str
    train_loss: float | None
    wall_s: float
    device: str
    dtype: str
    mixture: dict[str, dict[str, int]]
    """What was asked for: rows per ability and origin."""
    trained: dict[str, dict[str, int]]
    """What was trained on: the same without the rows that were too long."""
    steps: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    left_out: int = 0
    losses: tuple[tuple[int, float], ...] = ()
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Cell, int]:
        """Rows per cell, as asked for."""
        return _cells(self.mixture)

    @property
    def trained_counts(self) -> dict[Cell, int]:
        """Rows per cell, as trained on: these are what a score can be due to."""
        return _cells(self.trained)

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(self.counts.values())

    def as_mixture(self) -> Mixture:
        """Return the mixture that was asked for."""
        return Mixture.of(self.name, self.counts)

    def as_json(self) -> dict[str, Any]:
        """Return the run as plain JSON."""
        return asdict(self)

    def row(self) -> dict[str, Any]:
        """Return the run in the form of the `RUN` table."""
        return {name: getattr(self, name) for name in RUN.names}


def _cells(mixture: dict[str, dict[str, int]]) -> dict[Cell, int]:
    return {
        Cell(ability, cast(Origin, origin)): n
        for ability, origins in mixture.items()
        for origin, n in origins.items()
    }


def read_run(folder: Path) -> Run:
    """Read the run that lies in `folder`."""
    stored = read_json(folder / RUN_FILE)
    stored["losses"] = tuple((int(step), float(loss)) for step, loss in stored["losses"])
    return Run(**stored)


def read_runs(folder: Path) -> list[Run]:
    """Read all finished runs under `folder`, in order of their ids."""
    finished = (f.parent for f in sorted(folder.glob(f"*/{RUN_FILE}")))
    return [read_run(run) for run in finished if not run.name.endswith(PARTIAL)]
