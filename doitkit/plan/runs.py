"""The plan of every run: rows, tokens, optimiser steps, and the time that it takes."""

import math
from collections.abc import Mapping, Sequence

from doitkit.mix import Rung
from doitkit.plan.inventory import Inventory
from doitkit.plan.lines import RunLine, Stored
from doitkit.plan.sources import trained_of
from doitkit.plan.speed import Speed
from doitkit.recipe.model import Recipe
from doitkit.recipe.training import Training


def run_lines(
    recipe: Recipe,
    inventory: Inventory,
    rungs: Sequence[Rung],
    stored: Stored,
    speeds: Mapping[str, Speed],
) -> list[RunLine]:
    """Return a line per mixture and model.

    Parameters
    ----------
    speeds
        Base model (folder or hub id, as the recipe names it) -> what its runs took here.
    """
    models = recipe.base_models()
    lines = []
    for rung in rungs:
        trained = [trained_of(inventory, cell, rows) for cell, rows in rung.mixture.counts]
        in_training = 1 - _held_out(recipe.train)
        fitting = round(sum(n for n, _ in trained))
        rows, tokens = round(fitting * in_training), in_training * sum(t for _, t in trained)
        steps, passes = _steps(rows, tokens, recipe.train)
        name = rung.model or (recipe.train.base_model if recipe.train else "")
        speed = speeds.get(models.get(name, name))
        lines.append(
            RunLine(
                mixture=rung.mixture.name,
                model=rung.model,
                seeds=rung.seeds,
                rows=rung.mixture.total,
                too_long=rung.mixture.total - fitting,
                tokens=round(tokens),
                steps=steps,
                seconds=None if speed is None else speed.seconds(tokens * passes),
                done=sum((rung.mixture.id, rung.model, seed) in stored.runs for seed in rung.seeds),
            )
        )
    return lines


def _steps(rows: int, tokens: float, training: Training | None) -> tuple[int, float]:
    """Return the optimiser steps of a run, and how often it passes over its rows."""
    if training is None or not rows:
        return 0, 0.0
    # Packed sequences are all but full.
    sequences = math.ceil(tokens / training.max_length) if training.packing else rows
    per_epoch = math.ceil(sequences / training.batch_size)
    if training.max_steps is not None:
        return training.max_steps, training.max_steps / per_epoch
    epochs = training.epochs or training.default_epochs
    return max(1, math.ceil(epochs * per_epoch)), epochs


def _held_out(training: Training | None) -> float:
    """Return the share of the rows that only measure."""
    if training is None or training.validation is None:
        return 0.0
    return training.validation.fraction
