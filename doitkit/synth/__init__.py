"""Floor 4: generated answers, with a cache, a ledger of costs, and hard caps."""

from doitkit.synth.answer import synthesize
from doitkit.synth.ledger import Ledger, Spending, spending_of

__all__ = ["Ledger", "Spending", "spending_of", "synthesize"]
