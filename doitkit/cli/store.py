"""The commands about the room of a workspace and its soundness: du, verify, gc."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import (
    DataOption,
    JsonOption,
    QuietOption,
    WorkspaceOption,
    existing,
    load,
)
from doitkit.core.errors import UsageError
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace

if TYPE_CHECKING:
    from doitkit.build.garbage import Garbage


def du(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json: JsonOption = False) -> None:
    """Show how much room a workspace takes, by kind, and how much of it nothing finished needs."""
    from doitkit.build.usage import usage
    from doitkit.cli import show

    found = usage(existing(workspace))
    if json:
        show.as_json([one.as_json() for one in found])
        return
    items, held, free = (sum(n) for n in zip(*(u.amounts for u in found), strict=True))
    rows = [(u.kind, *u.amounts) for u in found] + [("all", items, held, free)]
    show.table(
        str(workspace),
        ["", "#items", "#size", "#not needed"],
        [(kind, f"{n:,}", show.size(all_), show.size(of)) for kind, n, all_, of in rows],
    )
    if free:
        show.text("`doitkit gc` removes what is not needed")


def verify(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read every file of the built datasets and steps, and name those that are damaged."""
    from doitkit.build.verification import verify as verified
    from doitkit.cli import show
    from doitkit.cli.screen import screen

    found = verified(existing(workspace), screen(quiet=quiet or json))
    if json:
        show.as_json({"sound": not found, "damages": [damage.as_json() for damage in found]})
    elif found:
        show.table(
            f"{len(found)} damaged files", ["file", "why"], [(str(d.file), d.why) for d in found]
        )
        for folder in dict.fromkeys(damage.remove for damage in found):
            show.text(f"remove {folder}")
        show.text("then run the command again that made them: they are made anew")
    else:
        show.text("every file is as it was written")
    if found:
        raise typer.Exit(1)


def gc(
    recipes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RECIPE]...",
            help="Keep the steps of the datasets of these recipes; of all datasets if not given.",
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    all_steps: Annotated[
        bool, typer.Option("--all-steps", help="Keep no step: all of them can be made again.")
    ] = False,
    datasets: Annotated[
        bool,
        typer.Option("--datasets", help="Also remove the datasets that are not of the recipes."),
    ] = False,
    keep_days: Annotated[
        float, typer.Option("--keep-days", min=0, help="Keep what is younger.")
    ] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Remove what killed processes left, and build steps on which no dataset stands.

    Runs, scores, advice and answers that were paid for are never removed.
    """
    from contextlib import nullcontext

    from doitkit.build.garbage import Rules, garbage, remove
    from doitkit.cli import show

    place = existing(workspace)
    kept = None if not recipes else [_folder(name, data, place) for name in recipes]
    if datasets and kept is None:
        raise UsageError(
            "no dataset is said to be kept",
            where=workspace,
            next_step="name the recipes whose datasets are still needed: "
            "doitkit gc --datasets RECIPE",
        )
    rules = Rules(kept, steps=not all_steps, others=not datasets, days=keep_days)
    # What is left over is swept when the lock is taken.
    found = [one for one in garbage(place, rules) if one.kind == "left over"]
    with nullcontext() if dry_run else place.locked("gc"):
        found += [one for one in garbage(place, rules) if one not in found]
        if not dry_run:
            remove(found)
    if json:
        show.as_json({"removed": not dry_run, "garbage": [one.as_json() for one in found]})
        return
    if found:
        rows = [(what, f"{n:,}", show.size(held)) for what, (n, held) in _by_kind(found).items()]
        show.table("would be removed" if dry_run else "removed", ["", "#items", "#size"], rows)
    freed = show.size(sum(one.bytes for one in found))
    show.text(f"{len(found)} items, {freed} {'would be ' if dry_run else ''}freed")


def _by_kind(found: "Sequence[Garbage]") -> dict[str, tuple[int, int]]:
    """Return how many of each kind there are, and their bytes."""
    counts: dict[str, tuple[int, int]] = {}
    for one in found:
        what = f"steps: {one.path.parent.name}" if one.kind == "step" else one.kind
        n, held = counts.get(what, (0, 0))
        counts[what] = (n + 1, held + one.bytes)
    return counts


def _folder(recipe: str, data: Path | None, place: Workspace) -> Path:
    from doitkit import api

    return api.open_dataset(load(recipe, data, None), place.root).folder
