"""The pages of `doitkit explain`: what every code of an error or a warning means, by example."""

from doitkit.core.errors import UsageError
from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe.diagnostics import did_you_mean

INDEX = "README"
_KINDS = {
    "E1": "Errors of a recipe",
    "E3": "Errors of a plan",
    "E4": "Errors of tables of runs",
    "W2": "Warnings",
}
_HEAD = """\
# What doitkit finds wrong

Every problem of a recipe, of a plan or of a table of runs has a code. `doitkit explain CODE` prints
its page: what it means, and an example of it, wrong and right. Errors (E) stop doitkit before
anything is built or spent; warnings (W) never do.
"""


def codes() -> list[str]:
    """Return every code that has a page, in order."""
    return [name for name in shipped_names("errors", ".md") if name != INDEX]


def page(code: str) -> str:
    """Return the page about a code, as Markdown.

    Raises
    ------
    UsageError
        If there is no such code.
    """
    known = codes()
    if code.upper() not in known:
        raise UsageError(
            f"no error or warning has the code `{code}`",
            next_step=f"{did_you_mean(code.upper(), known)} (`doitkit explain` lists all)",
        )
    return (shipped_folder("errors") / f"{code.upper()}.md").read_text(encoding="utf-8")


def title(code: str) -> str:
    """Return what a code stands for, in a few words."""
    return page(code).splitlines()[0].partition(": ")[2]


def index() -> str:
    """Return the list of all pages, as Markdown."""
    parts = [_HEAD]
    for kind, heading in _KINDS.items():
        lines = [f"- [{code}]({code}.md): {title(code)}" for code in codes() if code[:2] == kind]
        parts.append(f"## {heading}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)
