"""Every request to an endpoint and every cent, in SQLite, on disk before an answer is used.

A request is entered with the most that it can cost before it is sent, and settled with what it
did cost when its answer is there. What a killed process had in flight stays entered at its full
price: the cap holds even then, and nothing is paid for twice without being counted twice.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from doitkit.core.errors import CapReachedError
from doitkit.core.workspace import Workspace
from doitkit.recipe.prices import Caps
from doitkit.synth.provider import Answer

LEDGER_FILE = "ledger.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, source TEXT NOT NULL, model TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'failed')), usd REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS requests_by_key ON requests (key);
"""


@dataclass(frozen=True)
class Spending:
    """What was spent at endpoints for a workspace, over all time."""

    requests: int
    usd: float


class Ledger:
    """The cache of answers and the account of requests of one workspace."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def answers(self, keys: Iterable[str]) -> dict[str, Answer]:
        """Return the answers that exist for `keys`. Their cost is counted already: 0 here."""
        found: dict[str, Answer] = {}
        for key in keys:
            row = self._db.execute(
                "SELECT text, finish_reason, input_tokens, output_tokens FROM answers "
                "WHERE key = ?",
                (key,),
            ).fetchone()
            if row is not None:
                text, finish_reason, inputs, outputs = row
                found[key] = Answer(text, finish_reason, inputs, outputs, usd=0.0)
        return found

    def spending(self) -> Spending:
        """Return all that was spent, what is in flight at its full price included."""
        requests, usd = self._db.execute(
            "SELECT COUNT(*), COALESCE(SUM(usd), 0) FROM requests"
        ).fetchone()
        return Spending(int(requests), float(usd))

    def reserve(self, caps: Caps, source: str, model: str, key: str, most_usd: float) -> int:
        """Enter a request, at the most that it can cost, before it is sent; return its number.

        Raises
        ------
        CapReachedError
            If it would pass a cap. Nothing is entered then, and nothing may be sent.
        """
        with self._transaction():
            spent = self.spending()
            _require("requests", source, spent.requests, 1, caps.requests)
            _require("usd", source, spent.usd, most_usd, caps.usd)
            entered = self._db.execute(
                "INSERT INTO requests (key, source, model, state, usd) VALUES (?, ?, ?, 'sent', ?)",
                (key, source, model, most_usd),
            )
            return int(entered.lastrowid or 0)

    def settle(self, number: int, key: str, answer: Answer) -> None:
        """Write the answer to a request with its true cost, in one step."""
        with self._transaction():
            self._insert(key, answer)
            self._db.execute(
                "UPDATE requests SET state = 'answered', usd = ? WHERE number = ?",
                (answer.usd, number),
            )

    def keep(self, answers: Sequence[tuple[str, Answer]]) -> None:
        """Write answers (key, answer) for which nobody was asked or paid, in one step."""
        with self._transaction():
            for key, answer in answers:
                self._insert(key, answer)

    def fail(self, number: int) -> None:
        """Mark a request that the endpoint refused: it cost nothing but still counts."""
        self._db.execute(
            "UPDATE requests SET state = 'failed', usd = 0 WHERE number = ? AND state = 'sent'",
            (number,),
        )

    def _insert(self, key: str, answer: Answer) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?)",
            (key, answer.text, answer.finish_reason, answer.input_tokens, answer.output_tokens),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _require(what: str, source: str, spent: float, wanted: float, cap: float) -> None:
    if spent + wanted > cap * (1 + 1e-12):
        raise CapReachedError(
            f"the cap on {what} is reached",
            where=f"caps.{what}, while generating `{source}`",
            why=f"{spent:,.4g} spent, the next request may take {wanted:,.4g}, "
            f"the cap is {cap:,.4g}",
            next_step=f"raise `caps.{what}`, or ask for fewer rows; what was answered is kept",
        )


def spending_of(workspace: Workspace) -> Spending:
    """Return what was spent in a workspace, over all time; nothing if there is no ledger."""
    file = workspace.synth / LEDGER_FILE
    if not file.is_file():
        return Spending(0, 0.0)
    with closing(Ledger(file)) as ledger:
        return ledger.spending()
