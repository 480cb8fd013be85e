"""Changing one top-level block of a recipe's text and leaving every other line as it was."""

from pathlib import Path
from typing import Any

import yaml

from doitkit.recipe.document import parse


def replace_block(text: str, key: str, value: Any, comment: str | None = None) -> str:
    """Return recipe `text` with the top-level block `key` saying `value`.

    Comments inside the block go with it; all other lines stay. A block that does not exist
    yet is added at the end.

    Parameters
    ----------
    comment
        A line to stand above the new block.
    """
    block = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=100)
    new = [*([f"# {comment}"] if comment else []), *block.rstrip("\n").split("\n")]
    lines = text.splitlines()
    document = parse(text, "recipe")
    if (key,) not in document.positions:
        return "\n".join([*lines, "", *new]) + "\n"
    start = document.positions[(key,)].line - 1
    end = start + 1
    while end < len(lines) and (lines[end][:1] in (" ", "\t", "-") or not lines[end].strip()):
        end += 1
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return "\n".join([*lines[:start], *new, *lines[end:]]) + "\n"


def relative_root(root: Path, folder: Path) -> str:
    """Return the data root as a recipe in `folder` would write it."""
    try:
        return str(root.resolve().relative_to(folder.resolve())) or "."
    except ValueError:
        return str(root.resolve())
