import numpy as np
from scipy import optimize

from doitkit.growth.observations import Floats
from doitkit.growth.solve import jacobian, least_squares

X = np.linspace(0, 4, 25)


def residuals_for(data: Floats):
    def residuals(flat: Floats) -> Floats:
        extra = (1,) * (flat.ndim - 2)
        target = data.reshape(len(data), *extra, len(X))
        curve = flat[..., :1] * np.exp(-flat[..., 1:2] * X) + flat[..., 2:3]
        return curve - target

    return residuals


def test_a_batch_of_problems_matches_scipy_one_by_one() -> None:
    draw = np.random.default_rng(0)
    truth = np.column_stack([draw.uniform(1, 3, 6), draw.uniform(0.3, 2, 6), draw.normal(0, 1, 6)])
    data = truth[:, :1] * np.exp(-truth[:, 1:2] * X) + truth[:, 2:] + draw.normal(0, 0.05, (6, 25))
    found, loss, converged = least_squares(
        residuals_for(data), np.ones((6, 3)), iterations=200, tolerance=1e-10
    )
    assert converged.all()
    for index in range(6):

        def alone(flat: Floats, index: int = index) -> Floats:
            return flat[0] * np.exp(-flat[1] * X) + flat[2] - data[index]

        best = optimize.least_squares(alone, np.ones(3))
        assert loss[index] <= best.cost * (1 + 1e-6)
        np.testing.assert_allclose(found[index], best.x, rtol=1e-3, atol=1e-3)


def test_the_jacobian_is_that_of_the_residuals() -> None:
    residuals = residuals_for(np.zeros((2, 25)))
    at = np.array([[1.0, 0.5, 0.1], [2.0, 1.0, -0.3]])
    slopes = jacobian(residuals, at, residuals(at))
    assert slopes.shape == (2, 25, 3)
    exact = np.stack(
        [
            np.column_stack([np.exp(-b * X), -a * X * np.exp(-b * X), np.ones_like(X)])
            for a, b, _ in at
        ]
    )
    np.testing.assert_allclose(slopes, exact, atol=1e-4)
