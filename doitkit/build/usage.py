"""How much room a workspace takes, and how much of it nothing finished needs."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from doitkit.build.garbage import Rules, finished_datasets, garbage, steps_of, steps_under
from doitkit.core.files import size_of
from doitkit.core.workspace import Workspace


@dataclass(frozen=True)
class Usage:
    """The room that one kind of thing takes.

    Attributes
    ----------
    items
        How many there are.
    bytes
        What they take.
    unneeded
        What of that nothing finished needs: it can go.
    """

    kind: str
    items: int
    bytes: int
    unneeded: int = 0

    @property
    def amounts(self) -> tuple[int, int, int]:
        """How many there are, what they take, and what of that can go."""
        return self.items, self.bytes, self.unneeded

    def as_json(self) -> dict[str, Any]:
        """Return this as plain JSON."""
        return asdict(self)


def usage(workspace: Workspace) -> list[Usage]:
    """Return the room that each kind of thing takes, in the order in which they are made."""
    needed = steps_under(workspace, finished_datasets(workspace))
    steps: dict[str, list[Path]] = {}
    for folder in steps_of(workspace):
        steps.setdefault(folder.parent.name, []).append(folder)
    found = [_of("answers of generators", workspace.synth.glob("[!.]*"))]
    for kind, folders in sorted(steps.items()):
        unneeded = sum(size_of(folder) for folder in folders if folder not in needed)
        found.append(_of(f"steps: {kind}", folders, unneeded))
    found += [
        _of("datasets", workspace.datasets.glob("[!.]*")),
        _of("evaluation tasks", workspace.tasks.glob("[!.]*")),
        _of("runs", workspace.runs.glob("[!.]*")),
        _of("scores", workspace.scores.glob("[!.]*")),
        _of("advice", workspace.advice.glob("[!.]*")),
    ]
    rest = (workspace.probes, workspace.tables, workspace.log, workspace.report)
    found.append(_of("report, log and probes", (path for path in rest if path.exists())))
    left = [one for one in garbage(workspace, Rules()) if one.kind == "left over"]
    left_over = _of("left over by killed processes", (one.path for one in left))
    found.append(Usage(left_over.kind, left_over.items, left_over.bytes, left_over.bytes))
    return [one for one in found if one.items]


def _of(kind: str, paths: Iterable[Path], unneeded: int = 0) -> Usage:
    sizes = [size_of(path) for path in paths]
    return Usage(kind, len(sizes), sum(sizes), unneeded)
