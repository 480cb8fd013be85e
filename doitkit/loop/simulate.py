"""A planned ladder carried out in simulated worlds, to see what it will be able to resolve.

Each world has the recipe's abilities and origins and a truth of its own. The planned runs are
scored in it with the noise of seeds and items, the growth laws are fitted as they will be, and
what they say is held against the truth. The worlds are not drawn from what the laws believe.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from doitkit.advise import declared_advice, question_of
from doitkit.core.errors import FitError, UsageError
from doitkit.core.progress import SILENT, Progress
from doitkit.growth.simulate import observe
from doitkit.loop.resolution import (
    AbilityResolution,
    Addition,
    ExchangeResolution,
    GainResolution,
    Resolution,
)
from doitkit.loop.trial import Ladder, Trial, diagnosed, tried
from doitkit.plan import Plan
from doitkit.recipe import Recipe
from doitkit.recipe.data import EvaluationSet

_CHOICES = 4
"""Of a multiple-choice item; how many there really are is known when the items are read."""
_MORE_ITEMS, _MORE_SEEDS, _LARGER = 4, 3, 4
_ADDITIONS_TRIED_IN = 10
"""Worlds that suffice to compare additions, since all are tried in the same ones."""


def simulate_plan(
    recipe: Recipe, planned: Plan, *, worlds: int = 20, progress: Progress = SILENT
) -> Resolution:
    """Return what the runs of a plan will be able to resolve. Nothing is trained or spent.

    Parameters
    ----------
    planned
        The plan of `recipe`.
    worlds
        In how many worlds it is tried.

    Raises
    ------
    UsageError
        If the recipe states no budget or no ladder, or trains on rows of an ability that is not
        scored.
    FitError
        If the runs are too few to fit anything.
    """
    declared = declared_advice(recipe)
    ladder = _ladder(recipe, planned, declared.reference)
    question = question_of(
        recipe, observe(ladder.world(0), ladder.counts, 0), planned.today, planned.stock
    )
    trials = []
    with progress.task("simulating worlds", total=worlds) as task:
        for seed in range(worlds):
            trials.append(tried(ladder, question, seed))
            task.advance()
    found = _resolution(ladder, [trial for trial in trials if trial is not None], worlds)
    if not declared.transfer or len(ladder.abilities) < 2:
        found = replace(found, transfer=None)
    if found.resolves:
        return found
    few, more = min(worlds, _ADDITIONS_TRIED_IN), _additions(ladder)
    additions = []
    with progress.task("trying additions", total=few * len(more)) as task:
        for what, larger in more.items():
            rights: list[bool] = []
            for seed in range(few):
                rights += diagnosed(larger, ladder.world(seed), question.min_gain, seed)
                task.advance()
            additions.append(Addition(what, float(np.mean(rights or [False]))))
    additions.sort(key=lambda addition: -addition.right)
    return replace(found, additions=tuple(additions))


def _ladder(recipe: Recipe, planned: Plan, reference: str) -> Ladder:
    """Return the runs that the advice will be drawn from: those of the first model."""
    declared = recipe.evaluation_sets()
    first = next(iter(recipe.base_models()), "")
    rungs = [rung for rung in planned.rungs if rung.model in ("", first)]
    if not rungs:
        raise UsageError(
            "the recipe declares no runs, so there is nothing to simulate",
            where="ladder",
            next_step="add a `ladder:` block with `sizes` and `designs`",
        )
    cells = {cell for rung in rungs for cell, _ in rung.mixture.counts}
    unscored = sorted({cell.ability for cell in cells} - declared.keys())
    if unscored:
        raise UsageError(
            f"the ladder trains on rows of `{unscored[0]}`, which is not scored",
            where=recipe.place("abilities", unscored[0]),
            why="the growth laws see only abilities that are scored, so that no advice can come "
            "of such runs",
            next_step="give the ability evaluation items, or leave it out of the designs",
        )
    abilities = tuple(declared)
    origins = (reference, *sorted({cell.origin for cell in cells} - {reference}))
    counts = [np.zeros((len(abilities), len(origins)))]
    for rung in rungs:
        rows = np.zeros_like(counts[0])
        for cell, n in rung.mixture.counts:
            rows[abilities.index(cell.ability), origins.index(cell.origin)] = n
        counts += [rows] * len(rung.seeds)
    return Ladder(
        abilities=abilities,
        origins=origins,
        counts=np.array(counts),
        items=tuple(planned.items[ability] for ability in abilities),
        chance=tuple(_chance(declared[ability]) for ability in abilities),
    )


def _chance(declared: EvaluationSet) -> float:
    if declared.metric == "exact_match":
        return 0.0
    if declared.metric == "bits_per_byte":
        return 2.0**-8
    choices = _CHOICES if declared.format == "multiple_choice" else 1 + declared.distractors
    return 1.0 / choices


def _additions(ladder: Ladder) -> dict[str, Ladder]:
    """Return what might be added to a ladder, in words, and the ladder with it."""
    totals = ladder.counts.sum(axis=(1, 2))
    largest = ladder.counts[totals == totals.max()]
    return {
        f"{_MORE_ITEMS} times the evaluation items": replace(
            ladder, items=tuple(_MORE_ITEMS * n for n in ladder.items)
        ),
        f"{_MORE_SEEDS} seeds of every run": replace(
            ladder, counts=np.concatenate([ladder.counts] + [ladder.counts[1:]] * (_MORE_SEEDS - 1))
        ),
        f"runs {_LARGER} times as large as the largest": replace(
            ladder, counts=np.concatenate([ladder.counts, _LARGER * largest])
        ),
    }


def _resolution(ladder: Ladder, trials: Sequence[Trial], worlds: int) -> Resolution:
    if not trials:
        raise FitError(
            "the growth laws could not be fitted to such runs in any of the simulated worlds",
            why=f"{len(ladder.counts)} runs over {len(ladder.abilities)} abilities",
            next_step="plan more runs, of more sizes",
        )
    return Resolution(
        worlds=worlds,
        failed=worlds - len(trials),
        runs=len(ladder.counts),
        abilities=tuple(_ability(ladder, a, trials) for a in range(len(ladder.abilities))),
        transfer=float(np.mean([trial.transfer for trial in trials])),
        gain=GainResolution(
            true=float(np.median([trial.true_gain for trial in trials])),
            width=float(np.median([trial.gain.high - trial.gain.low for trial in trials])),
            covered=float(np.mean([t.gain.low <= t.true_gain <= t.gain.high for t in trials])),
        ),
        regret=float(np.mean([trial.regret for trial in trials])),
        equal_regret=float(np.mean([trial.equal_regret for trial in trials])),
        additions=(),
    )


def _ability(ladder: Ladder, a: int, trials: Sequence[Trial]) -> AbilityResolution:
    name = ladder.abilities[a]
    right = float(np.mean([trial.kinds[a] == trial.true_kinds[a] for trial in trials]))
    cannot_tell = float(np.mean([trial.kinds[a] == "cannot tell" for trial in trials]))
    exchange = {}
    for o, origin in enumerate(ladder.origins[1:], start=1):
        if ladder.counts[:, a, o].any():
            off = [
                abs(t.rate_errors[name, origin]) for t in trials if (name, origin) in t.rate_errors
            ]
            factor = float(np.exp(np.median(off))) if off else None
            exchange[origin] = ExchangeResolution(len(off) / len(trials), factor)
    return AbilityResolution(
        ability=name,
        items=ladder.items[a],
        right=right,
        wrong=1.0 - right - cannot_tell,
        cannot_tell=cannot_tell,
        exchange=exchange,
    )
