"""Folders that the `datasets` library has written with `save_to_disk`."""

import json
from pathlib import Path

from doitkit.core.errors import SourceError

_STATE, _SPLITS = "state.json", "dataset_dict.json"


def saved_files(folder: Path) -> list[Path] | None:
    """Return the Arrow files of a saved data set, in their order; None if `folder` is none.

    Raises
    ------
    SourceError
        If the folder holds several splits, or lacks files that it should hold.
    """
    if (folder / _SPLITS).is_file():
        splits = _json(folder / _SPLITS).get("splits")
        raise SourceError(
            "this folder holds a data set of several splits",
            where=folder,
            why=f"they are: {', '.join(map(str, splits))}" if isinstance(splits, list) else None,
            next_step=f"name the folder of one, such as {folder.name}/train",
        )
    if not (folder / _STATE).is_file():
        return None
    state = _json(folder / _STATE)
    if _names(state.get("_indices_data_files")):
        raise SourceError(
            "this folder holds a selection of the rows beside them",
            where=folder,
            why="an old release of `datasets` has written it",
            next_step="load it with `datasets`, and save it again after `flatten_indices()`",
        )
    # A name that leads out of the folder is not one that `save_to_disk` writes.
    files = [folder / Path(name).name for name in _names(state.get("_data_files"))]
    missing = [file.name for file in files if not file.is_file()]
    if missing or not files:
        raise SourceError(
            "this saved data set is not whole",
            where=folder,
            why=f"it lacks {', '.join(missing)}" if missing else f"{_STATE} lists no file",
            next_step="save it again",
        )
    return files


def _names(listed: object) -> list[str]:
    entries = listed if isinstance(listed, list) else []
    names = [entry.get("filename") for entry in entries if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str)]


def _json(file: Path) -> dict[str, object]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}
