"""Cross-entropy the way it is first written down, from A: a lesson in what that costs.

Where A is near 1, 1 - A has lost as many digits as A has nines, and log(1 - A) with it. The
cost itself is hardly wrong, but a gradient check divides its rounding by epsilon. The losses
in `losses` start from the logits and lose nothing.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", week 2, "Logistic regression cost function".
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from deepdials.core.functions import Array, sigmoid
from deepdials.core.losses import Losses, half_squared_error, softmax


def binary_cross_entropy_from_A(Z_L: Array, Y: Array) -> Array:
    """Loss of a sigmoid output, summed over the output units.

        A = sigmoid(Z_L),    -(Y log A + (1 - Y) log(1 - A))

    Parameters
    ----------
    Z_L, Y : ndarray, shape (..., n_L, m)
        The logits, and labels from 0 to 1.

    Returns
    -------
    ndarray, shape (..., m)
        The loss of each example. A that has rounded to 0 or 1 counts as the smallest float.
    """
    A = sigmoid(Z_L)
    losses: Array = -np.sum(Y * _log(A) + (1 - Y) * _log(1 - A), axis=-2)
    return losses


def softmax_cross_entropy_from_A(Z_L: Array, Y: Array) -> Array:
    """Loss of a softmax output.

        A = softmax(Z_L),    -sum over the units of Y log A

    Parameters
    ----------
    Z_L, Y : ndarray, shape (..., n_L, m)
        The logits, and labels from 0 to 1 that sum to 1 in each column.

    Returns
    -------
    ndarray, shape (..., m)
        The loss of each example. A that has rounded to 0 counts as the smallest float.
    """
    losses: Array = -np.sum(Y * _log(softmax(Z_L)), axis=-2)
    return losses


def _log(A: Array) -> Array:
    log: Array = np.log(np.maximum(A, np.finfo(A.dtype).tiny))
    return log


AS_WRITTEN: Mapping[str, Losses] = MappingProxyType(
    {
        "sigmoid": binary_cross_entropy_from_A,
        "softmax": softmax_cross_entropy_from_A,
        "linear": half_squared_error,
    }
)
