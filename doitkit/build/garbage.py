"""What of a workspace can go: steps on which no dataset stands, and what killed processes left."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from doitkit.build.layout import MANIFEST_FILE
from doitkit.core.errors import DoitkitError
from doitkit.core.files import ASIDE, read_json, remove_folder, size_of, sweep_aside
from doitkit.core.store import STEP_FILE
from doitkit.core.workspace import Workspace

_SECONDS_OF_A_DAY = 86_400.0


@dataclass(frozen=True)
class Garbage:
    """A folder, or a file, that can go."""

    path: Path
    kind: Literal["step", "dataset", "left over"]
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return this as plain JSON."""
        return {"path": str(self.path), "kind": self.kind, "bytes": self.bytes}


@dataclass(frozen=True)
class Rules:
    """What is kept.

    Attributes
    ----------
    datasets
        The folders of the datasets that are needed, with the steps on which they stand; of all
        that there are, if None.
    steps
        Whether any step is kept at all: all of them can be made again.
    others
        Whether datasets that are not needed are kept.
    days
        What is younger is kept.
    """

    datasets: Sequence[Path] | None = None
    steps: bool = True
    others: bool = True
    days: float = 0.0


def garbage(workspace: Workspace, rules: Rules) -> list[Garbage]:
    """Return what can go. Runs, scores, advice, answers and the ledger are never among it."""
    finished = finished_datasets(workspace)
    needed = finished if rules.datasets is None else list(rules.datasets)
    unneeded = [] if rules.others else [folder for folder in finished if folder not in needed]
    kept = steps_under(workspace, needed) if rules.steps else set()
    steps = [folder for folder in steps_of(workspace) if folder not in kept]
    old = time.time() - rules.days * _SECONDS_OF_A_DAY
    return [
        *(Garbage(path, "left over", size_of(path)) for path in _left_over(workspace)),
        *(Garbage(step, "step", size_of(step)) for step in steps if _made(step) <= old),
        *(Garbage(held, "dataset", size_of(held)) for held in unneeded if _made(held) <= old),
    ]


def remove(found: Sequence[Garbage]) -> None:
    """Remove what can go. A process that is killed meanwhile leaves nothing half."""
    for one in found:
        if one.kind == "left over":
            sweep_aside(one.path.parent)
        elif one.path.is_dir():
            remove_folder(one.path)


def finished_datasets(workspace: Workspace) -> list[Path]:
    """Return the folders of the datasets of a workspace."""
    return sorted(file.parent for file in workspace.datasets.glob(f"[!.]*/{MANIFEST_FILE}"))


def steps_of(workspace: Workspace) -> list[Path]:
    """Return the folders of all steps of a workspace."""
    return sorted(folder for folder in workspace.steps.glob("*/[!.]*") if folder.is_dir())


def steps_under(workspace: Workspace, datasets: Collection[Path]) -> set[Path]:
    """Return the steps on which datasets stand, with the counts of their tokens.

    A dataset whose manifest is damaged stands on none: it has to be built again.
    """
    used: set[Path] = set()
    for dataset in datasets:
        for kind, addresses in _read(dataset / MANIFEST_FILE).get("steps", {}).items():
            used |= {workspace.steps / kind / address for address in addresses}
    reads = {folder.name for folder in used}
    counted = (workspace.steps / "tokens").glob("[!.]*")
    return used | {folder for folder in counted if _read_step(folder) in reads}


def _read_step(folder: Path) -> str:
    """Return the address of the read step that a step goes by."""
    key = _read(folder / STEP_FILE).get("key", {})
    return str(key.get("rows", "")) if isinstance(key, dict) else ""


def _read(file: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = read_json(file)
    except (DoitkitError, OSError):
        return {}
    return value


def _left_over(workspace: Workspace) -> Iterator[Path]:
    for folder in (workspace.root, *sorted(workspace.root.glob("*")), *workspace.steps.glob("*")):
        if folder.is_dir() and not folder.name.startswith(ASIDE):
            yield from sorted(folder.glob(f"{ASIDE}*"))


def _made(folder: Path) -> float:
    return folder.stat().st_mtime
