"""Scoring every run of a ladder on every ability: what is scored already is read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from doitkit.build import Dataset
from doitkit.core.arrow import frame_of, read_arrow, write_arrow
from doitkit.core.errors import DoitkitError, EvaluationError, UsageError
from doitkit.core.files import folder_written_aside
from doitkit.core.hashing import digest
from doitkit.core.progress import SILENT, Progress
from doitkit.core.tables import ITEM, SCORE
from doitkit.core.version import VERSION
from doitkit.core.workers import Pool
from doitkit.core.workspace import Workspace
from doitkit.evaluate.harness import Subject, load_tokenizer, score_items
from doitkit.evaluate.items import Question, chance_level, questions
from doitkit.evaluate.score import BINARY, ItemResult, Score, mean_and_stderr
from doitkit.evaluate.tasks import TaskSet, known_tasks, note_tasks, tasks_key, write_tasks
from doitkit.recipe.model import Recipe

STEP_VERSION = 1
SCORES_FILE = "scores.arrow"
ITEMS_FILE = "items.arrow"
_ATTEMPTS = 2


@dataclass(frozen=True)
class Scores:
    """The scores of several runs, and the item-level results beneath them."""

    scores: tuple[Score, ...]
    items: tuple[ItemResult, ...]


@dataclass(frozen=True)
class _Job:
    subject: Subject
    tasks: TaskSet
    metrics: dict[str, str]
    chances: dict[str, float]
    folder: Path


def score_subjects(
    recipe: Recipe,
    dataset: Dataset,
    subjects: Sequence[Subject],
    workspace: Workspace,
    pool: Pool,
    *,
    progress: Progress = SILENT,
) -> Scores:
    """Score every subject on the evaluation items of `dataset`.

    Returns
    -------
    Scores
        In the order of the subjects, then of the recipe's abilities.

    Raises
    ------
    EvaluationError
        If a model could not be scored twice in a row. The others are scored and kept.
    """
    known = finished_scores(recipe, dataset, subjects, workspace)
    if known is not None:
        return known
    jobs = _jobs(recipe, dataset, subjects, workspace, anew=True)
    todo = [job for job in jobs if not (job.folder / SCORES_FILE).is_file()]
    failures: list[DoitkitError] = []
    with progress.task(f"scoring {len(todo)} runs", len(todo)) as task:
        for _ in range(_ATTEMPTS):
            failures, failed = [], []
            for index, outcome in pool.run(_score_job, [(job,) for job in todo]):
                if isinstance(outcome, DoitkitError):
                    failures.append(outcome)
                    failed.append(todo[index])
                else:
                    task.advance()
            todo = failed
            if not todo or any(isinstance(error, UsageError) for error in failures):
                break
    if failures:
        raise _failed(failures)
    return _read(jobs)


def finished_scores(
    recipe: Recipe, dataset: Dataset, subjects: Sequence[Subject], workspace: Workspace
) -> Scores | None:
    """Return the scores of every subject, or None if one of them is not scored yet.

    It takes no more than the core, if they were scored in this workspace.
    """
    jobs = _jobs(recipe, dataset, subjects, workspace)
    if all((job.folder / SCORES_FILE).is_file() for job in jobs):
        return _read(jobs)
    return None


def read_scores(folder: Path) -> Scores:
    """Read the scores that lie in `folder`."""
    scores = [Score(**row) for row in read_arrow(folder / SCORES_FILE).to_dicts()]
    items = [ItemResult(**row) for row in read_arrow(folder / ITEMS_FILE).to_dicts()]
    return Scores(tuple(scores), tuple(items))


def _read(jobs: Sequence[_Job]) -> Scores:
    read = [read_scores(job.folder) for job in jobs]
    return Scores(
        tuple(score for part in read for score in part.scores),
        tuple(item for part in read for item in part.items),
    )


def _jobs(
    recipe: Recipe,
    dataset: Dataset,
    subjects: Sequence[Subject],
    workspace: Workspace,
    *,
    anew: bool = False,
) -> list[_Job]:
    """Return the job of every subject, with tasks that are known or, `anew`, surely written."""
    declared = recipe.evaluation_sets()
    rows = dataset.items().to_dicts()
    items: dict[str, list[Question]] = {
        ability: questions([row for row in rows if row["ability"] == ability], evaluation_set)
        for ability, evaluation_set in declared.items()
    }
    metrics = {ability: str(declared[ability].metric) for ability in items}
    chances = {ability: chance_level(asked, declared[ability]) for ability, asked in items.items()}
    tasks: dict[str, TaskSet] = {}
    jobs = []
    for subject in subjects:
        if subject.base_path not in tasks:
            template = recipe.evaluate.chat_template
            key = tasks_key(items, declared, subject.base_path, chat_template=template)
            found = None if anew else known_tasks(key, workspace.tasks)
            if found is None:
                tokenizer = load_tokenizer(subject)
                found = write_tasks(
                    items, declared, tokenizer, chat_template=template, root=workspace.tasks
                )
                note_tasks(key, found, workspace.tasks)
            tasks[subject.base_path] = found
        task_set = tasks[subject.base_path]
        key = digest([VERSION, STEP_VERSION, subject.run_id, subject.dtype, task_set.id])
        jobs.append(_Job(subject, task_set, metrics, chances, workspace.scores / key))
    return jobs


def _score_job(job: _Job) -> None:
    results = score_items(job.subject, job.tasks)
    scores, items = [], []
    for ability, values in results.items():
        metric = cast(Any, job.metrics[ability])
        value, stderr = mean_and_stderr(list(values.values()), binary=metric in BINARY)
        scores.append(
            Score(
                run_id=job.subject.run_id,
                ability=ability,
                task=job.tasks.names[ability],
                metric=metric,
                value=value,
                stderr=stderr,
                n_items=len(values),
                chance=job.chances[ability],
                n_shot=0,
                chat_template_hash=job.tasks.template_hash,
            ).row()
        )
        items += [
            ItemResult(job.subject.run_id, job.tasks.names[ability], item, result).row()
            for item, result in values.items()
        ]
    with folder_written_aside(job.folder) as aside:
        write_arrow(aside / ITEMS_FILE, frame_of(items, ITEM), ITEM)
        write_arrow(aside / SCORES_FILE, frame_of(scores, SCORE), SCORE)


def _failed(failures: Sequence[DoitkitError]) -> DoitkitError:
    first = failures[0]
    if isinstance(first, UsageError):
        return first
    return EvaluationError(
        f"{len(failures)} models could not be scored",
        where=first.where,
        why=f"the first says: {first.what}" + (f" ({first.why})" if first.why else ""),
        next_step=first.next_step or "run the same command again; finished scores are kept",
    )
