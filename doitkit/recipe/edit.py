"""Changing one top-level block of a recipe's text and leaving every other line as it was."""

from typing import Any

import yaml

from doitkit.core.errors import RecipeError
from doitkit.recipe.document import FLOAT, parse


class _Dumper(yaml.SafeDumper):
    """Quotes text that this package would read as a number, though YAML 1.1 would not."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def as_yaml(value: dict[str, Any]) -> str:
    """Return `value` as the YAML of a recipe, a key a line, in the order given."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


def replace_block(text: str, key: str, value: Any, comment: str | None = None) -> str:
    """Return recipe `text` with the top-level block `key` saying `value`.

    Comments inside the block go with it; all other lines stay. A block that does not exist
    yet is added at the end.

    Parameters
    ----------
    comment
        A line to stand above the new block.

    Raises
    ------
    RecipeError
        If the recipe is one pair of braces, so that a line may belong to several blocks.
    """
    block = as_yaml({key: value})
    new = f"# {comment}\n{block}" if comment else block
    document = parse(text, "recipe")
    if () in document.last_lines:
        raise RecipeError(
            "a recipe in braces cannot be edited line by line",
            next_step="write it with one key a line",
        )
    if (key,) not in document.positions:
        gap = "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{new}"
    lines = text.splitlines(keepends=True)
    first = document.positions[(key,)].line
    last = max(line for path, line in document.last_lines.items() if path[:1] == (key,))
    return "".join([*lines[: first - 1], new, *lines[last:]])
