"""Floor 2: exact quotas, nested picks, mixtures, and the mixtures of a ladder."""

from doitkit.mix.ladder import Rung, holdings, ladder_rungs
from doitkit.mix.mixture import Mixture
from doitkit.mix.order import nested_order
from doitkit.mix.paired import paired_order
from doitkit.mix.quota import largest_remainder

__all__ = [
    "Mixture",
    "Rung",
    "holdings",
    "ladder_rungs",
    "largest_remainder",
    "nested_order",
    "paired_order",
]
