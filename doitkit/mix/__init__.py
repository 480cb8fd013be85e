"""Floor 2: exact quotas, nested picks, mixtures, and the mixtures of a ladder."""

from doitkit.mix.amounts import mixture_of
from doitkit.mix.ladder import Rung, ladder_rungs
from doitkit.mix.mixture import Mixture
from doitkit.mix.order import Strata, nested_order, nested_places
from doitkit.mix.paired import paired_order, paired_places
from doitkit.mix.quota import largest_remainder
from doitkit.mix.stock import Stock

__all__ = [
    "Mixture",
    "Rung",
    "Stock",
    "Strata",
    "ladder_rungs",
    "largest_remainder",
    "mixture_of",
    "nested_order",
    "nested_places",
    "paired_order",
    "paired_places",
]
