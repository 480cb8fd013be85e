"""How it was computed: the facts that the closing section states."""

from dataclasses import dataclass

from doitkit.report.findings import Findings


@dataclass(frozen=True)
class Method:
    """What was used."""

    draws: int
    parameters: int
    lot: int
    min_gain: float
    supply: str
    models: tuple[str, ...]
    n_params: int
    devices: tuple[str, ...]
    methods: tuple[str, ...]
    versions: dict[str, str]
    templates: tuple[str, ...]
    """Hashes of the chat templates under which the runs were scored; one, if all is well."""
    seconds: dict[str, float]


def method(findings: Findings) -> Method:
    """Return the facts of this turn."""
    advise = findings.recipe.advise
    assert advise is not None, "there is no recommendation without an `advise` block"
    runs = findings.runs
    versions = {"doitkit": str(findings.manifest["doitkit"])}
    for run in runs:
        versions |= run.versions
    return Method(
        draws=len(findings.advice.fit.draws),
        parameters=findings.advice.fit.layout.size,
        lot=advise.lot,
        min_gain=advise.min_gain,
        supply=advise.supply,
        models=tuple(dict.fromkeys(run.base_model for run in runs)),
        n_params=max((run.n_params for run in runs), default=0),
        devices=tuple(dict.fromkeys(f"{run.device}, {run.dtype}" for run in runs)),
        methods=tuple(dict.fromkeys(run.method for run in runs if run.method != "none")),
        versions=versions,
        templates=tuple(dict.fromkeys(s.chat_template_hash for s in findings.scores)),
        seconds=findings.seconds,
    )
