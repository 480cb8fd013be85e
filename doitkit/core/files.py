"""Writing so that a kill at any moment leaves either the old file, the new one, or nothing."""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from doitkit.core.errors import DoitkitError

ASIDE = ".aside-"
"""How the names begin of what is not finished."""
_ADDRESS = re.compile(r"[0-9a-f]{32}")
_DEPTH = 2
"""How far below a folder that is named by its content its files lie at most."""
_REFUSED = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file may not grow so large here",
    errno.EROFS: "the folder can only be read",
}
# NumPy, and Polars, tell only in words that the disk is full.
_FULL_IN_WORDS = re.compile(r"No space left|requested and \d+ written")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` in one step, on disk before the name appears."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{ASIDE}{os.getpid()}-{path.name}")
    try:
        with aside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as readable JSON with sorted keys, in one step."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON object that doitkit wrote; none of them is empty.

    Raises
    ------
    DoitkitError
        If the file holds something else: doitkit writes in one step, so it was damaged since.
    """
    why = "it is no JSON object, or an empty one"
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        value, why = None, str(error)
    if not isinstance(value, dict) or not value:
        raise damaged(path, why)
    return value


def damaged(path: Path, why: str) -> DoitkitError:
    """Return the error about a file of a workspace that is not as doitkit wrote it."""
    return DoitkitError(
        "this workspace file is damaged",
        where=path,
        why=why,
        next_step=f"remove {made_with(path)}, and run the same command again: it is made anew",
    )


def made_with(path: Path) -> Path:
    """Return what must go for a file to be made anew: the folder that is named by its content.

    Such a folder is there as a whole or not at all.
    """
    near = list(path.parents)[:_DEPTH]
    return next((folder for folder in near if _ADDRESS.fullmatch(folder.name)), path)


@contextmanager
def folder_written_aside(final: Path, mark: str | None = None) -> Iterator[Path]:
    """Hand out an empty folder that becomes `final` when the block ends without an error.

    If another process finished the same content-addressed folder first, its copy stays and
    ours is dropped: they are equal by construction.

    Parameters
    ----------
    mark
        A file that is in every such folder. Where one lies without it, somebody has removed a
        part of it by hand, and it is made anew.

    Raises
    ------
    DoitkitError
        If the disk is full, or can only be read. Nothing is left behind then.
    """
    aside = final.with_name(f"{ASIDE}{os.getpid()}-{final.name}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        if mark is not None and final.is_dir() and not (final / mark).is_file():
            shutil.rmtree(final)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        yield aside
        if not final.exists():
            try:
                aside.rename(final)
            except OSError:
                if not final.exists():
                    raise
    except OSError as error:
        if error.errno in _REFUSED or _FULL_IN_WORDS.search(str(error)):
            raise _cannot_be_written(final.parent, error) from error
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _cannot_be_written(folder: Path, error: OSError) -> DoitkitError:
    step = "free some space, or name another folder, and run the same command again: what was "
    return DoitkitError(
        _REFUSED.get(error.errno or 0, _REFUSED[errno.ENOSPC]),
        where=folder,
        why=error.strerror or str(error),
        next_step="name another folder, or let this one be written"
        if error.errno == errno.EROFS
        else f"{step}finished is kept",
    )


def remove_folder(folder: Path) -> None:
    """Remove a finished folder: it is gone as a whole before any file of it is."""
    aside = folder.with_name(f"{ASIDE}{os.getpid()}-{folder.name}")
    folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    if path.is_dir():
        return sum(size_of(inner) for inner in path.iterdir() if not inner.is_symlink())
    return path.stat().st_size if path.exists() else 0


def sweep_aside(folder: Path) -> None:
    """Remove what killed processes left behind in `folder`."""
    for leftover in folder.glob(f"{ASIDE}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
