"""What rows cost, from a YAML file of a user's own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from doitkit.advise.tables.naming import plain_name, split_source
from doitkit.core.errors import UsageError
from doitkit.recipe.diagnostics import did_you_mean, listed

_TOP = ("unit", "tokens_per_row", "supply", "lot")
_INNER = ("per_row", "per_1k_tokens", "supply", "abilities")
_LOT = 10


@dataclass(frozen=True)
class Price:
    """What data costs.

    Attributes
    ----------
    amount
        Of money: for a row, or for 1,000 tokens.
    tokens
        Whether it is for tokens.
    supply
        How much there is for sale, in rows (tokens, where those are priced); may be infinite.
    """

    amount: float
    tokens: bool
    supply: float


@dataclass(frozen=True)
class PriceList:
    """The prices of a file.

    Attributes
    ----------
    file
        Its name, without the folders.
    lines
        What it says: by source, by `ability/origin`, by ability or by origin; `every` is for
        all others.
    tokens_per_row
        How long a row is, where it says so.
    """

    file: str
    lines: dict[str, Price]
    unit: str | None
    tokens_per_row: float | None
    lot: int

    def of(self, source: str, reference: str) -> Price | None:
        """Return the price of a source, by what says most about it.

        Parameters
        ----------
        reference
            The origin of a source whose name states none.
        """
        ability, origin = split_source(source)
        names = (source, f"{ability}/{origin or reference}", ability, origin or reference, "every")
        return next((self.lines[name] for name in names if name in self.lines), None)

    def require_used(self, sources: tuple[str, ...]) -> None:
        """Refuse a price that is for nothing."""
        known = {"human", "synthetic", "programmatic", "every"}
        for source in sources:
            ability, origin = split_source(source)
            known |= {source, ability} | ({f"{ability}/human"} if origin is None else set())
            known |= {f"{ability}/{other}" for other in ("human", "synthetic", "programmatic")}
        for name in self.lines:
            if name not in known:
                raise UsageError(
                    f"`{name}` has a price, and is no source of the compositions",
                    code="E409",
                    where=self.file,
                    next_step=did_you_mean(name, known),
                )


def read_prices(path: Path) -> PriceList:
    """Read a file of prices.

    Raises
    ------
    UsageError
        If it cannot be read, or says something that makes no sense.
    """
    document = _document(path)
    file = path.name
    supplies = document.get("supply", {})
    if not isinstance(supplies, Mapping):
        raise _wrong(
            file, "supply", "`supply` names rows by source or origin", "supply: {human: 5000}"
        )
    stated = {plain_name(str(k)): _number(file, f"supply.{k}", v) for k, v in supplies.items()}
    lines: dict[str, Price] = {}
    for key, value in document.items():
        if key in _TOP:
            continue
        for name, inner in _lines_of(file, plain_name(str(key)), value):
            lines[name] = _price(file, name, inner, stated.get(name, math.inf))
    for name, supply in stated.items():
        if name not in lines:
            near = lines.get(split_source(name)[1] or "", lines.get("every"))
            if near is None:
                raise _wrong(
                    file,
                    f"supply.{name}",
                    f"`{name}` has a supply and no price",
                    f"{name}: {{per_row: 1.0}}",
                )
            lines[name] = Price(near.amount, near.tokens, supply)
    if not lines:
        raise _wrong(file, "", "no price is stated", "human: {per_row: 1.0}")
    tokens = document.get("tokens_per_row")
    unit = document.get("unit")
    lot = document.get("lot", _LOT)
    if not isinstance(lot, int) or lot < 1:
        raise _wrong(file, "lot", "`lot` is not a whole number of 1 or more", "lot: 10")
    return PriceList(
        file,
        lines,
        None if unit is None else str(unit).lower(),
        None if tokens is None else _number(file, "tokens_per_row", tokens, above=True),
        lot,
    )


def _document(path: Path) -> dict[Any, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(
            "the prices cannot be read",
            code="E409",
            where=path.name,
            why=error.strerror or str(error),
            next_step="check the path",
        ) from error
    except UnicodeDecodeError as error:
        raise _wrong(
            path.name, "", "the prices are no UTF-8 text", "human: {per_row: 1.0}"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = path.name if mark is None else f"{path.name}:{mark.line + 1}:{mark.column + 1}"
        raise UsageError(
            "the prices are no YAML",
            code="E409",
            where=place,
            why=str(getattr(error, "problem", None) or error).splitlines()[0],
            next_step="write one price a line: `human: {per_row: 1.0}`",
        ) from error
    if not isinstance(found, dict):
        raise _wrong(path.name, "", "no price is stated", "human: {per_row: 1.0}")
    # A recipe's own block may be given as it is.
    inner = found.get("prices")
    return inner if len(found) == 1 and isinstance(inner, dict) else found


def _lines_of(file: str, name: str, value: Any) -> list[tuple[str, dict[Any, Any]]]:
    """Return what a key says, with those abilities of an origin that cost something else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [(name, {"per_row": value})]
    if not isinstance(value, dict):
        raise _wrong(
            file,
            name,
            "a price is a number, or says `per_row` or `per_1k_tokens`",
            f"{name}: {{per_row: 1.0}}",
        )
    unknown = [key for key in value if key not in _INNER]
    if unknown:
        raise UsageError(
            f"`{unknown[0]}` is not known of a price",
            code="E409",
            where=f"{file}, {name}",
            next_step=did_you_mean(str(unknown[0]), _INNER),
        )
    own = value.get("abilities", {})
    if not isinstance(own, dict):
        raise _wrong(
            file,
            f"{name}.abilities",
            "`abilities` names prices by ability",
            "abilities: {math: {per_row: 4.0}}",
        )
    inner = {key: given for key, given in value.items() if key != "abilities"}
    rest = [
        line
        for ability, given in own.items()
        for line in _lines_of(file, f"{ability}/{name}", given)
    ]
    return [(name, inner), *rest]


def _price(file: str, name: str, value: dict[Any, Any], supply: float) -> Price:
    given = [key for key in ("per_row", "per_1k_tokens") if value.get(key) is not None]
    if len(given) != 1:
        what = "the price is missing" if not given else "two prices are given for the same rows"
        raise _wrong(file, name, what, f"{name}: {{per_row: 1.0}}")
    amount = _number(file, f"{name}.{given[0]}", value[given[0]], above=True)
    if "supply" in value:
        supply = _number(file, f"{name}.supply", value["supply"])
    return Price(amount, given[0] == "per_1k_tokens", supply)


def _number(file: str, name: str, value: Any, *, above: bool = False) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0 or (above and value == 0):
        raise _wrong(
            file,
            name,
            f"`{str(value)[:40]}` is no number {'above 0' if above else 'of 0 or more'}",
            f"{name.rpartition('.')[2]}: 0.5",
        )
    return float(value)


def _wrong(file: str, name: str, what: str, example: str) -> UsageError:
    return UsageError(
        what,
        code="E409",
        where=f"{file}, {name}" if name else file,
        next_step=f"write it like this: `{example}`",
    )


def missing_price(file: str | None, sources: tuple[str, ...]) -> UsageError:
    """Return what is said where nothing on sale has a price."""
    return UsageError(
        "nothing has a price" if file is None else "none of the sources has a price",
        code="E409",
        where=file or "--prices",
        why=f"the sources are {listed(sources)}",
        next_step="give --prices FILE with a line such as `human: {per_row: 1.0}`",
    )
