"""Floor 10: the demo. Real tasks, a real tiny model, the real flow."""

from doitkit.demo.demo import run_demo

__all__ = ["run_demo"]
