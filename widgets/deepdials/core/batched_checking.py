"""The two-sided loop in one call, for a cost that takes many theta at once.

`check_gradients` calls a cost 2 n times and refuses one that is not the same twice. Here the
2 n theta are handed over together, in arrays with one more dimension in front, and the cost
is believed: so that a lesson can show what comes of a wrong one, quickly.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking".
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TypeAlias

import numpy as np

from deepdials.core.functions import Array
from deepdials.core.gradient_checking import expected_noise, paired
from deepdials.core.gradient_report import GradientReport
from deepdials.core.parameters import to_parameters, to_vector

BatchedCost: TypeAlias = Callable[[dict[str, Array]], Array]


def check_batched(
    cost: BatchedCost,
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array],
    epsilon: float,
) -> GradientReport:
    """Compare gradients with two-sided differences of a cost.

        gradapprox[i] = (J(..., theta_i + epsilon, ...) - J(..., theta_i - epsilon, ...))
                        / (2 epsilon)

    Parameters
    ----------
    cost : callable
        From parameters of shape (2 n, ...) to the costs, shape (2 n,): theta with each of its
        n components raised, then with each lowered.
    parameters : mapping of str to ndarray
        W1, b1, W2, ..., n components in all, in float64.
    gradients : mapping of str to ndarray
        dW1, db1, dW2, ..., of the same shapes.
    epsilon : float
        The step, positive.

    Returns
    -------
    GradientReport
        Its noise is u (|J| + |theta| max(|grad|, |gradapprox|)) / epsilon, and its J the
        mean of all the costs.

    Raises
    ------
    ValueError
        If epsilon is not positive and finite, the costs have another shape, or the gradients
        do not fit the parameters.
    """
    if not (epsilon > 0 and isfinite(epsilon)):
        raise ValueError(f"epsilon must be positive and finite, not {epsilon!r}")
    theta = to_vector(parameters)
    nudges = epsilon * np.eye(theta.size)
    costs = cost(to_parameters(np.concatenate([theta + nudges, theta - nudges]), parameters))
    if np.shape(costs) != (2 * theta.size,):
        raise ValueError(f"cost must have shape ({2 * theta.size},), but has {np.shape(costs)}")
    up, down = np.split(costs, 2)
    gradapprox = to_parameters((up - down) / (2 * epsilon), parameters)
    grad, J = paired(gradients, parameters), float(np.mean(costs))
    rounding = float(np.finfo(np.float64).eps) * abs(J)
    noise = {
        name: expected_noise(parameters[name], grad[name], slope, rounding, epsilon)
        for name, slope in gradapprox.items()
    }
    copies = {name: parameters[name].copy() for name in gradapprox}
    grad = {name: grad[name] for name in gradapprox}
    return GradientReport(
        "two-sided", epsilon, J, copies, grad, gradapprox, noise, evaluations=costs.size
    )
