"""What kind of file a data file is, and how it is said that it is none."""

from pathlib import Path

from doitkit.core.errors import SourceError

KINDS = ("jsonl", "json", "csv", "parquet", "arrow", "txt")
COLUMNAR = ("parquet", "arrow")


def cannot_be_read(path: Path, error: OSError) -> SourceError:
    """Return what the system says of a data file, as an error of the family."""
    return SourceError(
        "a data file cannot be read",
        where=path,
        why=error.strerror or str(error),
        next_step="check the file, and who may read it",
    )


def not_columnar(path: Path, error: Exception) -> SourceError:
    """Return what is wrong with a file of columns, as an error of the family."""
    return SourceError(
        f"this is not a readable {kind_of(path)} file",
        where=path,
        why=str(error),
        next_step="replace it by a whole one, or give the rows in another kind of file",
    )


def kind_of(path: Path) -> str:
    """Return what a file is, from its name."""
    parts = [part.lower() for part in path.name.split(".")[1:]]
    while parts and parts[-1] in ("gz", "zst"):
        parts.pop()
    kind = {"ndjson": "jsonl"}.get(parts[-1], parts[-1]) if parts else ""
    if kind not in KINDS:
        raise SourceError(
            "the kind of this file is not known",
            where=path,
            why="its name ends in none of .jsonl .json .csv .parquet .arrow .txt (plain, "
            ".gz or .zst)",
            next_step="rename or convert it",
        )
    return kind
