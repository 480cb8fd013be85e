"""Floor 5: growth laws over effective data, pooled, with uncertainty. numpy and scipy only."""

from doitkit.growth.design import Design
from doitkit.growth.diagnosis import Diagnosis, Interval, diagnose
from doitkit.growth.fit import GrowthFit, fit_growth
from doitkit.growth.identify import Identified, Unknown, examine
from doitkit.growth.observations import Observations
from doitkit.growth.outliers import Outlier, outliers
from doitkit.growth.transfer import Transfer, transfers

__all__ = [
    "Design",
    "Diagnosis",
    "GrowthFit",
    "Identified",
    "Interval",
    "Observations",
    "Outlier",
    "Transfer",
    "Unknown",
    "diagnose",
    "examine",
    "fit_growth",
    "outliers",
    "transfers",
]
