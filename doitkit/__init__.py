"""doitkit: what instruction data to buy next, and how sure that is.

The Python API mirrors the command line; see `docs/api.md`.
"""

from typing import TYPE_CHECKING, Any

from doitkit.core.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from doitkit.api import (
        build,
        evaluate,
        load_recipe,
        loop,
        plan,
        recommend,
        report,
        synthesize,
        train,
    )

__all__ = [
    "__version__",
    "build",
    "evaluate",
    "load_recipe",
    "loop",
    "plan",
    "recommend",
    "report",
    "synthesize",
    "train",
]


def __getattr__(name: str) -> Any:
    # The verbs import Polars and more; `import doitkit` and `doitkit --help` must not wait.
    if name in __all__:
        import importlib

        return getattr(importlib.import_module("doitkit.api"), name)
    raise AttributeError(f"module 'doitkit' has no attribute {name!r}")
