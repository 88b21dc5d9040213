"""A curve seen from its tangent: what a chord hides, magnified."""

import numpy as np
from numpy.typing import NDArray

from deepdials.core.numerical_gradients import Elementwise, Real


def above_tangent(
    J: Elementwise, theta: Real, epsilon: Real, slope: float, t: Real
) -> NDArray[np.float64]:
    """Height of J over its tangent, a step of t epsilon away, in units of epsilon.

        h(t) = (J(theta + t epsilon) - J(theta)) / epsilon - slope t

    h(1) is the error of the one-sided difference and (h(1) - h(-1)) / 2 that of the
    two-sided one. J is evaluated in theta's precision, so that its rounding shows.

    Parameters
    ----------
    J : callable
        The function, elementwise.
    theta, epsilon : ndarray, shape ()
        Where, and the step.
    slope : float
        J'(theta).
    t : ndarray, shape (n,)
        Steps, in units of epsilon.

    Returns
    -------
    ndarray, shape (n,)
        h(t).
    """
    rise = J(theta + t.astype(theta.dtype) * epsilon) - J(theta)
    height: NDArray[np.float64] = rise.astype(np.float64) / np.float64(epsilon) - slope * t
    return height
