"""Floor 5: growth laws over effective data, pooled, with uncertainty. numpy and scipy only."""

from doitkit.growth.diagnosis import Diagnosis, Interval, diagnose
from doitkit.growth.fit import GrowthFit, fit_growth
from doitkit.growth.identify import Identified, Unknown, examine
from doitkit.growth.observations import Observations

__all__ = [
    "Diagnosis",
    "GrowthFit",
    "Identified",
    "Interval",
    "Observations",
    "Unknown",
    "diagnose",
    "examine",
    "fit_growth",
]
