from dataclasses import dataclass

import numpy as np
from scipy import optimize

from doitkit.growth.observations import Floats
from doitkit.growth.solve import Indices, least_squares

X = np.linspace(0, 4, 25)


@dataclass(frozen=True)
class Decays:
    """Exponential decays to be met, one problem a row of `data`."""

    data: Floats

    def residuals(self, flat: Floats, which: Indices) -> Floats:
        curve: Floats = flat[:, :1] * np.exp(-flat[:, 1:2] * X) + flat[:, 2:3]
        return curve - self.data[which]

    def jacobian(self, flat: Floats, which: Indices) -> Floats:
        fall = np.exp(-flat[:, 1:2] * X)
        assert len(flat) == len(which)
        return np.stack([fall, -flat[:, :1] * X * fall, np.ones_like(fall)], axis=2)


def test_a_batch_of_problems_matches_scipy_one_by_one() -> None:
    draw = np.random.default_rng(0)
    truth = np.column_stack([draw.uniform(1, 3, 6), draw.uniform(0.3, 2, 6), draw.normal(0, 1, 6)])
    data = truth[:, :1] * np.exp(-truth[:, 1:2] * X) + truth[:, 2:] + draw.normal(0, 0.05, (6, 25))
    found, loss, converged = least_squares(
        Decays(data), np.ones((6, 3)), iterations=200, tolerance=1e-10
    )
    assert converged.all()
    for index in range(6):

        def alone(flat: Floats, index: int = index) -> Floats:
            return flat[0] * np.exp(-flat[1] * X) + flat[2] - data[index]

        best = optimize.least_squares(alone, np.ones(3))
        assert loss[index] <= best.cost * (1 + 1e-6)
        np.testing.assert_allclose(found[index], best.x, rtol=1e-3, atol=1e-3)
