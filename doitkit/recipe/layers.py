"""One document laid over another: the merge by which recipes extend one another.

The upper layer wins. Mappings are merged key by key; a list or a plain value replaces what stood
there. An empty value takes away what was inherited. Every part remembers the file and the line it
came from.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from doitkit.recipe.document import Document, Path

Place = TypeVar("Place")


def overlaid(base: Document, over: Document, whole: Collection[Path] = ()) -> Document:
    """Return `over` laid over `base`; positions and frames lead into both.

    Parameters
    ----------
    whole
        Blocks that replace what lies below them, instead of being merged with it.
    """
    gone: set[Path] = set()
    value = merged(base.value, over.value, (), gone, whole)
    return replace(
        over,
        value=value,
        texts={**base.texts, **over.texts},
        positions=without(base.positions, gone) | over.positions,
        aliases=without(base.aliases, gone) | over.aliases,
    )


def merged(
    below: Any, above: Any, path: Path, gone: set[Path], whole: Collection[Path] = ()
) -> Any:
    """Return value `above` laid over value `below`, both standing at `path`.

    What no longer stands where it stood is added to `gone`.
    """
    if not isinstance(below, dict) or not isinstance(above, dict) or path in whole:
        gone.add(path)
        return above
    together = dict(below)
    for key, value in above.items():
        inner = (*path, key)
        if value is None and key in below:
            gone.add(inner)
            together.pop(key)
        elif key in below:
            together[key] = merged(below[key], value, inner, gone, whole)
        else:
            together[key] = value
    return together


def without(places: dict[Path, Place], gone: Collection[Path]) -> dict[Path, Place]:
    """Return the places that lie in none of the blocks that are gone."""
    return {
        path: place
        for path, place in places.items()
        if not any(path[:size] in gone for size in range(len(path) + 1))
    }
