"""The output layers, each with the loss that goes with it.

A loss takes the logits Z_L and not Y_hat: from logits of 1000 or -1000 it is still finite
and exact, where log(Y_hat) would be -inf. The three pairs have the same derivative,

    dLoss / dZ_L = Y_hat - Y

All functions take real or complex Z_L and branch on its real part alone, so that a complex
step through them is exact to rounding.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", week 2, "Logistic regression cost
  function", and "Improving Deep Neural Networks", week 3, "Training a softmax classifier".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from deepdials.core.activations import identity
from deepdials.core.functions import Array, Elementwise, sigmoid

Losses: TypeAlias = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Output:
    """An output activation and its loss.

    Attributes
    ----------
    name : str
        The key in `OUTPUTS`.
    value : callable
        Y_hat from Z_L, both of shape (..., n_L, m).
    losses : callable
        The loss of each example, shape (..., m), from Z_L and Y of shape (..., n_L, m).
    labels : str
        What Y may hold, in words.
    fits : callable
        Whether a real Y, shape (..., n_L, m), holds just that.
    """

    name: str
    value: Elementwise
    losses: Losses
    labels: str
    fits: Callable[[Array], bool]


def softmax(Z_L: Array) -> Array:
    """Turn the logits of each example into probabilities.

        A = exp(Z_L) / sum over the units of exp(Z_L)

    Parameters
    ----------
    Z_L : ndarray, shape (..., n_L, m)

    Returns
    -------
    ndarray, shape (..., n_L, m)
        Each column sums to 1.
    """
    E = np.exp(Z_L - np.max(np.real(Z_L), axis=-2, keepdims=True))
    A: Array = E / np.sum(E, axis=-2, keepdims=True)
    return A


def binary_cross_entropy(Z_L: Array, Y: Array) -> Array:
    """Loss of a sigmoid output, summed over the output units.

        -(Y log A + (1 - Y) log(1 - A)),    A = sigmoid(Z_L)

    Parameters
    ----------
    Z_L, Y : ndarray, shape (..., n_L, m)
        The logits, and labels from 0 to 1.

    Returns
    -------
    ndarray, shape (..., m)
        The loss of each example.
    """
    # log A = -log(1 + exp(-Z)), and what exp is given here is never positive.
    negative = np.real(Z_L) < 0
    linear = np.where(negative, -Y * Z_L, (1 - Y) * Z_L)
    rest = np.log1p(np.exp(np.where(negative, Z_L, -Z_L)))
    losses: Array = np.sum(linear + rest, axis=-2)
    return losses


def softmax_cross_entropy(Z_L: Array, Y: Array) -> Array:
    """Loss of a softmax output.

        -sum over the units of Y log A,    A = softmax(Z_L)

    Parameters
    ----------
    Z_L, Y : ndarray, shape (..., n_L, m)
        The logits, and labels from 0 to 1 that sum to 1 in each column.

    Returns
    -------
    ndarray, shape (..., m)
        The loss of each example.
    """
    largest = np.argmax(np.real(Z_L), axis=-2, keepdims=True)
    below = Z_L - np.take_along_axis(Z_L, largest, axis=-2)
    # The largest logit adds exactly 1 to the sum of exponentials: log1p keeps the rest.
    E = np.exp(below)
    np.put_along_axis(E, largest, 0, axis=-2)
    log_sum = np.log1p(np.sum(E, axis=-2, keepdims=True))
    losses: Array = np.sum(Y * (log_sum - below), axis=-2)
    return losses


def half_squared_error(Z_L: Array, Y: Array) -> Array:
    """Loss of a linear output, summed over the output units.

        (Z_L - Y)**2 / 2

    Parameters
    ----------
    Z_L, Y : ndarray, shape (..., n_L, m)
        The outputs, and what they should have been.

    Returns
    -------
    ndarray, shape (..., m)
        The loss of each example.
    """
    # A product and not a modulus, which would not be analytic.
    losses: Array = np.sum((Z_L - Y) * (Z_L - Y), axis=-2) / 2
    return losses


def _are_probabilities(Y: Array) -> bool:
    return bool(np.all((Y >= 0) & (Y <= 1)))


def _are_distributions(Y: Array) -> bool:
    # What float32 labels sum to is rounded.
    return _are_probabilities(Y) and np.allclose(np.sum(Y, axis=-2), 1, rtol=0, atol=1e-5)


_LIST = (
    Output(
        name="sigmoid",
        value=sigmoid,
        losses=binary_cross_entropy,
        labels="numbers from 0 to 1",
        fits=_are_probabilities,
    ),
    Output(
        name="softmax",
        value=softmax,
        losses=softmax_cross_entropy,
        labels="numbers from 0 to 1 that sum to 1 in each column (one-hot)",
        fits=_are_distributions,
    ),
    Output(
        name="linear",
        value=identity,
        losses=half_squared_error,
        labels="finite numbers",
        fits=lambda Y: bool(np.all(np.isfinite(Y))),
    ),
)

OUTPUTS: Mapping[str, Output] = MappingProxyType({each.name: each for each in _LIST})
