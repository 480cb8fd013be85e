"""doitkit: what instruction data to buy next, and how sure that is.

The Python API mirrors the command line; see `docs/api.md`.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from doitkit.core.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from doitkit.api import (
        build,
        evaluate,
        inspect,
        load_recipe,
        loop,
        open_dataset,
        plan,
        recommend,
        report,
        simulate,
        synthesize,
        train,
    )

__all__ = [
    "__version__",
    "build",
    "evaluate",
    "inspect",
    "load_recipe",
    "loop",
    "open_dataset",
    "plan",
    "recommend",
    "report",
    "simulate",
    "synthesize",
    "train",
]


class _Package(ModuleType):
    """The package, whose verbs stay verbs although some rooms share their names.

    Importing the room `doitkit.plan` makes Python set the attribute `plan` of this package to
    that module; a property refuses it. The verbs are looked up when they are used, since they
    import Polars and more, for which `import doitkit` must not wait.
    """


def _verb(name: str) -> property:
    def look_up(_: Any) -> Any:
        return getattr(importlib.import_module("doitkit.api"), name)

    def keep(_: Any, __: Any) -> None:
        return None

    return property(look_up, keep)


for _name in __all__[1:]:
    setattr(_Package, _name, _verb(_name))
sys.modules[__name__].__class__ = _Package
