"""Tables and names in Markdown, whatever stands in them."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; columns whose name starts with `#` are numbers, set to the right."""
    marks = ["---:" if column.startswith("#") else "---" for column in columns]
    lines = [[column.lstrip("#") for column in columns], marks]
    lines += [[_cell(value) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Return a name as code."""
    plain = " ".join(text.split())
    marks = "``" if "`" in plain else "`"
    return f"{marks} {plain} {marks}" if marks == "``" else f"{marks}{plain}{marks}"


def plain(text: str) -> str:
    """Return a text in which nothing is markup."""
    shown = " ".join(text.split())
    for mark in ("\\", "`", "*", "_", "[", "]", "<", ">", "#"):
        shown = shown.replace(mark, f"\\{mark}")
    return shown


def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text.replace("|", "\\|")
