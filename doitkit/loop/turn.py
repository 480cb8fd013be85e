"""One turn of the flow: recipe -> synth -> build -> train -> score -> advise -> report.

Every step is named by its content and finished in one rename, so a turn that was killed is
simply run again: what was finished is found, the rest is done.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from doitkit.advise import (
    AdviceCheck,
    Recommendation,
    check_advice,
    declared_advice,
    gather,
    past_of_runs,
    recommend,
    timed,
    write_next_recipe,
)
from doitkit.build import Dataset, build
from doitkit.core.engine import Engine
from doitkit.core.errors import DoitkitError, UsageError
from doitkit.core.files import write_json
from doitkit.core.hashing import digest
from doitkit.core.origins import Cell
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workers import Pool
from doitkit.core.workspace import Workspace
from doitkit.evaluate import Scores, Subject, finished_scores, score_subjects
from doitkit.loop.tables import write_tables
from doitkit.mix import Rung, mixture_of
from doitkit.plan import planned_mixtures
from doitkit.preview import preview
from doitkit.recipe import Recipe
from doitkit.report import Findings, write_report
from doitkit.synth import synthesize
from doitkit.train import Run, finished_runs, open_pool, resolve_model, train_rungs
from doitkit.train.tracking import log_runs, require_tracker

Result = TypeVar("Result")


@dataclass
class Turn:
    """One turn over one recipe, step by step. Each step uses the results of those before it.

    Use as a context manager: it ends the worker processes.
    """

    recipe: Recipe
    text: str
    """The recipe's text, which the next recipe is a small change of."""
    workspace: Workspace
    progress: Progress = SILENT
    generate: bool = False
    """Whether answers may be asked of generators, which may cost money. A step that needs them
    and may not says so."""
    memory: int | None = None
    """Bytes that a build may work in; half of what is free if not given."""
    engine: Engine | None = None
    """Who carries out the parts of a build; processes of this machine if not given."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time of each step that was carried out."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if "_pool" in self.__dict__:
            self._pool.close()

    @cached_property
    def generated(self) -> dict[str, Path]:
        """Return the files of the synthetic sources, generating them if this turn may."""
        return self._timed("synth", self._synthesize)

    @cached_property
    def dataset(self) -> Dataset:
        """Build the dataset."""
        generated = self.generated
        return self._timed(
            "build",
            lambda: build(
                self.recipe,
                self.workspace,
                generated=generated,
                memory=self.memory,
                engine=self.engine,
                progress=self.progress,
            ),
        )

    @cached_property
    def rungs(self) -> list[Rung]:
        """Return the rungs of the ladder."""
        if self.recipe.ladder is None:
            raise UsageError(
                "the recipe declares no runs",
                where="ladder",
                next_step="add a `ladder:` block with `sizes` and `designs`",
            )
        return list(planned_mixtures(self.recipe, self.dataset.stock(self.recipe))[1])

    @cached_property
    def runs(self) -> list[Run]:
        """Train the ladder."""
        rungs, dataset = self.rungs, self.dataset
        self._require_caps()
        return self._timed("train", lambda: self._train(dataset, rungs))

    def first_runs(self, most: int) -> list[Run]:
        """Train no more than `most` runs of the ladder, which times them for plans.

        Every mixture's first seed comes before any second one: runs of several sizes tell more
        about the time of others.
        """
        turns = [
            (turn, at) for at, rung in enumerate(self.rungs) for turn in range(len(rung.seeds))
        ]
        seeds = Counter(at for _, at in sorted(turns)[:most])
        rungs = [replace(self.rungs[at], seeds=self.rungs[at].seeds[:n]) for at, n in seeds.items()]
        self._require_caps()
        return self._timed("train", lambda: self._train(self.dataset, rungs))

    def trained(self) -> tuple[list[Run], int]:
        """Return the runs of the ladder that are trained already, and how many are not."""
        return finished_runs(self.recipe, self.dataset, self.rungs, self.workspace)

    @cached_property
    def scores(self) -> Scores:
        """Score the ladder's runs, training those that are not trained."""
        runs = self.runs
        return self._timed("evaluate", lambda: self.score(runs))

    @cached_property
    def recommendation(self) -> Recommendation:
        """Fit the growth laws and say what to buy."""
        runs, scores = self.runs, self.scores
        return self._timed("advise", lambda: self.recommend(runs, scores))

    @cached_property
    def next_recipe(self) -> Path:
        """Write the next recipe; return its file."""
        return write_next_recipe(self.recipe, self.text, self.recommendation)

    @cached_property
    def check(self) -> AdviceCheck | None:
        """Train the advice and the equal split and compare them, if the recipe asks for it."""
        rungs = self._to_check()
        if not rungs:
            return None
        return self._timed("check", lambda: self._check(rungs))

    def finished_check(self) -> AdviceCheck | None:
        """Return the check of the advice if its runs are trained and scored already."""
        rungs = self._to_check()
        if not rungs:
            return None
        runs, missing = finished_runs(self.recipe, self.dataset, rungs, self.workspace)
        runs = [run for run in runs if run.rows]
        scores = None if missing else self.finished_scores(runs)
        if scores is None:
            self.progress.note("the advice is not checked yet; `doitkit loop` trains its check")
            return None
        return self._checked(runs, scores)

    def report(self, check: AdviceCheck | None) -> Path:
        """Write the tables and the report of this turn; return the report's file."""
        write_tables(self.workspace, self.runs, self.scores)
        runs = self._of_the_advice(self.runs)
        findings = Findings(
            recipe=self.recipe,
            manifest=self.dataset.manifest,
            runs=tuple(runs),
            scores=tuple(s for s in self.scores.scores if s.run_id in {r.run_id for r in runs}),
            advice=self.recommendation,
            check=check,
            next_recipe=self.next_recipe.name,
            seconds=dict(self.seconds),
        )
        return write_report(findings, self.workspace.report)

    def score(self, runs: list[Run]) -> Scores:
        """Score the given runs."""
        subjects = [self._subject(run) for run in runs]
        return score_subjects(
            self.recipe,
            self.dataset,
            subjects,
            self.workspace,
            self._pool,
            progress=self.progress,
        )

    def finished_scores(self, runs: list[Run]) -> Scores | None:
        """Return the scores of the given runs, or None if one of them is not scored yet."""
        subjects = [self._subject(run) for run in runs]
        return finished_scores(self.recipe, self.dataset, subjects, self.workspace)

    def recommend(self, runs: list[Run], scores: Scores) -> Recommendation:
        """Say what to buy from the given runs, and keep the answer in the workspace."""
        reference = declared_advice(self.recipe).reference
        advised = self._of_the_advice(runs)
        seen = gather(advised, scores.scores, list(self.recipe.evaluation_sets()), reference)
        stock = self.dataset.stock(self.recipe)
        today = mixture_of("today", self.recipe.mixture, stock)
        machine = timed(advised, self.recipe.prices)
        others = [run for run in runs if run not in advised]
        past = past_of_runs(others, scores.scores, seen.abilities, reference)
        advice = recommend(self.recipe, seen, today, stock, machine=machine, past=past)
        answer = advice.as_json()
        write_json(self.workspace.advice / f"{digest(answer)}.json", answer)
        return advice

    def _synthesize(self) -> dict[str, Path]:
        return synthesize(self.recipe, self.workspace, ask=self.generate, progress=self.progress)

    def _train(self, dataset: Dataset, rungs: list[Rung]) -> list[Run]:
        tracking = self.recipe.tracking
        if tracking is not None:
            require_tracker(tracking, self.workspace)
        runs = train_rungs(
            self.recipe, dataset, rungs, self.workspace, self._pool, progress=self.progress
        )
        if tracking is not None:
            try:
                log_runs(runs, tracking, self.workspace, progress=self.progress)
            except (DoitkitError, OSError) as error:
                # The runs are paid for: what was not sent is said, and `track` sends it later.
                self.progress.note(f"the records are not in the tracker: {error}")
        return runs

    def _require_caps(self) -> None:
        """Raise a `PlanError` if what is left to do exceeds a cap, as far as it can be told."""
        caps = self.recipe.caps
        if any(cap is not None for cap in (caps.annotation, caps.compute, caps.hours)):
            preview(self.recipe, self.workspace)

    def _to_check(self) -> list[Rung]:
        """Return what a check of the advice trains; nothing if none is asked for or possible."""
        advice = self.recommendation
        seeds = tuple(declared_advice(self.recipe).check_seeds)
        if not seeds:
            return []
        why = _not_to_check(advice, self.dataset.supply)
        if why is not None:
            self.progress.note(f"no check of the advice: {why}")
            return []
        return [Rung(advice.plan, seeds), Rung(advice.equal, seeds)]

    def _check(self, rungs: list[Rung]) -> AdviceCheck:
        runs = [run for run in self._train(self.dataset, rungs) if run.rows]
        return self._checked(runs, self.score(runs))

    def _checked(self, runs: list[Run], scores: Scores) -> AdviceCheck:
        advice = self.recommendation
        weights = self.recipe.weights()
        found = check_advice(advice.plan, advice.equal, runs, scores.scores, scores.items, weights)
        write_json(self.workspace.advice / "check.json", found.as_json())
        return found

    def _of_the_advice(self, runs: list[Run]) -> list[Run]:
        """Return the runs of the model that the advice is for: `train.base_model`."""
        first = next(iter(self.recipe.base_models().values()))
        path = resolve_model(self.recipe, first)
        return [run for run in runs if run.base_path == path]

    def _subject(self, run: Run) -> Subject:
        return Subject(
            run_id=run.run_id,
            base_path=run.base_path,
            weights=None if run.method == "none" else self.workspace.runs / run.run_id / "model",
            method=run.method,
            dtype=run.dtype,
            device=run.device,
            batch_size=self.recipe.evaluate.batch_size,
            threads=self._pool.threads,
        )

    @cached_property
    def _pool(self) -> Pool:
        return open_pool(self.recipe.train, self.workspace.log)

    def _timed(self, step: str, work: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        result = work()
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start
        return result


def _not_to_check(advice: Recommendation, supply: Mapping[Cell, int]) -> str | None:
    """Return why two mixtures cannot be trained and compared, or None if they can."""
    if advice.plan == advice.equal:
        return "the advice and the equal split are the same mixture"
    for mixture in (advice.plan, advice.equal):
        if not mixture.total:
            return f"`{mixture.name}` holds no row"
        if any(n > supply.get(cell, 0) for cell, n in mixture.counts):
            return (
                f"`{mixture.name}` holds rows that are yet to be bought "
                "(say `supply: available` to stay within the sources)"
            )
    return None
