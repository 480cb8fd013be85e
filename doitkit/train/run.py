"""What is known about a trained run, on disk and in memory."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self, cast

from doitkit.core.files import read_json
from doitkit.core.origins import Cell, Origin
from doitkit.core.tables import RUN
from doitkit.mix import Mixture
from doitkit.train.backend import Job, Outcome, Prepared

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
    recipe_hash: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    """The block `train`, with every `auto` decided."""
    steps: int = 0
    epochs: float = 0.0
    """Passes over the rows, as carried out."""
    tokens: int = 0
    """Of one pass over the rows that are trained, as `trained_tokens` are."""
    trained_tokens: int = 0
    tokens_seen: dict[str, int] = field(default_factory=dict)
    """Tokens of each ability over all passes."""
    left_out: int = 0
    truncated: int = 0
    held_out: int = 0
    losses: tuple[tuple[int, float], ...] = ()
    measured: tuple[tuple[int, float], ...] = ()
    """(step, bits per byte of the rows held out)."""
    kept_step: int = 0
    rule: str = ""
    """How the step whose weights were kept was chosen."""
    ended: str = ""
    micro_batch_size: int = 0
    """Rows per forward pass in the end; `asked_micro_batch_size` are what the recipe says."""
    asked_micro_batch_size: int = 0
    gpus: int = 0
    gpu_hours: float = 0.0
    cost: float | None = None
    """At the recipe's prices of an hour, in its unit; None where it has none."""
    backend: str = "embedded"
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job, prepared: Prepared, outcome: Outcome) -> Self:
        """Return the record of a job that was carried out."""
        hours = outcome.wall_s / 3600
        gpu_hours = hours * outcome.gpus
        on_gpu = outcome.gpus > 0
        price = job.prices.get("gpu" if on_gpu else "cpu")
        return cls(
            run_id=job.run_id,
            name=job.mixture.name,
            dataset_id=job.dataset_id,
            base_model=job.training.base_model,
            base_path=job.base_path,
            base_hash=job.base_hash,
            n_params=outcome.n_params,
            method=job.training.method if prepared.rows else "none",
            seed=job.seed,
            config_hash=job.config_hash,
            train_loss=outcome.loss,
            wall_s=outcome.wall_s,
            device=outcome.device,
            dtype=job.training.dtype,
            mixture=job.mixture.as_recipe(),
            trained={ability: dict(origins) for ability, origins in prepared.trained.items()},
            recipe_hash=job.recipe_hash,
            settings=job.training.model_dump(mode="json"),
            steps=outcome.steps,
            epochs=outcome.epochs,
            tokens=prepared.tokens,
            trained_tokens=prepared.trained_tokens,
            tokens_seen={a: round(n * outcome.epochs) for a, n in prepared.tokens_of.items()},
            left_out=prepared.left_out,
            truncated=prepared.truncated,
            held_out=prepared.held_out,
            losses=outcome.losses,
            measured=outcome.measured,
            kept_step=outcome.kept_step,
            rule=outcome.rule,
            ended=outcome.ended,
            micro_batch_size=outcome.micro_batch_size,
            asked_micro_batch_size=job.training.micro_batch_size or job.training.batch_size,
            gpus=outcome.gpus,
            gpu_hours=gpu_hours,
            cost=None if price is None else price * (gpu_hours if on_gpu else hours),
            backend=job.training.backend,
            versions=dict(outcome.versions),
        )

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
    for curve in ("losses", "measured"):
        stored[curve] = tuple((int(step), float(value)) for step, value in stored[curve])
    return Run(**stored)


def read_runs(folder: Path) -> list[Run]:
    """Read all finished runs under `folder`, in order of their ids."""
    finished = (f.parent for f in sorted(folder.glob(f"*/{RUN_FILE}")))
    return [read_run(run) for run in finished if not run.name.endswith(PARTIAL)]
