"""What is known of growth curves before any run: learned from public ones, shipped as a file.

`curve_priors.json` states which curves, under which licences, and the script that made it.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np

from doitkit.growth.curve.decay import Prior

Level = Literal["80", "95"]
"""Coverage of an interval, in percent."""


@dataclass(frozen=True)
class CurvePriors:
    """Priors of the laws of decay, and the factors that bring intervals to their coverage."""

    power: Prior
    bend: Prior
    cold: dict[Level, float]
    """Half the width of an interval of this coverage, in standard deviations of a forecast
    without past curves."""
    past: dict[Level, float]
    """The same, of one with past curves."""


@cache
def shipped() -> CurvePriors:
    """Return the priors that ship with doitkit."""
    said = json.loads(files("doitkit.growth.curve").joinpath("curve_priors.json").read_text())
    power, bend = (
        Prior(np.array(said[law]["mean"]), np.array(said[law]["sd"])) for law in ("power", "bend")
    )
    widths = said["half_widths"]
    return CurvePriors(power, bend, widths["cold"], widths["past"])
