"""Floor 7: what to buy next, and how sure that is."""

from doitkit.advise.answer import answer
from doitkit.advise.check import AdviceCheck, check_advice
from doitkit.advise.evidence import gather, timed
from doitkit.advise.experiment import Experiment, next_experiments
from doitkit.advise.first_design import first_design
from doitkit.advise.market import Limit, Market
from doitkit.advise.next_recipe import write_next_recipe
from doitkit.advise.objective import Objective
from doitkit.advise.past import past_of_runs, read_past
from doitkit.advise.question import Case, Machine, Question
from doitkit.advise.recommend import declared_advice, question_of, recommend
from doitkit.advise.recommendation import AbilityAdvice, Purchase, Recommendation
from doitkit.advise.solve import solve

__all__ = [
    "AbilityAdvice",
    "AdviceCheck",
    "Case",
    "Experiment",
    "Limit",
    "Machine",
    "Market",
    "Objective",
    "Purchase",
    "Question",
    "Recommendation",
    "answer",
    "check_advice",
    "declared_advice",
    "first_design",
    "gather",
    "next_experiments",
    "past_of_runs",
    "question_of",
    "read_past",
    "recommend",
    "solve",
    "timed",
    "write_next_recipe",
]
