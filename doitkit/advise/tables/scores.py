"""What each run reached: the table of scores, long or wide."""

from dataclasses import dataclass, field

from doitkit.advise.tables.naming import lower_is_better
from doitkit.advise.tables.sheet import Row, Sheet
from doitkit.core.errors import UsageError

_OUTCOMES = ("ability", "outcome", "task", "benchmark")
_VALUES = ("score", "value")
_BESIDE = ("seed", "stderr", "items", "chance", "metric", "lower_is_better")


@dataclass(frozen=True)
class Score:
    """One score as the table gives it; None where it is silent."""

    row: Row
    column: str
    run: str
    seed: str
    value: float
    stderr: float | None = None
    items: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What was measured on the runs, in the measure of the table.

    Attributes
    ----------
    metric
        Its metric; the outcome's own name where none is stated.
    recognised
        Whether it was by a name that less was found to be better.
    chance
        The score of guessing, where it is stated.
    """

    name: str
    metric: str
    lower: bool
    recognised: bool
    chance: float | None
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Scores:
    """The outcomes of a table of scores."""

    sheet: Sheet
    outcomes: tuple[Outcome, ...]
    assumptions: tuple[str, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """Return the runs that have a score, in order."""
        return tuple(dict.fromkeys(s.run for outcome in self.outcomes for s in outcome.scores))


@dataclass
class _Gathered:
    """What is collected of one outcome while the table is read."""

    scores: list[Score] = field(default_factory=list)
    stated: dict[str, tuple[object, Row]] = field(default_factory=dict)
    seen: dict[tuple[str, str], Row] = field(default_factory=dict)


def scores_of(sheet: Sheet) -> Scores:
    """Read a table of scores.

    Raises
    ------
    UsageError
        If columns or cells make no sense, or a score stands twice.
    """
    run = sheet.run_column()
    outcome, value = sheet.first(*_OUTCOMES), sheet.first(*_VALUES)
    if outcome is not None and value is not None:
        gathered, empty = _long(sheet, run, outcome, value)
    elif outcome is not None and not _is_number_column(sheet, outcome):
        raise UsageError(
            "the table of scores has no column of scores",
            code="E402",
            where=sheet.file,
            why=f"its column `{outcome}` makes it a long one, but there is no `score`",
            next_step="name the column of the scores `score`",
        )
    else:
        gathered, empty = _wide(sheet, run)
    found, said = [], []
    for name, of in gathered.items():
        if not of.scores:
            raise UsageError(
                f"no run has a score of `{name}`",
                code="E407",
                where=sheet.file,
                next_step="give its scores, or leave it out",
            )
        metric = str(of.stated["metric"][0]) if "metric" in of.stated else name
        stated = of.stated.get("lower_is_better", (None,))[0]
        recognised = stated is None and (lower_is_better(metric) or lower_is_better(name))
        chance = of.stated.get("chance", (None,))[0]
        found.append(
            Outcome(
                name,
                metric,
                bool(stated) or recognised,
                recognised,
                chance if isinstance(chance, float) else None,
                tuple(of.scores),
            )
        )
    if empty:
        many = f"{empty} cells hold no score" if empty > 1 else "a cell holds no score"
        said.append(f"{many}: such runs count as not scored there")
    return Scores(sheet, tuple(found), tuple(said))


def _long(sheet: Sheet, run: str, outcome: str, value: str) -> tuple[dict[str, _Gathered], int]:
    unknown = [c for c in sheet.columns if c not in {run, outcome, value, *_BESIDE}]
    if unknown:
        raise UsageError(
            f"the column `{unknown[0]}` is not known in a long table of scores",
            code="E402",
            where=sheet.file,
            next_step="leave it out; known are run, ability (or outcome), score, stderr, items, "
            "chance, metric, lower_is_better and seed",
        )
    gathered: dict[str, _Gathered] = {}
    empty = 0
    for row in sheet.rows:
        name = sheet.text(row, outcome)
        of = gathered.setdefault(name, _Gathered())
        _state(sheet, of, row, name)
        number = sheet.number(row, value)
        if number is None:
            empty += 1
            continue
        score = Score(
            row,
            value,
            sheet.text(row, run),
            _seed(sheet, row),
            number,
            _positive(sheet, row, "stderr"),
            _positive(sheet, row, "items"),
        )
        _add(sheet, of, score, run, f"{score.run}, {name}")
    return gathered, empty


def _wide(sheet: Sheet, run: str) -> tuple[dict[str, _Gathered], int]:
    names = [c for c in sheet.columns if c not in (run, "seed", "params")]
    if not names:
        raise UsageError(
            "no column holds scores",
            code="E402",
            where=sheet.file,
            next_step="give a column for each outcome, or the columns `outcome` and `score`",
        )
    gathered: dict[str, _Gathered] = {name: _Gathered() for name in names}
    empty = 0
    for row in sheet.rows:
        for name in names:
            number = sheet.number(row, name)
            if number is None:
                empty += 1
                continue
            score = Score(row, name, sheet.text(row, run), _seed(sheet, row), number)
            _add(sheet, gathered[name], score, run, score.run)
    return gathered, empty


def _add(sheet: Sheet, of: _Gathered, score: Score, run: str, name: str) -> None:
    before = of.seen.setdefault((score.run, score.seed), score.row)
    if before is not score.row:
        raise UsageError(
            f"`{name}` stands twice",
            code="E404",
            where=sheet.where(score.row, run),
            why=f"it stands at line {before.line} too",
            next_step="remove one; if they are repeats with other seeds, say so in a column `seed`",
        )
    of.scores.append(score)


def _state(sheet: Sheet, of: _Gathered, row: Row, name: str) -> None:
    """Take what a row says of the outcome as a whole, which every row must say alike."""
    told: dict[str, object] = {}
    if sheet.has("chance"):
        told["chance"] = sheet.number(row, "chance")
    if sheet.has("metric") and row.cells.get("metric"):
        told["metric"] = sheet.text(row, "metric")
    if sheet.has("lower_is_better"):
        told["lower_is_better"] = sheet.flag(row, "lower_is_better")
    for column, value in told.items():
        if value is None:
            continue
        known, where = of.stated.setdefault(column, (value, row))
        if known != value:
            raise UsageError(
                f"`{name}` has two values of `{column}`: {known} and {value}",
                code="E403",
                where=sheet.where(row, column),
                why=f"line {where.line} says {known}",
                next_step="say the same in every row of an outcome, or give the outcome two names",
            )


def _positive(sheet: Sheet, row: Row, column: str) -> float | None:
    found = sheet.number(row, column) if sheet.has(column) else None
    if found is not None and found <= 0:
        raise UsageError(
            f"`{column}` must be above 0, and is {found:g}",
            code="E403",
            where=sheet.where(row, column),
            next_step="correct it, or leave the cell empty",
        )
    return found


def _seed(sheet: Sheet, row: Row) -> str:
    return sheet.text(row, "seed") if sheet.has("seed") else ""


def _is_number_column(sheet: Sheet, column: str) -> bool:
    return all(
        not isinstance(row.cells.get(column), str) or _parses(row, column) for row in sheet.rows
    )


def _parses(row: Row, column: str) -> bool:
    try:
        float(row.cells[column])
    except ValueError:
        return not row.cells[column].strip()
    return True
