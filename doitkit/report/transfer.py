"""Transfer: what the data of one ability does for the score of another."""

from dataclasses import dataclass

import numpy as np

from doitkit.growth import Interval
from doitkit.report.findings import Findings


@dataclass(frozen=True)
class TransferTable:
    """Changes of score, to -> from, by the largest reference data of the giving ability alone.

    The law's own parameter (rows per square root of a row) says little to a reader; the score
    it amounts to does.
    """

    abilities: tuple[str, ...]
    rows_given: dict[str, int]
    changes: dict[str, dict[str, Interval]]


def transfer_table(findings: Findings) -> TransferTable | None:
    """Return the table, or None where the runs cannot tell transfer."""
    advice = findings.advice
    if advice.transfer is None:
        return None
    fit = advice.fit
    abilities = fit.seen.abilities
    given = {found.diagnosis.ability: found.diagnosis.largest for found in advice.abilities}
    counts = np.zeros((len(abilities) + 1, len(abilities), len(fit.seen.origins)))
    for d, source in enumerate(abilities):
        counts[d + 1, d, 0] = given[source]
    scores = fit.forecast(counts)
    rises = scores[:, 1:, :] - scores[:, :1, :]
    return TransferTable(
        abilities=abilities,
        rows_given=given,
        changes={
            to: {
                source: Interval.of(rises[:, d, a]) for d, source in enumerate(abilities) if d != a
            }
            for a, to in enumerate(abilities)
        },
    )
