"""Whether everything built in a workspace is still as it was written."""

from collections.abc import Iterator

from doitkit.build.garbage import finished_datasets, steps_of
from doitkit.build.seal import broken_seals
from doitkit.core.damage import Damage
from doitkit.core.progress import SILENT, Progress
from doitkit.core.store import step_damages
from doitkit.core.workspace import Workspace


def verify(workspace: Workspace, progress: Progress = SILENT) -> list[Damage]:
    """Read every file of every finished dataset and step; return those that are damaged."""
    return list(_verified(workspace, progress))


def _verified(workspace: Workspace, progress: Progress) -> Iterator[Damage]:
    datasets, steps = finished_datasets(workspace), steps_of(workspace)
    with progress.task("verifying", len(datasets) + len(steps)) as task:
        for folder in datasets:
            yield from broken_seals(folder)
            task.advance(note=folder.name)
        for folder in steps:
            yield from step_damages(folder)
            task.advance(note=f"{folder.parent.name}/{folder.name}")
