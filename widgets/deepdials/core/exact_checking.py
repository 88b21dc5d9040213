"""Gradient checking without an epsilon, for a network that is known.

Z[l] = W[l] A[l-1] + b[l] is linear, so that one number for each unit and example,

    dZ[l] = dLoss / dZ[l]                                   (n_l, m)

gives the derivatives with respect to all parameters of the layer:

    dW[l] = dZ[l] A[l-1].T / m + penalty,    db[l] = mean of dZ[l]

That dZ is measured, one unit at a time, by a step of the unit's Z that goes forward through
the layers behind it to the loss of each example. There is no backward pass and no formula
of a derivative. What an activation makes of a small step is measured too, by a complex one,

    g(Z + i h) = g(Z) + i h g'(Z) + O(h**2),    slope = Im g(Z + i h) / h

and the same for the loss, logit by logit. h**2 is nothing beside 1, and as nothing is
subtracted, no digits are lost. Nor is a kink ever crossed: complex numbers branch on their
real part, which does not move. So small a step passes in proportion to its size, so that
one slope for each unit and example serves the steps of all units before it.

Rounding is estimated by its variance, as a bound would be far too wide in a deep network:

    spread[L] = A[L]**2 + Y**2
    spread[l] = dZ[l]**2 + slope[l]**2 * (W[l+1]**2).T (spread[l+1] + dZ[l+1]**2)

    noise of dW[l] = 3 u (sqrt(spread[l] (A[l-1]**2).T) / m + |penalty|)
    noise of db[l] = 3 u sqrt(sum over the examples of spread[l]) / m

where u is the spacing of floats at 1 in the precision of the gradients under check. The
first line is what a backward pass loses in A[L] - Y, where the network is sure of itself.

References
----------
- William Squire and George Trapp, "Using Complex Variables to Estimate Derivatives of Real
  Functions", SIAM Review 40(1), 1998, 110-112.
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from deepdials.core.dropout import NO_DROPOUT, Dropout
from deepdials.core.functions import Array
from deepdials.core.gradient_checking import must_be_finite, paired
from deepdials.core.gradient_report import GradientReport, LayerCheck, agree, norm
from deepdials.core.network import PENALTIES, Cache, Network

STEP = 1e-30
# Numbers in one array of steps: half a megabyte, which stays in the processor's cache.
_CHUNK = 2**16


def check_network(
    net: Network,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    gradients: Mapping[str, ArrayLike],
    lambd: float = 0.0,
    penalty: str = "l2",
    dropout: Dropout | None = None,
) -> GradientReport:
    """Compare gradients with derivatives of `Network.cost` that are exact to rounding.

        dZ[l] = dLoss / dZ[l], measured one unit at a time
        gradapprox of W[l] = dZ[l] A[l-1].T / m + lambd / m W[l]          (L2)
                             dZ[l] A[l-1].T / m + lambd / m sign(W[l])    (L1)
        gradapprox of b[l] = mean over the examples of dZ[l]

    by the complex step (William Squire and George Trapp, SIAM Review 40(1), 1998, 110-112).
    At the kinks of ReLU and of the L1 penalty the derivative is 0, as in `Network.gradients`.

    Parameters
    ----------
    net : Network
    parameters : mapping of str to ndarray
        W1, shape (n_1, n_x), b1, shape (n_1, 1), W2, ...
    X : ndarray, shape (n_x, m)
    Y : ndarray, shape (n_L, m)
    gradients : mapping of str to array_like
        Backprop's result, keyed "dW1" or "W1", and so on. The intermediate results of
        backprop, keyed dZ1, dA1, ..., are ignored.
    lambd : float
        The strength of the penalty, at least 0.
    penalty : {"l2", "l1"}
    dropout : Dropout, optional
        The masks that the gradients were computed with.

    Returns
    -------
    GradientReport
        `layers[l]` holds the measured dZ, and tells a wrong dZ from a wrong dW or db.

    Raises
    ------
    ValueError
        If parameters are not finite, or gradients lack a parameter, have a key that belongs
        to none, another shape, or a component that is not finite; if the cost is not finite;
        and as `Network.check` does.
    """
    X, Y = map(_wide, net.check(parameters, X, Y, lambd, penalty, dropout))
    theta = {name: _wide(array) for name, array in parameters.items()}
    for name, array in theta.items():
        must_be_finite(name, name, array)
    grad = paired(gradients, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        J = float(net.cost(theta, X, Y, lambd, penalty, dropout))
    if not np.isfinite(J):
        raise ValueError(f"the cost must be finite, but at these parameters it is {J}")
    cache = net.forward(theta, X, dropout)
    passes = _Passes(theta, Y, cache, *_slopes(net, cache, Y, dropout or NO_DROPOUT))
    return _report(theta, grad, J, _measured(passes, lambd / X.shape[1], penalty))


def _slopes(
    net: Network, cache: Cache, Y: Array, dropout: Dropout
) -> tuple[dict[int, Array], Array]:
    """Measure what each hidden layer, dropout included, and the losses make of a step."""
    hidden = {}
    for layer in range(1, net.L):
        # g takes each number by itself, so that all units can be moved at once.
        moved = net.activation(layer).value(_moved(cache.Z[layer], np.ones(1)))
        hidden[layer] = dropout.apply(layer, moved).imag / STEP
    # Not so the losses: a row of columns for each logit.
    n_L, m = Y.shape
    one_logit = np.repeat(np.eye(n_L), m, axis=1)
    losses = net.losses(_moved(np.tile(cache.Z[-1], n_L), one_logit), np.tile(Y, n_L))
    return hidden, losses.imag.reshape(n_L, m) / STEP


@dataclass(frozen=True, eq=False)
class _Passes:
    """A network at one theta, through which steps are sent. All is in float64."""

    parameters: Mapping[str, Array]
    Y: Array
    cache: Cache
    slopes: Mapping[int, Array]
    last: Array

    def from_layer(self, layer: int) -> Array:
        """Send steps of all units of a layer to the losses: what arrives is dZ."""
        if layer not in self.slopes:
            return self.last
        arrived = np.empty(self.slopes[layer].shape)
        widest = max(map(len, self.cache.A))
        for units in _parts(len(arrived), widest * self.Y.shape[1]):
            arrived[units] = self._arrived(layer, units)
        return arrived

    def _arrived(self, layer: int, units: slice) -> Array:
        """Send a step of each of these units to each loss: shape (units, m)."""
        # Steps have shape (n, units, m): the example's column, once for each unit moved.
        W = self.parameters[f"W{layer + 1}"][:, units]
        steps = W[:, :, np.newaxis] * self.slopes[layer][units]
        for between in range(layer + 1, len(self.slopes) + 1):
            W = self.parameters[f"W{between + 1}"]
            steps *= self.slopes[between][:, np.newaxis]
            steps = (W @ steps.reshape(W.shape[1], -1)).reshape(len(W), *steps.shape[1:])
        added: Array = np.einsum("kum,km->um", steps, self.last)
        return added


@dataclass(frozen=True, eq=False)
class _Layer:
    """What was measured of a layer, and the derivatives that follow."""

    A_prev: Array
    arrived: Array
    spread: Array
    penalty: Array

    @cached_property
    def loss_part(self) -> Array:
        """All of dW but the penalty's part."""
        return self._over_m(self.arrived @ self.A_prev.T)

    @cached_property
    def gradapprox(self) -> tuple[Array, Array]:
        """The derivatives with respect to W and b."""
        mean = self._over_m(np.sum(self.arrived, axis=1, keepdims=True))
        return self.loss_part + self.penalty, mean

    def noise(self) -> tuple[Array, Array]:
        """Return what rounding makes of them, in units of u."""
        # Too large to be squared, they have a noise of inf or nan: no digit is sure.
        with np.errstate(over="ignore", invalid="ignore"):
            squares = self.spread @ np.square(self.A_prev).T, np.sum(self.spread, 1, keepdims=True)
            W, b = (3 * self._over_m(np.sqrt(square)) for square in squares)
        return W + 3 * np.abs(self.penalty), b

    def _over_m(self, total: Array) -> Array:
        mean: Array = total / self.arrived.shape[1]
        return mean


def _measured(passes: _Passes, scale: float, penalty: str) -> dict[int, _Layer]:
    """Measure all layers, the last first, as rounding spreads that way."""
    layers: dict[int, _Layer] = {}
    for layer in range(len(passes.slopes) + 1, 0, -1):
        arrived = passes.from_layer(layer)
        spread = _spread(passes, layer, arrived, layers.get(layer + 1))
        pull = _penalty_slope(passes.parameters[f"W{layer}"], scale, penalty)
        layers[layer] = _Layer(passes.cache.A[layer - 1], arrived, spread, pull)
    return dict(sorted(layers.items()))


def _spread(passes: _Passes, layer: int, arrived: Array, above: _Layer | None) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        if above is None:
            last: Array = passes.cache.A[-1] ** 2 + passes.Y**2
            return last
        W = passes.parameters[f"W{layer + 1}"]
        through = np.square(W).T @ (above.spread + above.arrived**2)
        spread: Array = arrived**2 + passes.slopes[layer] ** 2 * through
        return spread


def _report(
    theta: dict[str, Array], grad: dict[str, Array], J: float, layers: dict[int, _Layer]
) -> GradientReport:
    gradapprox = _by_name(theta, {layer: each.gradapprox for layer, each in layers.items()})
    noise = _by_name(theta, {layer: each.noise() for layer, each in layers.items()})
    noise = {name: _u(grad[name]) * array for name, array in noise.items()}
    right = {name: agree(grad[name], gradapprox[name], noise[name]) for name in theta}
    return GradientReport(
        method="complex step",
        epsilon=STEP,
        J=J,
        parameters=theta,
        gradients=grad,
        gradapprox=gradapprox,
        noise=noise,
        evaluations=1 + sum(len(each.arrived) for each in layers.values()),
        layers=MappingProxyType(_checks(layers, grad, right)),
    )


def _by_name(theta: dict[str, Array], pairs: dict[int, tuple[Array, Array]]) -> dict[str, Array]:
    """Key what there is for W and b of each layer as theta is, in theta's order."""
    named: dict[str, Array] = {}
    for layer, (W, b) in pairs.items():
        named |= {f"W{layer}": W, f"b{layer}": b}
    return {name: named[name] for name in theta}


def _checks(
    layers: dict[int, _Layer], grad: dict[str, Array], right: dict[str, bool]
) -> dict[int, LayerCheck]:
    checks, shown = {}, False
    for layer, measured in layers.items():
        W, b = f"W{layer}", f"b{layer}"
        # Beside a large penalty the part of the loss is not seen.
        seen = norm(measured.loss_part) > 1e-3 * norm(measured.penalty)
        shown = shown or (right[W] and seen)
        checks[layer] = LayerCheck(
            A_prev=measured.A_prev,
            dZ=measured.arrived,
            penalty=measured.penalty,
            dW=grad[W],
            db=grad[b],
            dW_right=right[W],
            db_right=right[b],
            dZ_shown_right=shown,
        )
    return checks


def _penalty_slope(W: Array, scale: float, penalty: str) -> Array:
    """Follow a step of each W to the penalty, which is the complex step's as well."""
    slope: Array = scale * PENALTIES[penalty](_moved(W, np.ones(1))).imag / STEP
    return slope


def _moved(Z: Array, steps: Array) -> Array:
    """Z + i h steps."""
    moved = np.empty(Z.shape, np.complex128)
    moved.real = Z
    np.multiply(steps, STEP, out=moved.imag)
    return moved


def _parts(units: int, size: int) -> Iterator[slice]:
    """Cut so many units, of this size each, into parts of bounded size."""
    count = max(1, _CHUNK // size)
    return (slice(start, start + count) for start in range(0, units, count))


def _u(grad: Array) -> float:
    """Spacing of floats at 1, in the precision that backprop was run in.

    What float32 gave still fits into it, whatever it was converted to since.
    """
    with np.errstate(over="ignore", under="ignore"):
        fits = np.array_equal(grad.astype(np.float32), grad)
    return float(np.finfo(np.float32 if fits else np.float64).eps)


def _wide(array: Array) -> Array:
    return np.array(array, dtype=np.float64)
