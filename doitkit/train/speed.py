"""What training took here: the speeds of the runs that lie in a workspace."""

from collections import Counter

from doitkit.core.arrow import read_arrow
from doitkit.core.workspace import Workspace
from doitkit.plan import Speed, measured_speed
from doitkit.recipe.training import Training
from doitkit.train.run import Run, read_runs


def timed_speeds(workspace: Workspace, training: Training) -> dict[str, Speed]:
    """Return base model -> speed, from the runs that were trained by the same method.

    Where runs of a model were made on several devices, those of the commonest one count.
    """
    runs = [r for r in read_runs(workspace.runs) if r.rows and r.method == training.method]
    speeds = {}
    for model in dict.fromkeys(run.base_model for run in runs):
        own = [run for run in runs if run.base_model == model]
        device = Counter(run.device for run in own).most_common(1)[0][0]
        timed = [(_tokens(workspace, run), run.wall_s) for run in own if run.device == device]
        speed = measured_speed(device, timed)
        if speed is not None:
            speeds[model] = speed
    return speeds


def _tokens(workspace: Workspace, run: Run) -> float:
    """Return the tokens of a run over all its epochs."""
    composition = read_arrow(workspace.runs / run.run_id / "composition.arrow")
    return float(run.tokens * max(composition["epochs"].drop_nulls().to_list(), default=0.0))
