"""A fully connected network of L layers: forward pass, cost and gradients.

Notation and shapes are the course's: an example is a column.

    A[0] = X                          (n_x, m)
    Z[l] = W[l] A[l-1] + b[l]         (n_l, m), from (n_l, n_(l-1)) and (n_l, 1)
    A[l] = g(Z[l])                    (n_l, m)
    Y_hat = A[L]                      (n_L, m)

Parameters are a plain dict, {"W1": ..., "b1": ..., "W2": ...}, and set the precision: X and
Y are cast to theirs, integers count as float64. The forward pass, the losses and the cost
also take arrays with leading batch dimensions, which broadcast, so that the cost of many
theta is one call, and complex ones, for a complex step.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", week 4, "Forward propagation in a deep
  network" and "Getting your matrix dimensions right".
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Regularization".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from deepdials.core.activations import ACTIVATIONS, Activation
from deepdials.core.backward import backward
from deepdials.core.dropout import NO_DROPOUT, Dropout
from deepdials.core.functions import Array, absolute
from deepdials.core.losses import OUTPUTS
from deepdials.core.parameters import shapes_of_parameters

# A product and a branch, as the modulus of a complex W would not be analytic.
PENALTIES: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {"l2": lambda W: W * W / 2, "l1": absolute}
)


@dataclass(frozen=True, eq=False)
class Cache:
    """What the forward pass leaves for the backward pass.

    Attributes
    ----------
    Z : tuple of ndarray
        Z[l], shape (..., n_l, m), for the layers 1 to L. Z[0] is None.
    A : tuple of ndarray
        A[l], shape (..., n_l, m), for the layers 0 to L, after dropout where there is any.
        A[0] is the input.
    Y_hat : ndarray, shape (..., n_L, m)
        A[L].
    """

    Z: tuple[Any, ...]
    A: tuple[Array, ...]
    Y_hat: Array


@dataclass(frozen=True)
class Network:
    """The architecture. The parameters are passed to each method.

    Attributes
    ----------
    layer_sizes : sequence of int
        (n_x, n_1, ..., n_L).
    hidden : str or sequence of str
        The activation of every hidden layer, or one for each: names in `ACTIVATIONS`.
    output : {"sigmoid", "softmax", "linear"}
        The output layer. The first two come with cross-entropy, "linear" with half the
        squared error.
    L : int
        The number of layers, without the input: not an argument.

    Raises
    ------
    ValueError
        If a size, a name or the number of names is wrong, or softmax has a single unit.
    """

    layer_sizes: Sequence[int]
    hidden: str | Sequence[str] = "relu"
    output: str = "sigmoid"
    L: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shapes_of_parameters(self.layer_sizes)
        object.__setattr__(self, "layer_sizes", tuple(int(size) for size in self.layer_sizes))
        object.__setattr__(self, "L", len(self.layer_sizes) - 1)
        if not isinstance(self.hidden, str):
            object.__setattr__(self, "hidden", tuple(self.hidden))
        _check_name("output", self.output, OUTPUTS)
        for name in (self.hidden,) if isinstance(self.hidden, str) else self.hidden:
            _check_name("hidden", name, ACTIVATIONS)
        if len(self.activations) != self.L - 1:
            raise ValueError(
                f"hidden must be one activation or one for each of the {self.L - 1} hidden "
                f"layers, not {len(self.activations)}"
            )
        if self.output == "softmax" and self.layer_sizes[-1] == 1:
            raise ValueError("softmax needs two output units or more: one would always give 1")

    @property
    def activations(self) -> tuple[str, ...]:
        """The names of the activations of layers 1 to L - 1."""
        if isinstance(self.hidden, str):
            return (self.hidden,) * (self.L - 1)
        return tuple(self.hidden)

    def activation(self, layer: int) -> Activation:
        """Return the activation of a hidden layer, from 1 to L - 1."""
        if layer not in range(1, self.L):
            raise ValueError(f"the hidden layers are 1 to {self.L - 1}, not {layer!r}")
        return ACTIVATIONS[self.activations[layer - 1]]

    def forward(
        self, parameters: Mapping[str, Array], X: Array, dropout: Dropout | None = None
    ) -> Cache:
        """Compute Z and A of every layer.

            Z[l] = W[l] A[l-1] + b[l],    A[l] = g(Z[l]) * D[l] / keep_prob[l]

        without D and keep_prob in layers that have no mask.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            W1, shape (..., n_1, n_x), b1, shape (..., n_1, 1), W2, ...
        X : ndarray, shape (..., n_x, m)
        dropout : Dropout, optional

        Returns
        -------
        Cache

        Raises
        ------
        ValueError
            If an array is missing or has another shape, or a mask does not fit.
        """
        _check_parameters(self, parameters)
        X = _input(self, parameters, X)
        dropout = _check_dropout(self, dropout, X)
        Z: list[Any] = [None]
        A = [dropout.apply(0, X)]
        for layer in range(1, self.L + 1):
            Z.append(parameters[f"W{layer}"] @ A[-1] + parameters[f"b{layer}"])
            g = OUTPUTS[self.output] if layer == self.L else self.activation(layer)
            A.append(dropout.apply(layer, g.value(Z[-1])))
        return Cache(tuple(Z), tuple(A), Y_hat=A[-1])

    def losses(self, Z_L: Array, Y: Array) -> Array:
        """Compute the loss of each example, from the logits.

            sigmoid    -sum over the units of Y log A + (1 - Y) log(1 - A)
            softmax    -sum over the units of Y log A
            linear     sum over the units of (Z_L - Y)**2 / 2

        Finite for logits of any size, and exact to rounding under a complex step: each has
        the derivative A - Y.

        Parameters
        ----------
        Z_L : ndarray, shape (..., n_L, m)
            Real or complex.
        Y : ndarray, shape (..., n_L, m)

        Returns
        -------
        ndarray, shape (..., m)
            The losses, in the precision of Z_L.

        Raises
        ------
        ValueError
            If a shape is wrong, or Y holds what the output layer cannot give.
        """
        Z_L = np.asarray(Z_L)
        _check_shape("Z_L", Z_L, (self.layer_sizes[-1], None))
        return OUTPUTS[self.output].losses(Z_L, _labels(self, Y, Z_L))

    def cost(
        self,
        parameters: Mapping[str, Array],
        X: Array,
        Y: Array,
        lambd: float = 0.0,
        penalty: str = "l2",
        dropout: Dropout | None = None,
    ) -> Any:
        """Compute J.

            J = sum of the losses / m + lambd / (2m) sum over l of ||W[l]||_F**2    (L2)
            J = sum of the losses / m + lambd / m sum over l of sum |W[l]|          (L1)

        The biases are not penalized.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            W1, shape (..., n_1, n_x), b1, shape (..., n_1, 1), W2, ...
        X : ndarray, shape (..., n_x, m)
        Y : ndarray, shape (..., n_L, m)
        lambd : float
            The strength of the penalty, at least 0.
        penalty : {"l2", "l1"}
        dropout : Dropout, optional
            Masks for this one pass.

        Returns
        -------
        float, or ndarray of shape (...)
            The cost, a NumPy scalar in the precision of the parameters.

        Raises
        ------
        ValueError
            As `check` does, but for batch dimensions and complex numbers.
        """
        _check_penalty(lambd, penalty)
        Z_L = self.forward(parameters, X, dropout).Z[-1]
        m = Z_L.shape[-1]
        J = np.sum(self.losses(Z_L, Y), axis=-1) / m
        if lambd == 0:
            # W may be too large to be squared, and 0 times inf would be nan.
            return J
        for layer in range(1, self.L + 1):
            W = parameters[f"W{layer}"]
            # A Python float leaves float32 as it is.
            J = J + float(lambd) / m * np.sum(PENALTIES[penalty](W), axis=(-2, -1))
        return J

    def gradients(
        self,
        parameters: Mapping[str, Array],
        X: Array,
        Y: Array,
        lambd: float = 0.0,
        penalty: str = "l2",
        dropout: Dropout | None = None,
    ) -> dict[str, Array]:
        """Compute the gradients of the cost by backpropagation: see `backward`.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            W1, shape (n_1, n_x), b1, shape (n_1, 1), W2, ...
        X : ndarray, shape (n_x, m)
        Y : ndarray, shape (n_L, m)
        lambd, penalty, dropout
            As for `cost`.

        Returns
        -------
        dict of str to ndarray
            dW1, db1, dW2, ..., each with the shape of its parameter.

        Raises
        ------
        ValueError
            As `check` does.
        """
        return backward(self, parameters, X, Y, float(lambd), penalty, dropout)

    def check(
        self,
        parameters: Mapping[str, Array],
        X: Array,
        Y: Array,
        lambd: float = 0.0,
        penalty: str = "l2",
        dropout: Dropout | None = None,
    ) -> tuple[Array, Array]:
        """Raise if anything is not as `gradients` needs it.

        Parameters
        ----------
        parameters : mapping of str to ndarray
            W1, shape (n_1, n_x), b1, shape (n_1, 1), W2, ...
        X : ndarray, shape (n_x, m)
        Y : ndarray, shape (n_L, m)
        lambd, penalty, dropout
            As for `cost`.

        Returns
        -------
        tuple of ndarray
            X and Y in the precision of the parameters.

        Raises
        ------
        ValueError
            If a parameter is missing or unknown, an array is not real or has another shape,
            Y holds what the output layer cannot give, lambd is negative, penalty unknown, or
            a mask does not fit.
        """
        _check_parameters(self, parameters)
        X = _input(self, parameters, X)
        Y = _labels(self, Y, X)
        _check_penalty(lambd, penalty)
        _check_dropout(self, dropout, X)
        for name, array in {**parameters, "X": X, "Y": Y}.items():
            if array.ndim != 2 or np.iscomplexobj(array):
                raise ValueError(
                    f"{name} must be real and have 2 dimensions for gradients, "
                    f"but is {array.dtype} of shape {array.shape}"
                )
        return X, Y


def _check_name(what: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise ValueError(f"{what} must be one of {', '.join(map(repr, known))}, not {name!r}")


def _check_penalty(lambd: float, penalty: str) -> None:
    _check_name("penalty", penalty, PENALTIES)
    if not (lambd >= 0 and isfinite(lambd)):
        raise ValueError(f"lambd must be finite and at least 0, not {lambd!r}")


def _check_dropout(net: Network, dropout: Dropout | None, X: Array) -> Dropout:
    if dropout is None:
        return NO_DROPOUT
    dropout.check(net.layer_sizes, X.shape[-1])
    return dropout


def _check_parameters(net: Network, parameters: Mapping[str, Array]) -> None:
    shapes = shapes_of_parameters(net.layer_sizes)
    if set(parameters) != set(shapes):
        raise ValueError(
            f"a network of layer sizes {net.layer_sizes} has the parameters "
            f"{', '.join(shapes)}, but was given {', '.join(map(str, parameters)) or 'none'}"
        )
    for name, shape in shapes.items():
        _check_numbers(name, parameters[name])
        _check_shape(name, parameters[name], shape)


def _check_numbers(name: str, array: object) -> None:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufc":
        found = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise ValueError(f"{name} must be an array of numbers, not {found}")


def _check_shape(name: str, array: Array, wanted: tuple[int, int | None]) -> None:
    """Compare the last two dimensions; None fits any number but 0."""
    found = array.shape[-2:]
    if _fits(found, wanted):
        return
    shape = f"({wanted[0]}, {wanted[1] or 'm'})"
    words = f"{name} has shape {array.shape}, but should have shape {shape}"
    if name in ("X", "Y", "Z_L"):
        words += ": one row for each unit, one column for each example, at least one"
    if _fits(found[::-1], wanted):
        words += f". It looks transposed: pass {name}.T"
    raise ValueError(words)


def _fits(shape: tuple[int, ...], wanted: tuple[int, int | None]) -> bool:
    if len(shape) != 2 or shape[0] != wanted[0]:
        return False
    return shape[1] > 0 if wanted[1] is None else shape[1] == wanted[1]


def _input(net: Network, parameters: Mapping[str, Array], X: Array) -> Array:
    """X in the precision of the parameters; complex if it was."""
    X = np.asarray(X)
    _check_numbers("X", X)
    _check_shape("X", X, (net.layer_sizes[0], None))
    if np.iscomplexobj(X):
        return X
    return X.astype(_precision(*parameters.values()), copy=False)


def _labels(net: Network, Y: Array, like: Array) -> Array:
    """Y in the precision of `like`, which has as many columns."""
    Y = np.asarray(Y)
    _check_numbers("Y", Y)
    _check_shape("Y", Y, (net.layer_sizes[-1], like.shape[-1]))
    output = OUTPUTS[net.output]
    if np.iscomplexobj(Y) or not output.fits(Y):
        raise ValueError(f"Y must hold {output.labels} for a {net.output} output")
    return Y.astype(_precision(like), copy=False)


def _precision(*arrays: Array) -> np.dtype[Any]:
    dtype = np.result_type(*arrays)
    return np.finfo(dtype).dtype if dtype.kind in "fc" else np.dtype(np.float64)
