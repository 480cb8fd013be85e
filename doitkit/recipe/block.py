"""What every block of a recipe shares."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_NAME = r"^[A-Za-z][A-Za-z0-9_.-]*$"
_LONGEST_NAME = 80

Name = Annotated[str, Field(pattern=_NAME, max_length=_LONGEST_NAME)]
"""A name in a recipe: letters, digits, `_`, `.`, `-`, starting with a letter."""

ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=_LONGEST_NAME)]
"""A name of a model: as `Name`, but it may start with a digit, as 7b does."""

Seed = Annotated[int, Field(ge=0, lt=1 << 32)]
"""A seed that every library takes."""


def is_name(text: str) -> bool:
    """Say whether `text` can be a `Name` in a recipe."""
    return len(text) <= _LONGEST_NAME and re.fullmatch(_NAME, text) is not None


class Model(BaseModel):
    """A block of a recipe: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class InconsistentError(ValueError):
    """Keys of one block that do not go together: what is wrong, at which key, what to do.

    `code` names another page of `doitkit explain`, where the fault is of another kind.
    """

    def __init__(
        self,
        what: str,
        *,
        key: str | tuple[str, ...] | None = None,
        next_step: str,
        code: str = "E127",
    ) -> None:
        super().__init__(f"{what}; {next_step}")
        self.what = what
        self.path = (key,) if isinstance(key, str) else key or ()
        self.next_step = next_step
        self.code = code
