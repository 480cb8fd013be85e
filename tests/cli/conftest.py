"""The command line as a fixture: arguments in, exit code and both streams out."""

import sys

import pytest

from doitkit.cli import main


class Outcome:
    """What a command printed, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def doitkit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["doitkit", *map(str, arguments)])
        code: int | str | None = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        assert isinstance(code, int | None)
        return Outcome(code or 0, out, err)

    return run


def refused(outcome: Outcome, code: int, *words: str) -> None:
    """Assert a one-screen error: what, where or why, and a next step; no traceback."""
    assert outcome.code == code
    assert outcome.err.startswith("error: ")
    assert "next:" in outcome.err
    assert "Traceback" not in outcome.err
    assert len(outcome.err.splitlines()) <= 24
    for word in words:
        assert word in outcome.err
