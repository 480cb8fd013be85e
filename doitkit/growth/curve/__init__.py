"""One growth curve at a time: how it goes on, from its own points and from past curves."""

from doitkit.growth.curve.decay import Bend, Power, Prior, fit_decay
from doitkit.growth.curve.forecast import CurveForecast, forecast_curve, forecast_curves
from doitkit.growth.curve.points import Curve
from doitkit.growth.curve.shipped import CurvePriors, shipped

__all__ = [
    "Bend",
    "Curve",
    "CurveForecast",
    "CurvePriors",
    "Power",
    "Prior",
    "fit_decay",
    "forecast_curve",
    "forecast_curves",
    "shipped",
]
