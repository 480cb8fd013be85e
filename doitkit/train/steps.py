"""How many steps of the optimiser a training takes, and how often it passes over its rows."""

from math import ceil

from doitkit.recipe.training import Training


def total_steps(sequences: int, training: Training) -> int:
    """Return how many optimiser steps `training` means for this many sequences."""
    if training.max_steps is not None:
        return training.max_steps
    return max(1, ceil(epochs(sequences, training) * steps_per_epoch(sequences, training)))


def epochs(sequences: int, training: Training) -> float:
    """Return how often each of this many sequences is trained."""
    if training.max_steps is not None:
        return training.max_steps / steps_per_epoch(sequences, training)
    return training.epochs or training.default_epochs


def steps_per_epoch(sequences: int, training: Training) -> int:
    """Return how many optimiser steps one pass takes."""
    return max(1, ceil(sequences / training.batch_size))


def fewer_per_pass(micro: int, share: int) -> int:
    """Return the largest divisor of a batch, or of one process's share, at most half of `micro`."""
    return next(size for size in range(micro // 2, 0, -1) if share % size == 0)
