"""What dropout descends: J averaged over all masks.

Each pass under dropout has a cost of its own. Their expected value is one function of theta,
and the gradients of the passes are, on average, its gradient: gradient descent with dropout
is stochastic gradient descent on it. For a small layer it can be written out, as a layer of
k units has 2^k masks D, of which D comes with

    p(D) = keep_prob^kept (1 - keep_prob)^(k - kept)

An example draws its mask by itself, and J is the mean over the examples: so the same 2^k
masks serve all of them.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Dropout regularization" and
  "Understanding dropout", where "the cost function J is no longer well-defined".
- Nitish Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
  Overfitting", Journal of Machine Learning Research 15, 2014, section 9.
"""

from collections.abc import Callable, Mapping
from math import comb
from typing import Any

import numpy as np

from deepdials.core.backward import backward
from deepdials.core.dropout import Dropout
from deepdials.core.functions import Array
from deepdials.core.network import Network

_MOST_UNITS = 12


def all_masks(units: int, keep_prob: float) -> tuple[Array, Array]:
    """List every mask of a layer, and how probable each is.

    Parameters
    ----------
    units : int
        k, from 1 to 12.
    keep_prob : float
        Above 0 and at most 1.

    Returns
    -------
    masks : ndarray of bool, shape (2**k, k)
    probabilities : ndarray, shape (2**k,)
        They sum to 1.

    Raises
    ------
    ValueError
        If units or keep_prob is out of range.
    """
    if units not in range(1, _MOST_UNITS + 1):
        raise ValueError(f"all masks of 1 to {_MOST_UNITS} units can be listed, not of {units!r}")
    if not 0 < keep_prob <= 1:
        raise ValueError(f"keep_prob must be above 0 and at most 1, not {keep_prob!r}")
    masks = (np.arange(2**units)[:, None] >> np.arange(units)) % 2 == 1
    kept = masks.sum(axis=1)
    return masks, keep_prob**kept * (1 - keep_prob) ** (units - kept)


def averaged_cost(
    net: Network,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    keep_prob: float,
    lambd: float = 0.0,
) -> Any:
    """Compute the mean of J over all masks of the last hidden layer.

        J = sum over D of p(D) J(D)

    A mask that is the same for all examples might as well switch off columns of W[L]: so
    A[L-1] is computed once, and all masks go through W[L] in one product.

    Parameters
    ----------
    net : Network
        Its last hidden layer has k units, from 1 to 12.
    parameters : mapping of str to ndarray
        W1, shape (..., n_1, n_x), b1, shape (..., n_1, 1), W2, ...
    X : ndarray, shape (n_x, m)
    Y : ndarray, shape (n_L, m)
    keep_prob : float
        Of that layer; the others have no dropout.
    lambd : float
        The strength of the L2 penalty, at least 0.

    Returns
    -------
    float, or ndarray of shape (...)
        The mean, the penalty included.

    Raises
    ------
    ValueError
        As `all_masks` and `Network.cost` do, or if there is no hidden layer.
    """
    masks, probabilities = all_masks(_units(net), keep_prob)
    cache = net.forward(parameters, X)
    W, b, A = parameters[f"W{net.L}"], parameters[f"b{net.L}"], cache.A[net.L - 1]
    # (..., n_L 2^k, n_(L-1)) times A: one large product, where one a mask is slow.
    through = (W[..., :, None, :] * (masks / keep_prob)).reshape(*W.shape[:-2], -1, W.shape[-1])
    products = (through @ A).reshape(*A.shape[:-2], W.shape[-2], len(masks), A.shape[-1])
    Z_L = np.moveaxis(products, -2, -3) + b[..., None, :, :]
    J = np.mean(net.losses(Z_L, Y), axis=-1) @ probabilities
    # The cost without dropout, but for its losses, is the penalty.
    return J + net.cost(parameters, X, Y, lambd) - net.cost(parameters, X, Y)


def averaged_gradients(
    net: Network,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    keep_prob: float,
    lambd: float = 0.0,
    through: Callable[..., dict[str, Array]] = backward,
) -> dict[str, Array]:
    """Compute the mean of backprop's gradients over all masks of the last hidden layer.

        dtheta = sum over D of p(D) dtheta(D)

    With backprop right, this is the gradient of `averaged_cost`. Masks that keep as many
    units are as probable: they go through backprop together, each as m further examples.

    Parameters
    ----------
    net, parameters, X, Y, keep_prob, lambd
        As for `averaged_cost`, without batch dimensions.
    through : callable
        The backprop to use, with the signature of `backward`.

    Returns
    -------
    dict of str to ndarray
        dW1, db1, dW2, ..., each with the shape of its parameter.

    Raises
    ------
    ValueError
        As `all_masks` and `Network.check` do, or if there is no hidden layer.
    """
    units = _units(net)
    masks, _ = all_masks(units, keep_prob)
    total: dict[str, Array] = {}
    for kept in range(units + 1):
        alike = masks[masks.sum(axis=1) == kept]
        weight = comb(units, kept) * keep_prob**kept * (1 - keep_prob) ** (units - kept)
        D = Dropout({net.L - 1: np.repeat(alike.T, X.shape[1], axis=1)}, {net.L - 1: keep_prob})
        many = (np.tile(X, len(alike)), np.tile(Y, len(alike)))
        # Over len(alike) times the examples, or the penalty would be as many times too small.
        penalty = lambd * len(alike)
        for name, grad in through(net, parameters, *many, penalty, dropout=D).items():
            total[name] = total.get(name, 0) + weight * grad
    return total


def _units(net: Network) -> int:
    if net.L < 2:
        raise ValueError("dropout is for hidden layers, and this network has none")
    return int(net.layer_sizes[-2])
