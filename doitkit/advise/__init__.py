"""Floor 6: what to buy next, and how sure that is."""

from doitkit.advise.check import AdviceCheck, check_advice
from doitkit.advise.evidence import gather
from doitkit.advise.next_recipe import write_next_recipe
from doitkit.advise.recommend import declared_advice, recommend
from doitkit.advise.recommendation import AbilityAdvice, Purchase, Recommendation

__all__ = [
    "AbilityAdvice",
    "AdviceCheck",
    "Purchase",
    "Recommendation",
    "check_advice",
    "declared_advice",
    "gather",
    "recommend",
    "write_next_recipe",
]
