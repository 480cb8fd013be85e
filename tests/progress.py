"""Progress that a test can read."""

from doitkit.core.progress import SilentProgress


class Notes(SilentProgress):
    """Progress that keeps the lines that stay."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)
