"""The recipes, backend profiles, schemas and pages about errors that ship with doitkit."""

from pathlib import Path
from typing import Literal

from doitkit.core.errors import UsageError

Kind = Literal["recipes", "backends", "schemas", "errors"]

_PACKAGE = Path(__file__).resolve().parent.parent
_IN_DOCS = ("errors",)


def shipped_folder(kind: Kind) -> Path:
    """Return the folder of shipped `kind`: inside an installed wheel, or beside the package."""
    checkout = _PACKAGE.parent / "docs" if kind in _IN_DOCS else _PACKAGE.parent
    for candidate in (_PACKAGE / "shipped" / kind, checkout / kind):
        if candidate.is_dir():
            return candidate
    raise UsageError(
        f"the shipped {kind} are missing from this installation",
        where=_PACKAGE,
        next_step="install doitkit again",
    )


def shipped_names(kind: Kind, suffix: str) -> list[str]:
    """List what ships of a kind, without the suffix, sorted."""
    folder = shipped_folder(kind)
    return sorted(str(p.relative_to(folder))[: -len(suffix)] for p in folder.rglob(f"*{suffix}"))
