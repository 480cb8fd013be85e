"""What the user says about files, over what would be guessed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from doitkit.core.errors import UsageError
from doitkit.core.origins import ORIGINS, Origin
from doitkit.recipe.block import is_name

_SHOWN = 5

Value = TypeVar("Value")


@dataclass(frozen=True)
class Wishes:
    """Globs over the names of files (below the data folder, or the bare name), with their values.

    Of several globs that match a file, the last one counts.
    """

    abilities: tuple[tuple[str, str], ...] = ()
    origins: tuple[tuple[str, Origin], ...] = ()
    evaluate: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    @classmethod
    def from_flags(
        cls,
        abilities: Sequence[str] = (),
        origins: Sequence[str] = (),
        evaluate: Sequence[str] = (),
        skip: Sequence[str] = (),
    ) -> "Wishes":
        """Read the flags of the command line: `GLOB=NAME`, `GLOB=ORIGIN`, `GLOB`.

        Raises
        ------
        UsageError
            If one of them is not of that form.
        """
        return cls(
            tuple(_pair("--ability", flag, require_name) for flag in abilities),
            tuple(_pair("--origin", flag, _origin) for flag in origins),
            tuple(evaluate),
            tuple(skip),
        )

    def ability_of(self, file: str) -> str | None:
        """Return the ability that the user names for a file."""
        return _last(self.abilities, file)

    def origin_of(self, file: str) -> Origin | None:
        """Return the origin that the user names for a file."""
        return _last(self.origins, file)

    def evaluates(self, file: str) -> bool:
        """Say whether the user calls a file an evaluation set."""
        return any(_matches(glob, file) for glob in self.evaluate)

    def skips(self, file: str) -> bool:
        """Say whether the user leaves a file out."""
        return any(_matches(glob, file) for glob in self.skip)

    def require_matches(self, files: Sequence[str]) -> None:
        """Raise a `UsageError` if a glob matches none of `files`: it was mistyped."""
        pairs: list[tuple[str, Any]] = [*self.abilities, *self.origins]
        for glob in [*(glob for glob, _ in pairs), *self.evaluate, *self.skip]:
            if not any(_matches(glob, file) for file in files):
                shown = ", ".join(files[:_SHOWN]) + (", ..." if len(files) > _SHOWN else "")
                raise UsageError(
                    f"`{glob}` matches no file",
                    why=f"the files are: {shown}",
                    next_step="correct the glob; quote it, so that the shell does not expand it",
                )


def require_name(text: str) -> str:
    """Return `text` if it can be a name in a recipe.

    Raises
    ------
    ValueError
        If it cannot; the text says what a name is.
    """
    if not is_name(text):
        raise ValueError("a name has letters, digits, `_`, `.` and `-`, and starts with a letter")
    return text


def _origin(text: str) -> Origin:
    for origin in ORIGINS:
        if text == origin:
            return origin
    raise ValueError(f"an origin is one of: {', '.join(ORIGINS)}")


def _pair(flag: str, text: str, read: Callable[[str], Value]) -> tuple[str, Value]:
    # A file's name may hold the sign; what stands behind it may not.
    glob, _, value = text.rpartition("=")
    try:
        if not glob:
            raise ValueError("a glob, `=` and a value are needed")
        return glob, read(value)
    except ValueError as error:
        raise UsageError(
            f"`{flag} {text}` cannot be understood",
            why=str(error),
            next_step=f"write {flag} 'math/*.jsonl={'math' if flag == '--ability' else 'human'}'",
        ) from error


def _last(pairs: Sequence[tuple[str, Value]], file: str) -> Value | None:
    found = [value for glob, value in pairs if _matches(glob, file)]
    return found[-1] if found else None


def _matches(glob: str, file: str) -> bool:
    # A file whose own name holds a bracket is taken as it stands.
    bare = file.rsplit("/", 1)[-1]
    return glob in (file, bare) or fnmatchcase(file, glob) or fnmatchcase(bare, glob)
