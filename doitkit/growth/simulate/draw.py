"""Drawing worlds."""

from collections.abc import Sequence

import numpy as np

from doitkit.growth.observations import Floats
from doitkit.growth.simulate.curves import FAMILIES, UNUSUAL, Curve
from doitkit.growth.simulate.world import Form, World, Worth

_KINDS = ("growing", "plateaued", "resistant")
_KIND_SHARES = (0.6, 0.25, 0.15)
_CHANCES = (0.0, 0.25, 0.5)
_CHANCE_SHARES = (0.5, 0.35, 0.15)
_RISES = {"growing": (0.25, 0.6), "plateaued": (0.15, 0.4), "resistant": (0.0, 0.03)}
"""Between chance and 1, from the base model's level to the ceiling: least and most."""
_SCALES = {"growing": (0.9, 0.65), "plateaued": (0.08, 0.7), "resistant": (0.9, 0.65)}
"""Median, as a share of `rows`, and standard deviation of the logarithm."""
_RATE = (0.8, 0.45)
_CEILING = (2.2, 0.5)
"""Of what other origins are worth, the same; the ceiling as a share of `rows`."""
_BIASED = 0.5
"""Share of worlds in which poor data also lowers the level."""
_MOST_BIAS = 0.06
_FORMS: tuple[Form, ...] = ("exponential", "michaelis", "power")
_HELPED, _HURT = 0.2, 0.05
"""Shares of the pairs of abilities of which one helps, or hurts, the other."""


def draw_world(
    seed: int,
    *,
    abilities: int | Sequence[str] = 10,
    origins: Sequence[str] = ("human", "synthetic"),
    rows: float = 1000.0,
    chance: Sequence[float] | None = None,
    transfer: bool = True,
    wrong: bool = False,
) -> World:
    """Draw a world.

    Six abilities in ten grow for long, a quarter plateaus early, the others resist. The curves
    are of any of `FAMILIES`; what other origins are worth has a form that differs from world to
    world, and in half of the worlds their rows also lower the level. Transfer is sparse, mostly
    positive and small.

    The constants above are set so that naive splits waste what they did in the simulation that
    the advisor was designed by (5 to 7 % for the best of them, 24 % for human rows alone), and by
    nothing else. With ten abilities, human rows at 1.0 and synthetic ones at 0.1 each, 10,000 to
    spend and nothing held, human rows alone lose 24.6 % of the gain of `best_allocation` (the mean
    over the seeds 10000 to 10199), synthetic rows alone 8.0 %, equal money for both 7.3 %, and
    the best of these three, chosen for each world, 6.0 %. In wrong worlds it is 22.9, 11.7, 10.5
    and 9.2 %.

    Parameters
    ----------
    seed
        The same seed and arguments draw the same world.
    abilities
        How many, or their names.
    origins
        The first is the reference.
    rows
        An amount of reference data per ability that matters: all scales are drawn around it.
    chance
        The score of guessing on each ability; drawn, if not given.
    transfer
        Whether abilities help and hurt one another.
    wrong
        Whether the world is unlike the usual ones: curves of `UNUSUAL`, and all scales,
        exchange rates and ceilings shifted by one standard deviation of theirs, all up or all
        down. (Its outlier runs are made by `observe(..., outliers=0.1)`.)
    """
    draw = np.random.default_rng(seed)
    names = tuple(
        (f"ability {i + 1}" for i in range(abilities)) if isinstance(abilities, int) else abilities
    )
    n = len(names)
    shift = float(draw.choice([-1.0, 1.0])) if wrong else 0.0
    families = UNUSUAL if wrong else FAMILIES
    guessing = draw.choice(_CHANCES, n, p=_CHANCE_SHARES)
    if chance is not None:
        guessing = np.asarray(chance, dtype=np.float64)
    kinds = draw.choice(_KINDS, n, p=_KIND_SHARES)
    begun = draw.beta(1.0, 6.0, n)
    rise = np.array([draw.uniform(*_RISES[kind]) for kind in kinds])
    curves = tuple(_curve(draw, kind, rows, families, shift) for kind in kinds)
    form = _FORMS[int(draw.integers(len(_FORMS)))]
    most_bias = _MOST_BIAS if draw.random() < _BIASED else 0.0
    worths = tuple(
        tuple(_worth(draw, form, rows, most_bias, shift) for _ in origins[1:]) for _ in names
    )
    helps = _transfer(draw, n) if transfer else np.zeros((n, n))
    return World(
        abilities=names,
        origins=tuple(origins),
        chance=guessing,
        start=guessing + (1.0 - guessing) * begun,
        ceiling=guessing + (1.0 - guessing) * np.minimum(begun + rise, 0.97),
        curves=curves,
        worths=worths,
        transfer=helps,
        reach=0.2 * rows,
        size_slopes=draw.uniform(0.1, 0.5, n),
    )


def _curve(
    draw: np.random.Generator, kind: str, rows: float, families: Sequence[str], shift: float
) -> Curve:
    median, sd = _SCALES[kind]
    scale = rows * median * np.exp(sd * (draw.standard_normal() + shift))
    family = families[int(draw.integers(len(families)))]
    return Curve(family, float(scale), float(draw.random()))


def _worth(
    draw: np.random.Generator, form: Form, rows: float, most_bias: float, shift: float
) -> Worth:
    rate = _RATE[0] * np.exp(_RATE[1] * (draw.standard_normal() + shift))
    ceiling = rows * _CEILING[0] * np.exp(_CEILING[1] * (draw.standard_normal() + shift))
    return Worth(form, float(rate), float(ceiling), float(most_bias * draw.random()))


def _transfer(draw: np.random.Generator, n: int) -> Floats:
    sign = draw.choice([1.0, -1.0, 0.0], (n, n), p=[_HELPED, _HURT, 1.0 - _HELPED - _HURT])
    matrix: Floats = sign * draw.exponential(0.1, (n, n))
    np.fill_diagonal(matrix, 0.0)
    return matrix
