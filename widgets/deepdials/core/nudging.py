"""The two-sided loop over a network's parameters, all nudges of a layer at once.

Nudging W[l][i, j] by epsilon moves row i of Z[l] by epsilon A[l-1][j], nudging b[l][i] moves
it by epsilon, and no other row. So only the layers behind need another pass, and many nudges
go through them together. The result is that of the loop, up to rounding: for each nudge the
whole cost is computed, and two costs are subtracted.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepdials.core.dropout import NO_DROPOUT, Dropout
from deepdials.core.functions import Array
from deepdials.core.losses import Losses
from deepdials.core.network import PENALTIES, Cache, Network

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Nudges:
    """A network at one theta, ready to be nudged.

    Attributes
    ----------
    net, parameters, X, Y, lambd, penalty, dropout
        As for `Network.cost`.
    losses : callable, optional
        The loss of each example from Z_L and Y, instead of the network's own.
    cache : Cache
        The forward pass at theta.
    """

    net: Network
    parameters: Mapping[str, Array]
    X: Array
    Y: Array
    lambd: float = 0.0
    penalty: str = "l2"
    dropout: Dropout = NO_DROPOUT
    losses: Losses | None = None

    def __post_init__(self) -> None:
        X, Y = self.net.check(
            self.parameters, self.X, self.Y, self.lambd, self.penalty, self.dropout
        )
        # In the precision of the parameters, which is that of the whole loop.
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "Y", Y)

    @cached_property
    def cache(self) -> Cache:
        """The forward pass at theta."""
        return self.net.forward(self.parameters, self.X, self.dropout)

    def cost(self, parameters: Mapping[str, Array]) -> float:
        """Compute J of other parameters, with the same losses, penalty and masks.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            Shapes as at theta.

        Returns
        -------
        float
        """
        at = replace(self, parameters=parameters)
        return float(at.costs("W1", np.zeros(1, np.intp), 0.0)[0])

    def gradapprox(
        self, epsilon: float, method: str = "two-sided", names: Mapping[str, Indices] | None = None
    ) -> dict[str, Array]:
        """Approximate the gradient by nudging.

            two-sided    (J(theta + epsilon) - J(theta - epsilon)) / (2 epsilon)
            one-sided    (J(theta + epsilon) - J(theta)) / epsilon

        Parameters
        ----------
        epsilon : float
            The step, positive.
        method : {"two-sided", "one-sided"}
        names : mapping of str to ndarray of int, optional
            For each parameter array the flat indices of the components to nudge, shape (k,).
            Without it all are, and the result has the arrays' own shapes.

        Returns
        -------
        dict of str to ndarray
            gradapprox by parameter name.

        Raises
        ------
        ValueError
            If epsilon is not positive and finite, or method is unknown.
        """
        if not (epsilon > 0 and np.isfinite(epsilon)):
            raise ValueError(f"epsilon must be positive and finite, not {epsilon!r}")
        if method not in ("two-sided", "one-sided"):
            raise ValueError(f"method must be 'two-sided' or 'one-sided', not {method!r}")
        back, width = (epsilon, 2) if method == "two-sided" else (0.0, 1)
        chosen = names or {name: np.arange(a.size) for name, a in self.parameters.items()}
        slopes = {
            name: (self.costs(name, flat, epsilon) - self.costs(name, flat, -back))
            / (width * epsilon)
            for name, flat in chosen.items()
        }
        return (
            slopes if names else {n: s.reshape(self.parameters[n].shape) for n, s in slopes.items()}
        )

    def costs(self, name: str, flat: Indices, nudge: float) -> Array:
        """Compute J with each of the chosen components moved by ``nudge``, one at a time.

        Parameters
        ----------
        name : str
            W1, b1, ...
        flat : ndarray of int, shape (k,)
            Flat indices into that array.
        nudge : float
            May be negative or 0.

        Returns
        -------
        ndarray, shape (k,)
            The costs.
        """
        layer = int(name[1:])
        i, j = np.unravel_index(flat, self.parameters[name].shape)
        below, m = self.cache.A[layer - 1], self.X.shape[1]
        step = nudge * (below[j] if name[0] == "W" else np.ones((len(flat), m), below.dtype))
        losses = (self.losses or self.net.losses)(self._logits(layer, i, step), self.Y)
        costs: Array = losses.sum(axis=-1) / m + self._penalties(name, i, j, nudge)
        return costs

    def _logits(self, layer: int, i: Indices, step: Array) -> Array:
        """Return Z[L], shape (k, n_L, m), when row i[k] of Z[layer] moves by step[k]."""
        Z, A = self.cache.Z, self.cache.A
        if layer == self.net.L:
            logits = np.repeat(Z[layer][None], len(i), axis=0)
            logits[np.arange(len(i)), i] += step
            return logits
        rise = self._row(layer, i, Z[layer][i] + step) - A[layer][i]
        above = self.parameters[f"W{layer + 1}"].T[i]
        moved: Array = above[:, :, None] * rise[:, None, :]
        moved += Z[layer + 1]
        for further in range(layer + 1, self.net.L):
            A_moved = self.dropout.apply(further, self.net.activation(further).value(moved))
            moved = self.parameters[f"W{further + 1}"] @ A_moved
            moved += self.parameters[f"b{further + 1}"]
        return moved

    def _row(self, layer: int, i: Indices, Z_row: Array) -> Array:
        """Return rows i of A[layer] from those of Z[layer], both of shape (k, m)."""
        A_row = self.net.activation(layer).value(Z_row)
        if layer not in self.dropout.masks:
            return A_row
        dropped: Array = A_row * self.dropout.masks[layer][i] / self.dropout.keep_prob[layer]
        return dropped

    def _penalties(self, name: str, i: Indices, j: Indices, nudge: float) -> Array:
        """Return the penalty's part of J for each nudge, shape (k,)."""
        measure = PENALTIES[self.penalty]
        layers = range(1, self.net.L + 1)
        whole = sum(float(measure(self.parameters[f"W{layer}"]).sum()) for layer in layers)
        share = self.lambd / self.X.shape[1]
        if name[0] == "b":
            return np.full(len(i), share * whole, self.parameters[name].dtype)
        w = self.parameters[name][i, j]
        penalties: Array = share * (whole + (measure(w + nudge) - measure(w)))
        return penalties
