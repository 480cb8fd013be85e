"""The keys that the supported version of Axolotl knows; it takes in unknown ones without a word.

The list beside this file was written by Axolotl itself (`inside.py fields`); a test compares the
two wherever its environment is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.train.axolotl.environment import VERSION

FIELDS_FILE = Path(__file__).with_name(f"fields-{VERSION}.json")
"""The list, as Axolotl wrote it."""


@dataclass(frozen=True)
class Fields:
    """What a configuration may hold.

    Attributes
    ----------
    keys
        Key -> the keys within it, or None where anything may stand there.
    plugins
        Plugin -> the keys that a configuration may hold besides when it names that plugin.
    """

    keys: Mapping[str, frozenset[str] | None]
    plugins: Mapping[str, frozenset[str]]

    def known(self, plugins: Iterable[str]) -> set[str]:
        """Return the keys at the top of a configuration that names these plugins."""
        added = (self.plugins.get(plugin, frozenset()) for plugin in plugins)
        return set(self.keys).union(*added)

    def unknown(self, config: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
        """Return every unknown key of a configuration, with those that it may have meant."""
        plugins = [str(plugin) for plugin in config.get("plugins") or ()]
        # What a plugin of the user's own adds is known to nobody but that plugin.
        if any(plugin not in self.plugins for plugin in plugins):
            return []
        known = self.known(plugins)
        found = [(key, get_close_matches(key, known)) for key in config if key not in known]
        for key, value in config.items():
            inner = self.keys.get(key)
            for part in value if isinstance(value, list) else [value]:
                if inner and isinstance(part, dict):
                    found += [
                        (f"{key}.{name}", get_close_matches(name, inner))
                        for name in part
                        if name not in inner
                    ]
        return found


@cache
def axolotl_fields() -> Fields:
    """Return the keys of the supported version."""
    stored = json.loads(FIELDS_FILE.read_text(encoding="utf-8"))
    return Fields(
        {
            key: None if inner is None else frozenset(inner)
            for key, inner in stored["fields"].items()
        },
        {plugin: frozenset(keys) for plugin, keys in stored["plugins"].items()},
    )


def require_known(options: Mapping[str, Any]) -> None:
    """Raise unless Axolotl knows every one of these keys.

    Raises
    ------
    UsageError
        It names the unknown keys, and what they may have meant.
    """
    unknown = axolotl_fields().unknown(options)
    if not unknown:
        return
    key, meant = unknown[0]
    others = ", ".join(f"`{name}`" for name, _ in unknown[1:])
    raise UsageError(
        f"Axolotl {VERSION} has no key `{key}`",
        where=f"train.options.{key}",
        why="it would ignore it without a word" + (f"; so it would {others}" if others else ""),
        next_step=f"did you mean `{meant[0]}`?" if meant else "correct the key, or remove it",
    )
