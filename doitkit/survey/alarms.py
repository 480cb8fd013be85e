"""What somebody should look at before the rows are used: sources that dedup nearly wiped out."""

from doitkit.survey.survey import Survey

_MOST_LOST = 0.5


def alarms(found: Survey) -> list[str]:
    """Return a sentence for every source that lost, or would have lost, most of its rows.

    Templates make rows alike that are no copies, and one source may hold another under a second
    name: neither is seen in a count of survivors.
    """
    steps, notes = found.steps, found.training.verdicts[1].notes
    said = []
    for name, before in steps["filter"].items():
        lost = before - steps["dedup"].get(name, 0)
        if lost <= _MOST_LOST * before:
            continue
        to = max(
            (loss for kind in ("equal", "alike", "semantic") for loss in notes.get(kind, [])
             if loss["source"] == name),
            key=lambda loss: int(loss["rows"]),
            default=None,
        )  # fmt: skip
        most = "" if to is None else f", most of them to `{to['to']}`"
        said.append(f"`{name}` lost {lost:,} of {before:,} rows as duplicates{most}")
    for name, (lost, held) in notes.get("spared", {}).items():
        said.append(
            f"`{name}` keeps its {held:,} rows although {lost:,} of them are near-duplicates of "
            "others of its own: see `curate.near.most_lost`"
        )
    return said
