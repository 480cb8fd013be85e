"""What the names of columns, metrics and outcomes say."""

import re
from collections.abc import Iterable

from doitkit.core.origins import ORIGINS
from doitkit.recipe.diagnostics import listed

OUTCOMES = "<outcomes>"
"""Stands for names of outcomes in what is said of them."""
_WORDS = re.compile(r"[A-Za-z]+")
_LOWER = frozenset(
    {"loss", "losses", "perplexity", "ppl", "bpb", "bpc", "nll", "error", "errors", "err"}
    | {"wer", "cer", "mae", "mse", "rmse", "brier", "entropy"}
)
_PHRASES = ("bits_per_byte", "bits_per_char", "cross_entropy")


def split_source(name: str) -> tuple[str, str | None]:
    """Return the ability and the origin of a source, `code/human` or `code:human`.

    A name that ends in no origin is the ability itself, of no stated origin.
    """
    for mark in ("/", ":"):
        ability, found, origin = name.rpartition(mark)
        if found and ability and origin in ORIGINS:
            return ability, origin
    return name, None


def plain_name(source: str) -> str:
    """Return the name of a source in one way of writing: `code:human` is `code/human`."""
    ability, origin = split_source(source)
    return source if origin is None else f"{ability}/{origin}"


def lower_is_better(name: str) -> bool:
    """Say whether a metric or an outcome is one of which less is better, by its name."""
    lowered = name.lower()
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _LOWER) or any(phrase in lowered for phrase in _PHRASES)


def kind_of_metric(name: str) -> str:
    """Return how a metric of which less is better is taken to a scale from 0 to 1.

    `bits` (of a byte), `nats` (a loss), `perplexity`, `share` (an error rate) or `unknown`.
    """
    lowered = name.lower()
    words = {word.lower() for word in _WORDS.findall(name)}
    if "bpb" in words or "bpc" in words or "bits_per" in lowered:
        return "bits"
    if words & {"ppl", "perplexity"}:
        return "perplexity"
    if words & {"loss", "losses", "nll", "entropy"}:
        return "nats"
    if words & {"error", "errors", "err", "wer", "cer"}:
        return "share"
    return "unknown"


def grouped(templates: Iterable[tuple[str, str]]) -> list[str]:
    """Return sentences about outcomes, one for all of which the same is said.

    Parameters
    ----------
    templates
        What is said, with OUTCOMES where their names belong, and a name.
    """
    named: dict[str, list[str]] = {}
    for template, name in templates:
        named.setdefault(template, []).append(f"`{name}`")
    return [template.replace(OUTCOMES, listed(names)) for template, names in named.items()]
