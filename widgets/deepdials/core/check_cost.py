"""What a gradient check costs, counted in forward passes through the network.

A forward pass multiplies by W[l] once a layer. Backprop multiplies twice, for dW[l] and for
dA[l-1]: about 2 forward passes, whatever the number of parameters n. A check needs

    two-sided    2 n               J at theta_i + epsilon and theta_i - epsilon, for each i
    exact        1 + the units     `check_network`, at most: a pass from each unit on

In a network of two hidden layers of h units, as many inputs and one output,

    n = 2 (h**2 + h) + h + 1 = (2 h + 1)(h + 1),    units = 2 h + 1

so that the units grow as the square root of 2 n.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking implementation
  notes": "don't use it in training, only to debug".
"""

import numpy as np
from numpy.typing import ArrayLike

from deepdials.core.functions import Array

METHODS = ("two-sided", "exact", "backprop")


def forward_passes(method: str, parameters: ArrayLike) -> Array:
    """Count the forward passes in a network of two equal hidden layers.

        two-sided    2 n
        exact        2 h + 2,    h = (sqrt(8 n + 1) - 3) / 4
        backprop     2

    Parameters
    ----------
    method : {"two-sided", "exact", "backprop"}
    parameters : array_like of numbers, any shape
        n, at least 6: one unit in each layer. Where no whole h gives n, h is a fraction.

    Returns
    -------
    ndarray, shape of parameters
        The counts, in float64.

    Raises
    ------
    ValueError
        If method is unknown, or n below 6.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(map(repr, METHODS))}, not {method!r}")
    n = np.asarray(parameters, np.float64)
    if not np.all(n >= 6):
        raise ValueError(f"parameters must be at least 6, not {parameters!r}")
    if method == "two-sided":
        return 2 * n
    counts: Array = (np.sqrt(8 * n + 1) + 1) / 2 if method == "exact" else np.full(n.shape, 2.0)
    return counts
