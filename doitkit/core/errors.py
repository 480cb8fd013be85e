"""The one family of errors that doitkit raises on purpose.

Each says what happened, where, why, and what to do next, and carries the exit code of the
command line: 2 when the request was wrong, 1 when a right request failed.
"""

from pathlib import Path
from typing import Any

USAGE = 2
FAILURE = 1


class DoitkitError(Exception):
    """An error that a user can act on; it is shown without a traceback.

    Parameters
    ----------
    what
        What happened, in one sentence.
    code
        Names the page of `doitkit explain` about it, where there is one.
    where
        The file, line, row, run or setting concerned.
    why
        The cause, where it is not plain from `what`.
    next_step
        What the user can do about it.
    """

    exit_code = FAILURE

    def __init__(
        self,
        what: str,
        *,
        code: str | None = None,
        where: str | Path | None = None,
        why: str | None = None,
        next_step: str | None = None,
    ) -> None:
        self.what = what
        self.code = code
        self.where = None if where is None else str(where)
        self.why = why
        self.next_step = next_step
        super().__init__(what)

    def __str__(self) -> str:
        lines = [f"{self.code} {self.what}" if self.code else self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.why:
            lines.append(f"  why:   {self.why}")
        if self.next_step:
            lines.append(f"  next:  {self.next_step}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the error as plain JSON, for editors and CI."""
        return {
            "code": self.code,
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "next": self.next_step,
        }

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Errors cross process borders from the training workers; keyword arguments would be lost.
        return _rebuild, (type(self), self.what, self.code, self.where, self.why, self.next_step)


def _rebuild(
    kind: type[DoitkitError],
    what: str,
    code: str | None,
    where: str | None,
    why: str | None,
    next_step: str | None,
) -> DoitkitError:
    return kind(what, code=code, where=where, why=why, next_step=next_step)


class UsageError(DoitkitError):
    """The request cannot be carried out as it was made."""

    exit_code = USAGE


class RecipeError(UsageError):
    """The recipe is not valid; the message holds every problem found in it."""


class SourceError(UsageError):
    """A data file is missing, unreadable as a whole, or lacks the fields its format needs."""


class PlanError(UsageError):
    """The plan asks for more than there is, or for more than a cap allows."""


class ModelError(UsageError):
    """A model folder is missing, incomplete or of the wrong kind."""


class MissingExtraError(UsageError):
    """An optional part of doitkit is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            what,
            why=f"the extra [{extra}] is not installed",
            next_step=f"pip install 'doitkit[{extra}]'",
        )

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _rebuild, (UsageError, self.what, self.code, self.where, self.why, self.next_step)


class WorkspaceBusyError(DoitkitError):
    """Another process is at work in the workspace."""


class CapReachedError(DoitkitError):
    """The next request would exceed a hard cap on money or requests."""


class ProviderError(DoitkitError):
    """A generator did not answer, or answered something unusable."""


class UnreachableError(ProviderError):
    """A generator could not be reached; whether it charged for the request is not known."""


class TrainingError(DoitkitError):
    """A training run failed."""


class EvaluationError(DoitkitError):
    """A model could not be scored."""


class FitError(DoitkitError):
    """The growth laws could not be fitted to the runs at hand."""
