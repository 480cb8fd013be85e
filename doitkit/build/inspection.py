"""What a person wants to know of a dataset, in one value."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from doitkit.build.dataset import Dataset
from doitkit.build.flow import Passage, read_flow
from doitkit.build.layout import REJECTS_FILE
from doitkit.build.look import QUANTILES, Count, Lengths, Sample, Wanted, look_at
from doitkit.build.losses import Loss, Unread, read_losses, read_unread
from doitkit.build.reasons import Reason, read_reasons
from doitkit.core.errors import UsageError
from doitkit.survey.tokens import TokenCounter


@dataclass(frozen=True)
class Inspection:
    """A dataset, looked at.

    Attributes
    ----------
    items
        Evaluation items of each ability.
    reasons
        Why rows were left out, the commonest reasons first.
    losses
        Who lost rows to whom in dedup.
    unread
        Rows that `semantic` left alone, since the embedding model cannot read them.
    alarms
        What somebody should look at before the rows are used.
    """

    folder: str
    recipe: str
    seed: int
    counts: Sequence[Count]
    items: dict[str, int]
    lengths: Sequence[Lengths]
    flow: Sequence[Passage]
    reasons: Sequence[Reason]
    losses: Sequence[Loss]
    unread: Sequence[Unread]
    alarms: Sequence[str]
    samples: Sequence[Sample]

    @property
    def rows(self) -> int:
        """Training rows that were looked at."""
        return sum(count.rows for count in self.counts)

    def as_json(self) -> dict[str, Any]:
        """Return the inspection as plain JSON."""
        value = asdict(self)
        value["flow"] = [passage.as_json() for passage in self.flow]
        for lengths in value["lengths"]:
            at = zip(QUANTILES, lengths["quantiles"], strict=True)
            lengths["quantiles"] = {f"{share:g}": length for share, length in at}
        return value


def inspect_dataset(
    dataset: Dataset,
    *,
    rows: int = 2,
    ability: str | None = None,
    source: str | None = None,
    counter: TokenCounter | None = None,
) -> Inspection:
    """Return what there is to know of a dataset.

    Parameters
    ----------
    rows
        How many rows of each cell are in `samples`.
    ability, source
        Look at the rows of these only.
    counter
        Counts the tokens of some rows; they are not counted if not given.

    Raises
    ------
    UsageError
        If there is no such ability or source in the dataset.
    """
    manifest = dataset.manifest
    names = _sources(dataset, ability, source)
    look = look_at(dataset.folder, Wanted(ability, source), rows, counter)
    items = {name: n for name, n in manifest["evaluation_items"].items() if ability in (None, name)}
    of_items = set() if source else {f"{name}.evaluate" for name in items}
    return Inspection(
        str(dataset.folder),
        manifest["recipe"],
        manifest["seed"],
        look.counts,
        items,
        look.lengths,
        [passage for passage in read_flow(manifest) if passage.source in names],
        [r for r in read_reasons(dataset.folder / REJECTS_FILE) if r.source in names | of_items],
        [loss for loss in read_losses(manifest) if names & {loss.source, loss.to}],
        [unread for unread in read_unread(manifest) if unread.source in names],
        [alarm for alarm in manifest["alarms"] if any(f"`{name}`" in alarm for name in names)],
        look.samples,
    )


def _sources(dataset: Dataset, ability: str | None, source: str | None) -> set[str]:
    """Return the names of the sources that are looked at."""
    abilities = dataset.recipe.abilities
    names = set(dataset.recipe.sources)
    for what, wanted, known in (("ability", ability, abilities), ("source", source, names)):
        if wanted is not None and wanted not in known:
            raise UsageError(
                f"the dataset has no {what} `{wanted}`",
                where=dataset.folder,
                next_step=f"one of: {', '.join(sorted(known))}",
            )
    if ability is not None:
        names &= set(abilities[ability].sources)
    return names if source is None else names & {source}
