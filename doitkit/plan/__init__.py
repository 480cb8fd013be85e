"""Floor 3: what a recipe would do, counted and priced; nothing is written, nothing is spent."""

from doitkit.plan.inputs import inputs_of
from doitkit.plan.plan import Plan, make_plan, planned_mixtures
from doitkit.plan.request import messages_to_send, most_usd, usd
from doitkit.plan.survey import Survey, survey

__all__ = [
    "Plan",
    "Survey",
    "inputs_of",
    "make_plan",
    "messages_to_send",
    "most_usd",
    "planned_mixtures",
    "survey",
    "usd",
]
