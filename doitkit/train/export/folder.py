"""The folder of an export: what lies there, and whether it may be replaced."""

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.core.files import ASIDE

MANIFEST_FILE = "manifest.json"
_MARK = "exported_for"


def hashed(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the files of a folder but its manifest, each with its bytes and SHA-256."""
    return {
        file.name: {"bytes": file.stat().st_size, "sha256": _sha256(file)}
        for file in sorted(folder.iterdir())
        if file.name != MANIFEST_FILE
    }


def require_room(folder: Path) -> None:
    """Raise unless an export may be written to `folder`.

    Raises
    ------
    UsageError
        If files lie there that no export wrote, or that were changed since.
    """
    if not folder.exists():
        return
    why = "it is a file"
    if folder.is_dir():
        if not any(folder.iterdir()) or _is_untouched(folder):
            return
        why = "it holds files that no export has written, or that were changed since"
    raise UsageError(
        "there is something already",
        where=folder,
        why=why,
        next_step="name a new folder",
    )


def make_room(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Remove what an export left in `folder`, unless it is the very same one."""
    require_room(folder)
    if not folder.exists():
        return
    if not any(folder.iterdir()):
        folder.rmdir()
    elif json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8")) != manifest:
        old = folder.with_name(f"{ASIDE}{os.getpid()}-old-{folder.name}")
        folder.rename(old)
        shutil.rmtree(old)


def sweep(folder: Path) -> None:
    """Remove what killed exports into `folder` left beside it."""
    for left in folder.parent.glob(f"{ASIDE}*-{glob.escape(folder.name)}"):
        shutil.rmtree(left, ignore_errors=True)


def _is_untouched(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(manifest, dict) or _MARK not in manifest:
        return False
    only_files = all(file.is_file() for file in folder.iterdir())
    return only_files and manifest.get("files") == hashed(folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
