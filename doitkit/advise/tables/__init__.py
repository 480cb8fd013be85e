"""The second door: advice from a user's own tables of runs, without a recipe or a workspace."""

from doitkit.advise.tables.budget import Budget, read_budget
from doitkit.advise.tables.compositions import Compositions, compositions_of
from doitkit.advise.tables.evidence import Evidence, join
from doitkit.advise.tables.held import held_of
from doitkit.advise.tables.mixtures import MixtureEvidence
from doitkit.advise.tables.prices import PriceList, read_prices
from doitkit.advise.tables.scores import Scores, scores_of
from doitkit.advise.tables.sheet import read_sheet

__all__ = [
    "Budget",
    "Compositions",
    "Evidence",
    "MixtureEvidence",
    "PriceList",
    "Scores",
    "compositions_of",
    "held_of",
    "join",
    "read_budget",
    "read_prices",
    "read_sheet",
    "scores_of",
]
