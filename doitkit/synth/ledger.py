"""Every request and every cent, in SQLite, on disk before an answer is used.

A request is entered with the most that it can cost before it is sent, and settled with what it
did cost when its answer is there. What a killed process had in flight stays entered at its full
price: the cap holds even then, and nothing is paid for twice without being counted twice.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doitkit.core.errors import CapReachedError
from doitkit.core.workspace import Workspace
from doitkit.recipe.data import SynthesisCaps
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
    """What was spent in a workspace, over all time."""

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

    def reserve(
        self,
        caps: SynthesisCaps,
        source: str,
        model: str,
        wanted: Sequence[tuple[str, float]],
    ) -> list[int]:
        """Enter requests (key, most it can cost) before they are sent.

        Raises
        ------
        CapReachedError
            If they would pass a cap. Nothing is entered then, and nothing may be sent.
        """
        with self._transaction():
            spent = self.spending()
            usd = sum(most for _, most in wanted)
            _require("requests", source, spent.requests, len(wanted), caps.requests)
            _require("usd", source, spent.usd, usd, caps.usd)
            return [
                int(
                    self._db.execute(
                        "INSERT INTO requests (key, source, model, state, usd) "
                        "VALUES (?, ?, ?, 'sent', ?)",
                        (key, source, model, most),
                    ).lastrowid
                    or 0
                )
                for key, most in wanted
            ]

    def settle(self, settled: Sequence[tuple[int, str, Answer]]) -> None:
        """Write answers (request number, key, answer) with their true cost, in one step."""
        with self._transaction():
            for number, key, answer in settled:
                self._db.execute(
                    "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?)",
                    (
                        key,
                        answer.text,
                        answer.finish_reason,
                        answer.input_tokens,
                        answer.output_tokens,
                    ),
                )
                self._db.execute(
                    "UPDATE requests SET state = 'answered', usd = ? WHERE number = ?",
                    (answer.usd, number),
                )

    def fail(self, numbers: Sequence[int]) -> None:
        """Mark requests that the endpoint refused: they cost nothing but still count."""
        self._db.executemany(
            "UPDATE requests SET state = 'failed', usd = 0 WHERE number = ? AND state = 'sent'",
            [(number,) for number in numbers],
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
            why=f"{spent:,.4g} spent, the next requests may take {wanted:,.4g}, "
            f"the cap is {cap:,.4g}",
            next_step=f"raise `caps.{what}`, or ask for fewer rows; what was answered is kept",
        )


def spending_of(workspace: Workspace) -> Spending:
    """Return what was spent in a workspace, over all time; nothing if there is no ledger."""
    file = workspace.synth / LEDGER_FILE
    if not file.is_file():
        return Spending(0, 0.0)
    ledger = Ledger(file)
    try:
        return ledger.spending()
    finally:
        ledger.close()
