"""Floor 8: the whole flow, one turn or one step of it, resumable after a kill."""

from doitkit.loop.loop import LoopState, loop, open_turn
from doitkit.loop.resolution import Resolution
from doitkit.loop.simulate import simulate_plan
from doitkit.loop.turn import Turn

__all__ = ["LoopState", "Resolution", "Turn", "loop", "open_turn", "simulate_plan"]
