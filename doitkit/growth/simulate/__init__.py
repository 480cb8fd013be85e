"""Worlds whose truth is known: to plan runs by, and to test the advisor against.

A world is abilities x origins with a true score for every mixture, `draw_world` draws one,
`observe` scores runs in it as an evaluation would, and `best_allocation` spends a budget in it as
one would who knew the truth. Nothing here uses the growth law that is fitted, its prior, or the
advisor, so that these can be judged by it.
"""

from doitkit.growth.simulate.best import best_allocation, money_splits, share_lost
from doitkit.growth.simulate.curves import FAMILIES, UNUSUAL, Curve
from doitkit.growth.simulate.draw import draw_world
from doitkit.growth.simulate.observe import observe
from doitkit.growth.simulate.world import World, Worth

__all__ = [
    "FAMILIES",
    "UNUSUAL",
    "Curve",
    "World",
    "Worth",
    "best_allocation",
    "draw_world",
    "money_splits",
    "observe",
    "share_lost",
]
