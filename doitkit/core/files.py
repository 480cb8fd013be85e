"""Writing so that a kill at any moment leaves either the old file, the new one, or nothing."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from doitkit.core.errors import DoitkitError

_ASIDE = ".aside-"
_ADDRESS = re.compile(r"[0-9a-f]{16,}")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` in one step, on disk before the name appears."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{_ASIDE}{os.getpid()}-{path.name}")
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
        # What is named by its content is there as a whole or not at all.
        whole = path.parent if _ADDRESS.fullmatch(path.parent.name) else path
        raise DoitkitError(
            "this workspace file is damaged",
            where=path,
            why=why,
            next_step=f"remove {whole}, and run the same command again: it is made anew",
        )
    return value


@contextmanager
def folder_written_aside(final: Path) -> Iterator[Path]:
    """Hand out an empty folder that becomes `final` when the block ends without an error.

    If another process finished the same content-addressed folder first, its copy stays and
    ours is dropped: they are equal by construction.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = final.with_name(f"{_ASIDE}{os.getpid()}-{final.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        yield aside
        if not final.exists():
            try:
                aside.rename(final)
            except OSError:
                if not final.exists():
                    raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sweep_aside(folder: Path) -> None:
    """Remove what killed processes left behind in `folder`."""
    for leftover in folder.glob(f"{_ASIDE}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
