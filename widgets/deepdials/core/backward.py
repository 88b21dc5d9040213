"""Backpropagation, written as in the course: one operation a line.

The lessons show this source, and put a wrong line in the place of a right one. What would
make it shorter would make it harder to point at.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", weeks 3 and 4, "Gradient descent for
  neural networks" and "Forward and backward propagation".
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Regularization" and "Dropout
  regularization".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deepdials.core.dropout import Dropout
    from deepdials.core.functions import Array
    from deepdials.core.network import Network


def backward(
    net: Network,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    lambd: float = 0.0,
    penalty: str = "l2",
    dropout: Dropout | None = None,
) -> dict[str, Array]:
    """Return the gradients of `Network.cost` with respect to all parameters.

    From the last layer to the first, with g' the slope of the activation:

        dZ[L] = A[L] - Y
        dW[l] = dZ[l] A[l-1]^T / m + lambd / m W[l]    (L1: lambd / m sign(W[l]))
        db[l] = sum over the examples of dZ[l], / m
        dA[l-1] = W[l]^T dZ[l], times D[l-1] / keep_prob[l-1] under dropout
        dZ[l-1] = dA[l-1] * g'(Z[l-1])

    Where there is no derivative, relu'(0) = 0 and sign(0) = 0. dA and dZ are the
    derivatives of m J, as in the course: the mean over the examples is taken in dW and db.

    Parameters
    ----------
    net : Network
    parameters : mapping of str to ndarray
        W1, shape (n_1, n_x), b1, shape (n_1, 1), W2, ...
    X : ndarray, shape (n_x, m)
    Y : ndarray, shape (n_L, m)
    lambd : float
        The strength of the penalty, at least 0.
    penalty : {"l2", "l1"}
    dropout : Dropout, optional
        The masks that the forward pass used.

    Returns
    -------
    dict of str to ndarray
        dW1, db1, dW2, ..., each with the shape of its parameter.

    Raises
    ------
    ValueError
        As `Network.check` does.
    """
    X, Y = net.check(parameters, X, Y, lambd, penalty, dropout)
    L = net.L
    m = X.shape[1]
    cache = net.forward(parameters, X, dropout)
    Z, A = cache.Z, cache.A
    gradients = {}
    dZ = A[L] - Y
    for layer in range(L, 0, -1):
        W = parameters[f"W{layer}"]
        dW = dZ @ A[layer - 1].T / m
        if penalty == "l2":
            dW = dW + lambd / m * W
        if penalty == "l1":
            dW = dW + lambd / m * np.sign(W)
        db = np.sum(dZ, axis=1, keepdims=True) / m
        gradients[f"dW{layer}"] = dW
        gradients[f"db{layer}"] = db
        if layer > 1:
            dA = W.T @ dZ
            if dropout is not None and layer - 1 in dropout.masks:
                D = dropout.masks[layer - 1]
                keep_prob = dropout.keep_prob[layer - 1]
                dA = dA * D
                dA = dA / keep_prob
            slope = net.activation(layer - 1).slope
            dZ = dA * slope(Z[layer - 1])
    return gradients
