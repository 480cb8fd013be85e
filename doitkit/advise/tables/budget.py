"""What may be spent, as it is said on the command line: `5000usd`."""

import math
import re
from dataclasses import dataclass

from doitkit.core.errors import UsageError

_SAID = re.compile(
    r"\s*([-+]?[0-9][0-9_,']*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\s*([^\W\d_]*|[$€£¥])\s*"
)
_THOUSANDS = re.compile(r"[_,']")
_SIGNS = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy"}


@dataclass(frozen=True)
class Budget:
    """An amount of money, and the name of its unit where one is given."""

    amount: float
    unit: str | None


def read_budget(said: str) -> Budget:
    """Return the budget that `5000`, `5000 usd` or `5,000usd` says.

    Raises
    ------
    UsageError
        If it says none, or one below 0.
    """
    found = _SAID.fullmatch(said)
    if found is None or not math.isfinite(float(_THOUSANDS.sub("", found[1]))):
        raise UsageError(
            f"`{said[:40]}` is no budget",
            code="E410",
            where="--budget",
            next_step="give a number and, if you like, its unit: --budget 5000usd",
        )
    amount = float(_THOUSANDS.sub("", found[1]))
    if amount < 0:
        raise UsageError(
            f"a budget cannot be {amount:g}",
            code="E410",
            where="--budget",
            next_step="give an amount of 0 or more",
        )
    unit = _SIGNS.get(found[2], found[2].lower())
    return Budget(amount, unit or None)
