"""What the YAML parser stumbles over, said in the words of people who write recipes.

The parser names what it expected; the author needs to know which line is wrong, and how. The
parser's own words are kept where no rule here knows better.
"""

import re
from dataclasses import dataclass

import yaml

from doitkit.recipe.flaw import Flaw, Position, lines_of

_NO_SPACE_AFTER_COLON = re.compile(r"\s*(?:- +)?[\w.-]+:(?=[^\s/])")
_NO_SPACE_AFTER_DASH = re.compile(r"\s*-[^\s-]")
_KEY = re.compile(r"\s*(?:- +)*[\w.-]+:\s")
_MARKED = {"*": "an alias", "&": "an anchor"}
_LONGEST_KEY = 1024
_QUOTED_WHOLE = "put the whole value in quotes"
_BY_PROBLEM = {
    "found unknown escape character": (
        "a backslash in double quotes begins an escape, and this is none",
        "use single quotes, which leave backslashes as they are",
    ),
    "block sequence entries are not allowed in this context": (
        "a list begins in the middle of a line",
        "put each `- ` on a line of its own, below the key; or use brackets: [a, b]",
    ),
    "did not find expected node content": (
        "a value is missing here, or a dash stands within brackets",
        "take out one of two commas; elements within brackets need no dash",
    ),
    "did not find expected comment or line break": (
        "after `|` or `>` nothing may stand on the same line",
        f"{_QUOTED_WHOLE}, or move the text to the next lines, indented",
    ),
    "did not find expected <document start>": (
        "the recipe has ended, and something follows",
        "remove the line `...`",
    ),
    "found unknown directive name": (
        "a line that begins with `%` is a directive of YAML",
        "remove it, or begin it with `#` if it is a comment",
    ),
}

Place = tuple[int, int]
Said = tuple[Place, str, str]
"""Line and column, what is wrong, and the next step."""


@dataclass(frozen=True)
class _Stumble:
    """Where the parser stopped, and where that began."""

    lines: list[str]
    problem: str
    context: str
    at: Place
    since: Place

    @property
    def is_end(self) -> bool:
        """Whether nothing stands after the place."""
        line, column = self.at
        return not self.line(line)[column - 1 :].strip() and not any(self.lines[line:])

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""


def syntax_flaw(text: str, file: str, error: yaml.YAMLError) -> Flaw:
    """Return the flaw that made the parser give up."""
    found = _stumble(lines_of(text), error)
    line, column = found.at
    begins = found.line(line)[: len(found.line(line)) - len(found.line(line).lstrip())]
    if "\t" in begins:
        place = Position(line, begins.index("\t") + 1, file)
        return Flaw("E104", place, "a tab is used for indentation", "use spaces")
    if found.problem == "found undefined tag handle":
        place = Position(*found.since, file)
        return Flaw("E106", place, "tags (`!...`) are not allowed", "write a plain value")
    rules = (_scalars, _brackets, _keys, _colons, _indentation)
    (line, column), what, next_step = next(
        (said for rule in rules if (said := rule(found)) is not None), _otherwise(found)
    )
    return Flaw("E103", Position(line, column, file), what, next_step)


def _stumble(lines: list[str], error: yaml.YAMLError) -> _Stumble:
    problem = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    mark, context_mark = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    at = _place(lines, mark or context_mark)
    return _Stumble(lines, problem, context, at, _place(lines, context_mark or mark))


def _place(lines: list[str], mark: yaml.Mark | None) -> Place:
    if mark is None:
        return 1, 1
    if mark.line >= len(lines):  # behind the last line end: it is the line before that ends badly
        return len(lines), len(lines[-1]) + 1
    if mark.line == len(lines) - 1 and not lines[-1] and mark.line:
        return mark.line, len(lines[-2]) + 1
    return mark.line + 1, mark.column + 1


def _scalars(found: _Stumble) -> Said | None:
    """Values that need quotes, or whose quotes are wrong."""
    sign = found.line(found.since[0])[found.since[1] - 1 : found.since[1]]
    if found.problem == "found unexpected end of stream":
        what = "the quotes that open here are never closed"
        return found.since, what, "close them; within single quotes, '' stands for one apostrophe"
    if found.context in ("while scanning an alias", "while scanning an anchor"):
        what = f"a value that begins with `{sign}` is {_MARKED.get(sign, 'a sign')} of YAML"
        return found.since, what, f"{_QUOTED_WHOLE}, if `{sign}` belongs to it"
    if found.problem == "found character that cannot start any token":
        sign = found.line(found.at[0])[found.at[1] - 1 : found.at[1]]
        sign = "a backtick" if sign == "`" else f"`{sign}`"
        return found.at, f"a value cannot begin with {sign}", _QUOTED_WHOLE
    if _behind_quotes(found):
        what = "the quotes are closed, and more text follows"
        step = (
            f"{_QUOTED_WHOLE}, where '' stands for one apostrophe; or move it to the next line, "
            "indented, and put `>-` in its place"
        )
        return found.at, what, step
    return None


def _behind_quotes(found: _Stumble) -> bool:
    line, column = found.at
    before = found.line(line)[: column - 1].rstrip()
    opened = re.search(r"(?:: |- |[\[{,] ?)(['\"])", before)
    return opened is not None and before.endswith(opened[1]) and "did not find" in found.problem


def _brackets(found: _Stumble) -> Said | None:
    if found.problem == "did not find expected node content" and found.is_end:
        what = "the recipe ends within a bracket"
        return found.at, what, "close every bracket: `[` with `]`, and `{` with `}`"
    bracket = found.line(found.since[0])[found.since[1] - 1 : found.since[1]]
    if not found.problem.startswith("did not find expected ','") or bracket not in ("[", "{"):
        return None
    closing = {"[": "]", "{": "}"}[bracket]
    if found.at[0] != found.since[0]:
        what = (
            f"the bracket `{bracket}` that opens here is not closed, or a comma is missing: "
            f"line {found.at[0]} does not belong in it"
        )
        return found.since, what, f"put `{closing}` after its last element, and commas between"
    if found.line(found.at[0])[: found.at[1] - 1].endswith("$"):
        return found.at, "braces within brackets are a block of their own", _QUOTED_WHOLE
    what = f"a `,` or `{closing}` is missing before this"
    return found.at, what, f"separate elements by `, `, and close the bracket with `{closing}`"


def _keys(found: _Stumble) -> Said | None:
    """Lines that should begin with a key, or an element, and do not."""
    if found.problem != "could not find expected ':'":
        return None
    line = found.line(found.since[0])
    if _NO_SPACE_AFTER_COLON.match(line):
        return _no_space(found, found.since[0])
    if _NO_SPACE_AFTER_DASH.match(line):
        return found.since, "no space stands after the dash", "write `- ` before each element"
    return _no_key(found, found.since)


def _colons(found: _Stumble) -> Said | None:
    if found.problem != "mapping values are not allowed in this context":
        return None
    line, column = found.at
    if column > _LONGEST_KEY:
        return (line, 1), f"a key has more than {_LONGEST_KEY:,} characters", "write a shorter one"
    for number in (line, line - 1):
        if _NO_SPACE_AFTER_COLON.match(found.line(number)) and not _has_key(found, number):
            return _no_space(found, number)
    if _KEY.match(found.line(line)[: column - 1]):
        what = "a second colon stands in this line"
        return found.at, what, f"{_QUOTED_WHOLE}, if the colon belongs to it"
    before = found.line(line - 1)
    if line > 1 and _indent(found.line(line)) <= _indent(before) and not _has_key(found, line - 1):
        return _no_key(found, (line - 1, _indent(before) + 1))
    what = "this line is indented more than the one above, which has a value already"
    step = "indent it as the one above, or take away the value there"
    return (line, _indent(found.line(line)) + 1), what, step


def _no_key(found: _Stumble, at: Place) -> Said:
    if found.line(at[0]).startswith(("<<<<<<< ", ">>>>>>> ", "=======")):
        what = "a merge conflict is left in the file"
        return at, what, "keep one of the two versions, and remove the lines that mark them"
    return at, "this line is no `key: value`", "put `: ` after the key, or remove the line"


def _no_space(found: _Stumble, line: int) -> Said:
    match = _NO_SPACE_AFTER_COLON.match(found.line(line))
    assert match is not None
    key = match[0].strip().removeprefix("- ").strip()
    place = (line, match.end() + 1)
    return place, "no space stands after the colon", f"write `{key} ` and then the value"


def _has_key(found: _Stumble, line: int) -> bool:
    return _KEY.match(found.line(line) + " ") is not None


def _indentation(found: _Stumble) -> Said | None:
    line, column = found.at
    block_line = found.since[0]
    if found.problem == "did not find expected '-' indicator":
        what = f"the list that begins on line {block_line} is broken off by this line"
        if _NO_SPACE_AFTER_DASH.match(found.line(line)):
            return found.at, "no space stands after the dash", "write `- ` before each element"
        step = "begin it with `- `, or indent it as the block that it belongs to"
        return found.at, what, step
    if found.problem != "did not find expected key" or "block mapping" not in found.context:
        return None
    if found.line(line)[: column - 1].strip():
        what = "the value has ended, and more text follows"
        return found.at, what, f"remove it, or {_QUOTED_WHOLE}"
    what = f"this line is indented by {column - 1}, as no block above it is"
    step = "give all keys of one block the same indentation"
    return found.at, what, step


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _otherwise(found: _Stumble) -> Said:
    if found.problem in _BY_PROBLEM:
        return found.at, *_BY_PROBLEM[found.problem]
    what = f"not valid YAML: {', '.join(part for part in (found.context, found.problem) if part)}"
    if found.since[0] != found.at[0]:
        what += f" (it began on line {found.since[0]})"
    return found.at, what, "check indentation, quotes, brackets and colons"
