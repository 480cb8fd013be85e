"""Floor 4: generated answers, with a cache, a ledger of costs, and hard caps."""

from doitkit.synth.answer import answered, generated_sources, synthesize
from doitkit.synth.ledger import Ledger, Spending, spending_of

__all__ = ["Ledger", "Spending", "answered", "generated_sources", "spending_of", "synthesize"]
