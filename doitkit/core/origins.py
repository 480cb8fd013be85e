"""Where an instruction's answer came from, and the cell it is counted in."""

from typing import Literal, NamedTuple, get_args

Origin = Literal["human", "synthetic", "programmatic"]
"""`human`: written by people; `synthetic`: written by a model; `programmatic`: made and
verified by a program."""

ORIGINS: tuple[Origin, ...] = get_args(Origin)


class Cell(NamedTuple):
    """The unit in which data is counted, priced and bought: one ability, one origin."""

    ability: str
    origin: Origin

    def __str__(self) -> str:
        return f"{self.ability}/{self.origin}"
