"""Floor 10: the demo. Real tasks, a real tiny model, the real flow."""

from doitkit.demo.demo import BASE_MODEL, copy_base_model, run_demo

__all__ = ["BASE_MODEL", "copy_base_model", "run_demo"]
