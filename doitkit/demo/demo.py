"""`doitkit demo`: the whole flow, for real, on generated tasks and a tiny model."""

import shutil
from pathlib import Path

from doitkit.core.errors import UsageError
from doitkit.core.files import folder_written_aside, write_text
from doitkit.core.progress import SILENT, Progress
from doitkit.core.resources import shipped_folder
from doitkit.core.workspace import Workspace
from doitkit.demo.tasks import write_data
from doitkit.loop import LoopState, loop, open_turn
from doitkit.recipe.edit import replace_block

_PARTS = {"eval": 200, "weak": 400, "train": 1000}
BASE_MODEL = Path(__file__).resolve().parent / "base"
"""The base model that ships with doitkit; `doitkit.demo.pretrain` says how it was made."""


def run_demo(folder: Path, *, fast: bool = False, progress: Progress = SILENT) -> LoopState:
    """Make the demo's data and models in `folder`, and run its recipe to the end.

    Everything that is finished is reused, so a second call answers in seconds, and a call after
    a kill goes on where it was.

    Parameters
    ----------
    fast
        Two sizes, few runs: to see that everything works, not to see growth.

    Returns
    -------
    LoopState
        The advice, its check, and the files.
    """
    write_recipes(folder, fast=fast)
    write_data(folder / "data", _PARTS)
    copy_base_model(folder)
    _make_weak_model(folder, progress)
    return loop(folder / "demo.yaml", Workspace(folder / "workspace"), progress=progress)


def copy_base_model(folder: Path) -> None:
    """Copy the tiny base model to `models/base` in `folder`, unless something stands there."""
    target = folder / "models" / "base"
    if target.exists():
        return
    with folder_written_aside(target) as aside:
        shutil.copytree(BASE_MODEL, aside, dirs_exist_ok=True)


def write_recipes(folder: Path, *, fast: bool) -> None:
    """Copy the demo's recipes into `folder`. Recipes that are there stay: they may be edited.

    Raises
    ------
    UsageError
        If the recipe there is that of the other demo: it would be run in silence.
    """
    full = (shipped_folder("recipes") / "demo.yaml").read_text(encoding="utf-8")
    wanted, other = (_fast(full), full) if fast else (full, _fast(full))
    recipe = folder / "demo.yaml"
    if not recipe.exists():
        write_text(recipe, wanted)
    elif recipe.read_bytes() == other.encode():
        raise UsageError(
            f"this folder holds the {'full' if fast else 'fast'} demo",
            where=recipe,
            next_step="name another folder with --folder, or "
            + ("leave out --fast" if fast else "give --fast"),
        )
    if not (folder / "demo-weak.yaml").exists():
        shutil.copyfile(shipped_folder("recipes") / "demo-weak.yaml", folder / "demo-weak.yaml")


def _fast(text: str) -> str:
    ladder = {
        "sizes": [8, 48],
        "designs": [
            {"design": "balanced", "origins": {"programmatic": 1}},
            {"design": "balanced", "origins": {"synthetic": 1}},
            {"design": "unbalanced", "runs": 3, "max_rows": 200},
        ],
    }
    advise = {
        "budget": 150,
        "unit": "credits",
        "reference": "programmatic",
        "supply": "available",
        "check_seeds": [11, 12],
    }
    return replace_block(replace_block(text, "ladder", ladder), "advise", advise)


def _make_weak_model(folder: Path, progress: Progress) -> None:
    target = folder / "models" / "weak"
    if target.is_dir():
        return
    progress.note("fine-tuning the weak model that will write the synthetic answers")
    workspace = Workspace(folder / "workspace-weak")
    with (
        workspace.locked("demo"),
        open_turn(folder / "demo-weak.yaml", workspace, progress=progress) as turn,
    ):
        run = turn.runs[-1]
    with folder_written_aside(target) as aside:
        shutil.copytree(workspace.runs / run.run_id / "model", aside, dirs_exist_ok=True)
