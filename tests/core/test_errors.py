"""Errors say what, where, why and what next, also across processes."""

import pickle

import pytest

from doitkit.core import errors
from doitkit.core.errors import DoitkitError, MissingExtraError, PlanError, UsageError


def test_an_error_shows_only_the_parts_it_has() -> None:
    assert str(PlanError("what")) == "what"
    full = PlanError("what", where="where", why="why", next_step="next")
    assert str(full) == "what\n  where: where\n  why:   why\n  next:  next"


FAMILY = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DoitkitError) and kind is not MissingExtraError
]


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_crosses_a_process_border_whole(kind: type[DoitkitError]) -> None:
    error = kind("what", where="here", why="because", next_step="go on")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == str(error)
    assert copy.exit_code == (2 if issubclass(kind, UsageError) else 1)


def test_a_missing_extra_names_the_line_to_type() -> None:
    error = MissingExtraError("training needs more packages", extra="train")
    assert error.next_step == "pip install 'doitkit[train]'"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
