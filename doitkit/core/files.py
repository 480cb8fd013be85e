"""Writing so that a kill at any moment leaves either the old file, the new one, or nothing."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ASIDE = ".aside-"


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
    """Read a JSON file that doitkit wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


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
