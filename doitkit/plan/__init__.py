"""Floor 3: what a recipe would do, counted and priced; nothing is written, nothing is spent."""

from doitkit.plan.compare import Comparison, compare
from doitkit.plan.inventory import Inventory, SourceInventory, inventory_of, stock_of
from doitkit.plan.lines import MoneyLine, RunLine, SourceLine, Stored, SynthesisLine
from doitkit.plan.mixtures import planned_mixtures
from doitkit.plan.order import SourceOrder
from doitkit.plan.plan import Plan, make_plan
from doitkit.plan.request import messages_to_send, most_usd, usd
from doitkit.plan.speed import Speed, measured_speed

__all__ = [
    "Comparison",
    "Inventory",
    "MoneyLine",
    "Plan",
    "RunLine",
    "SourceInventory",
    "SourceLine",
    "SourceOrder",
    "Speed",
    "Stored",
    "SynthesisLine",
    "compare",
    "inventory_of",
    "make_plan",
    "measured_speed",
    "messages_to_send",
    "most_usd",
    "planned_mixtures",
    "stock_of",
    "usd",
]
