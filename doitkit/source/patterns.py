"""Patterns of a recipe over names that lie in no folder, by the rules of a folder's files."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import PurePosixPath


def matching(pattern: str, names: Sequence[str]) -> list[str]:
    """Return the names that `pattern` matches, by the rules and in the order of a folder's files.

    A file whose own name holds a bracket is taken as it stands.
    """
    if pattern in names:
        return [pattern]
    parts = PurePosixPath(pattern).parts
    return sorted((n for n in names if _match(n.split("/"), parts)), key=PurePosixPath)


def searched(pattern: str) -> tuple[str, bool] | None:
    """Return the folder below which all matches of `pattern` lie, and whether any lie deeper.

    None if `pattern` can match its own name alone.
    """
    parts = PurePosixPath(pattern).parts
    fixed = next((at for at, part in enumerate(parts) if has_magic(part)), None)
    return None if fixed is None else ("/".join(parts[:fixed]), fixed + 1 < len(parts))


def _match(name: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern or not name:
        return not pattern and not name
    if pattern[0] == "**":
        return _match(name, pattern[1:]) or _match(name[1:], pattern)
    return fnmatchcase(name[0], pattern[0]) and _match(name[1:], pattern[1:])
