"""What every block of a recipe shares."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=80)]
"""A name in a recipe: letters, digits, `_`, `.`, `-`, starting with a letter."""

Seed = Annotated[int, Field(ge=0, lt=1 << 32)]
"""A seed that every library takes."""


class Model(BaseModel):
    """A block of a recipe: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class InconsistentError(ValueError):
    """Keys of one block that do not go together: what is wrong, at which key, what to do."""

    def __init__(self, what: str, *, key: str | None = None, next_step: str) -> None:
        super().__init__(f"{what}; {next_step}")
        self.what = what
        self.key = key
        self.next_step = next_step
