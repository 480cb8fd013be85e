"""The sources and abilities of a draft."""

from dataclasses import dataclass

from doitkit.core.origins import Origin
from doitkit.draft.guess import FileUse
from doitkit.source.look import Look


@dataclass(frozen=True)
class Part:
    """The rows of a file on every n-th line, or all but these."""

    nth: int
    held_out: bool

    def __str__(self) -> str:
        return f"__line % {self.nth} {'=' if self.held_out else '<>'} 0"


@dataclass(frozen=True)
class DraftRows:
    """Files that are read as one: a source, or an evaluation set."""

    uses: tuple[FileUse, ...]
    paths: tuple[str, ...]
    """What `path` says: the files, or a glob that names exactly these."""
    part: Part | None = None
    """Which of the rows these are; all, if None."""

    @property
    def looks(self) -> tuple[Look, ...]:
        """What was seen of the files."""
        return tuple(use.look for use in self.uses)

    @property
    def rows(self) -> int:
        """Rows in the files."""
        return sum(look.rows for look in self.looks)

    @property
    def records(self) -> int:
        """Records that these should be, as far as the rows seen tell."""
        records = sum(look.records for look in self.looks)
        if self.part is None:
            return records
        held_out = records // self.part.nth
        return held_out if self.part.held_out else records - held_out

    @property
    def where(self) -> str | None:
        """The condition under which a row is one of these."""
        meaning = self.looks[0].meaning
        own = meaning.where if meaning else None
        if own is None or self.part is None:
            return own if self.part is None else str(self.part)
        return f"({own}) AND {self.part}"

    def takes(self, line: int) -> bool:
        """Say whether a row that begins on this line of its file is one of these."""
        return self.part is None or (line % self.part.nth == 0) == self.part.held_out


@dataclass(frozen=True)
class DraftSource(DraftRows):
    """A source of training rows."""

    name: str = ""

    @property
    def origin(self) -> Origin:
        """Who wrote the rows."""
        return self.uses[0].origin


@dataclass(frozen=True)
class DraftAbility:
    """An ability: what trains it, and what scores it."""

    name: str
    sources: tuple[DraftSource, ...]
    evaluate: DraftRows
    items: int | None = None
    """How many of the items count; all, if None."""
