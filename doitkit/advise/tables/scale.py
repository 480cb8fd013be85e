"""Taking scores to the scale from 0 to 1 on which more is better, for the growth laws."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.advise.tables.naming import OUTCOMES, kind_of_metric
from doitkit.advise.tables.scores import Outcome, Score
from doitkit.advise.tables.sheet import Sheet
from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats

_ITEMS = 200
_SHARE_OF_LOSS = 0.01
Kind = Literal["fraction", "percent", "bits", "nats", "perplexity", "error", "error percent"]
_COUNTED = ("fraction", "percent", "error", "error percent")


@dataclass(frozen=True)
class Scaled:
    """An outcome from 0 to 1, higher better.

    Attributes
    ----------
    values, stderrs, items
        Of every score of the outcome, in order; no items (NaN) where it is not known to count
        right answers to some.
    assumptions
        What was taken for granted, with OUTCOMES in the place of the name.
    """

    values: Floats
    stderrs: Floats
    items: Floats
    chance: float
    assumptions: tuple[str, ...]


def require_one_scale(sheet: Sheet, outcome: Outcome, *, of_shares: bool = False) -> None:
    """Refuse percent that stand beside fractions.

    Parameters
    ----------
    of_shares
        Whether the outcome must be a share, so that values of at most 1 beside larger ones are a
        mistake. Of other measures they are only where, as percent, they would lie among the
        larger ones.
    """
    if outcome.lower or outcome.metric in ("percent", "fraction"):
        return
    small = [s for s in outcome.scores if 0 < s.value <= 1]
    large = [s for s in outcome.scores if s.value > 1]
    if not small or not large or any(s.value < 0 or s.value > 100 for s in outcome.scores):
        return
    as_percent = 100 * max(s.value for s in small)
    least, most = min(s.value for s in large) / 2, 2 * max(s.value for s in large)
    if of_shares or least <= as_percent <= most:
        fewer = min(small, large, key=len)
        raise UsageError(
            f"scores of `{outcome.name}` are partly percent, partly fractions",
            code="E406",
            where=sheet.places([s.row for s in fewer], fewer[0].column),
            why=f"{len(small)} lie between 0 and 1, {len(large)} between 1 and 100",
            next_step="write all of them in one way; if they are right, say `percent` in a column "
            "`metric`",
        )


def scaled(sheet: Sheet, outcome: Outcome) -> Scaled:
    """Return an outcome on the scale from 0 to 1.

    Raises
    ------
    UsageError
        If it has values that cannot lie on that scale.
    """
    require_one_scale(sheet, outcome, of_shares=True)
    raw = np.array([score.value for score in outcome.scores])
    kind, said = _kind(sheet, outcome, raw)
    values, slopes = _taken(kind, raw)
    chance, more = _chance(sheet, outcome, kind)
    assumptions = [*said, *more]
    stderrs, told = _stderrs(outcome, kind, raw, values, slopes)
    assumptions += told
    below = [s.run for s, value in zip(outcome.scores, values, strict=True) if value < chance]
    if below:
        assumptions.append(
            f"{OUTCOMES}: {len(below)} of {len(values)} runs score below chance "
            f"({', '.join(below[:5])}): kept as they are"
        )
    counted = kind in _COUNTED
    items = [s.items if counted and s.items is not None else np.nan for s in outcome.scores]
    return Scaled(values, stderrs, np.array(items), chance, tuple(assumptions))


def _kind(sheet: Sheet, outcome: Outcome, raw: Floats) -> tuple[Kind, list[str]]:
    if not outcome.lower:
        if outcome.metric == "percent" or (raw.max() > 1 and outcome.metric != "fraction"):
            _require_within(sheet, outcome, 100.0)
            return "percent", [f"scores of {OUTCOMES} are read as percent"]
        _require_within(sheet, outcome, 1.0)
        return "fraction", []
    kind = kind_of_metric(outcome.metric)
    if kind == "unknown":
        kind = kind_of_metric(outcome.name)
    if kind == "bits":
        _require_within(sheet, outcome, np.inf)
        return "bits", [f"{OUTCOMES}: read as bits of a byte, 2^-bits its probability"]
    if kind == "nats":
        _require_within(sheet, outcome, np.inf)
        return "nats", [f"{OUTCOMES}: read as a loss in nats, e^-loss its probability"]
    if kind == "perplexity":
        _require_within(sheet, outcome, np.inf, least=1.0)
        return "perplexity", [f"{OUTCOMES}: read as a perplexity, its inverse a probability"]
    percent = bool(raw.max() > 1)
    _require_within(sheet, outcome, 100.0 if percent else 1.0)
    said = f"{OUTCOMES}: read as {'a percentage' if percent else 'a share'} of errors"
    return ("error percent" if percent else "error"), [said]


def _require_within(sheet: Sheet, outcome: Outcome, most: float, least: float = 0.0) -> None:
    wrong = [s for s in outcome.scores if not least <= s.value <= most]
    if wrong:
        span = f"{least:g} and {most:g}" if np.isfinite(most) else f"{least:g} and more"
        raise UsageError(
            f"a score of `{outcome.name}` lies outside its scale",
            code="E406",
            where=sheet.places([s.row for s in wrong], wrong[0].column),
            why=f"{wrong[0].value:g} does not lie between {span}"
            if np.isfinite(most)
            else f"{wrong[0].value:g} is below {least:g}",
            next_step="correct it; for a measure that is no share of right answers, name it in a "
            "column `metric` (bits_per_byte, loss, perplexity, error)",
        )


def _taken(kind: Kind, raw: Floats) -> tuple[Floats, Floats]:
    """Return values from 0 to 1, higher better, and the slope of that by the raw ones."""
    ones = np.ones_like(raw)
    if kind == "fraction":
        return raw, ones
    if kind == "percent":
        return raw / 100, ones / 100
    if kind == "error":
        return 1 - raw, ones
    if kind == "error percent":
        return 1 - raw / 100, ones / 100
    if kind == "perplexity":
        return 1 / raw, 1 / raw**2
    rate = np.log(2) if kind == "bits" else 1.0
    return np.exp(-rate * raw), rate * np.exp(-rate * raw)


def _chance(sheet: Sheet, outcome: Outcome, kind: Kind) -> tuple[float, list[str]]:
    if outcome.chance is None:
        return 0.0, [f"chance is not stated for {OUTCOMES}: taken as 0"]
    chance = float(_taken(kind, np.array([outcome.chance]))[0][0])
    if not 0 <= chance < 1:
        raise UsageError(
            f"the chance of `{outcome.name}`, {outcome.chance:g}, lies outside its scale",
            code="E406",
            where=f"{sheet.file}, `chance`",
            next_step="give the score of guessing, in the measure of the scores",
        )
    return chance, []


def _stderrs(
    outcome: Outcome, kind: Kind, raw: Floats, values: Floats, slopes: Floats
) -> tuple[Floats, list[str]]:
    """Return standard errors: as stated, by items, by replicates, or assumed."""
    counted = kind in _COUNTED
    scatter = _scatter(outcome.scores, values)
    result = np.full(len(raw), np.nan)
    missing: dict[str, int] = {}
    for index, score in enumerate(outcome.scores):
        if score.stderr is not None:
            result[index] = score.stderr * slopes[index]
        elif score.items is not None and counted:
            result[index] = _binomial(values[index], score.items)
            missing["from its number of items"] = missing.get("from its number of items", 0) + 1
        else:
            result[index], how = _assumed(
                scatter, values[index], raw[index], slopes[index], counted
            )
            missing[how] = missing.get(how, 0) + 1
    said = [
        f"standard errors of {OUTCOMES} missing"
        + ("" if count == len(raw) else f" for {count} of {len(raw)} scores")
        + f": taken {how}"
        for how, count in missing.items()
    ]
    return result, said


def _assumed(
    scatter: float | None, value: float, raw: float, slope: float, counted: bool
) -> tuple[float, str]:
    if scatter is not None:
        return scatter, "from the scatter of replicates"
    if counted:
        return _binomial(value, _ITEMS), f"from {_ITEMS} items"
    return max(_SHARE_OF_LOSS * abs(raw) * slope, 1e-6), "as 1 % of the score"


def _binomial(value: float, items: float) -> float:
    """Return the standard error of a share, drawn a little to the middle so that it is not 0."""
    share = (value * items + 1) / (items + 2)
    return float(np.sqrt(share * (1 - share) / items))


def _scatter(scores: tuple[Score, ...], values: Floats) -> float | None:
    """Return the pooled standard deviation of a run's seeds, or None without replicates."""
    by_run: dict[str, list[float]] = {}
    for score, value in zip(scores, values, strict=True):
        by_run.setdefault(score.run, []).append(float(value))
    groups = [np.array(of) for of in by_run.values() if len(of) > 1]
    freedom = sum(len(of) - 1 for of in groups)
    if not freedom:
        return None
    squares = sum(float(((of - of.mean()) ** 2).sum()) for of in groups)
    return max(float(np.sqrt(squares / freedom)), 1e-4)
