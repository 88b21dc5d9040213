"""Between the dict of parameters and the one vector theta of all its components.

The order is that of the layers, W before b, each in C order:

    theta = [W1[0, 0], W1[0, 1], ..., b1[0], b1[1], ..., W2[0, 0], ...]

The same functions take gradients, keyed dW1, db1, and so on, and give dtheta.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking": "take
  W1, b1, ..., WL, bL and reshape into a big vector theta".
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from deepdials.core.functions import Array

_NAME = re.compile(r"(d?)([Wb])([1-9][0-9]*)", re.ASCII)


def shapes_of_parameters(layer_sizes: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Return the shapes of W1, b1, ..., WL, bL.

    Parameters
    ----------
    layer_sizes : sequence of int
        (n_x, n_1, ..., n_L): the units of each layer, the input's first.

    Returns
    -------
    dict of str to tuple
        {"W1": (n_1, n_x), "b1": (n_1, 1), "W2": (n_2, n_1), ...}, in the order of theta.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is not a positive integer.
    """
    sizes = tuple(layer_sizes)
    if len(sizes) < 2 or not all(_is_size(size) for size in sizes):
        raise ValueError(
            "layer_sizes must be (n_x, n_1, ..., n_L), two or more positive integers, "
            f"not {layer_sizes!r}"
        )
    shapes: dict[str, tuple[int, int]] = {}
    for layer in range(1, len(sizes)):
        shapes[f"W{layer}"] = (sizes[layer], sizes[layer - 1])
        shapes[f"b{layer}"] = (sizes[layer], 1)
    return shapes


def to_vector(parameters: Mapping[str, Array]) -> Array:
    """Reshape all parameters, or all gradients, into one vector.

    Parameters
    ----------
    parameters : mapping of str to ndarray
        W1, b1, W2, b2, ... or dW1, db1, dW2, db2, ..., arrays of any shape. The mapping's
        own order does not matter.

    Returns
    -------
    ndarray, shape (n,)
        theta or dtheta, a copy, in the precision that the arrays share.

    Raises
    ------
    ValueError
        If there is no array, or a key has another form.
    """
    return np.concatenate([np.ravel(parameters[name]) for name in _ordered(parameters)])


def to_parameters(theta: Array, like: Mapping[str, Array]) -> dict[str, Array]:
    """Cut theta into arrays again: the inverse of `to_vector`.

    Parameters
    ----------
    theta : ndarray, shape (..., n)
        One vector, or a batch of them. Complex theta stay complex.
    like : mapping of str to ndarray
        Arrays with the wanted keys and shapes, of n components altogether.

    Returns
    -------
    dict of str to ndarray
        The keys of `like`, in the order of theta. Each value is a copy with the shape of
        `like`'s, after the batch dimensions of theta, and the dtype of theta.

    Raises
    ------
    ValueError
        If theta has another number of components than `like`, or a key of `like` is
        neither W nor b (or dW nor db) and a number.
    """
    names = _ordered(like)
    ends = np.cumsum([np.size(like[name]) for name in names])
    if np.ndim(theta) == 0 or np.shape(theta)[-1] != ends[-1]:
        raise ValueError(
            f"theta must have shape ({ends[-1]},), the components of "
            f"{', '.join(names)}, but has shape {np.shape(theta)}"
        )
    pieces = np.split(np.asarray(theta), ends[:-1], axis=-1)
    return {
        name: piece.reshape(*piece.shape[:-1], *np.shape(like[name])).copy()
        for name, piece in zip(names, pieces, strict=True)
    }


def names_of_components(parameters: Mapping[str, Array]) -> list[str]:
    """Name every component of the vector, in its order.

    Parameters
    ----------
    parameters : mapping of str to ndarray
        As for `to_vector`.

    Returns
    -------
    list of str, n of them
        "W1[0, 0]", "W1[0, 1]", ..., "b1[0]", ...: a bias by its unit alone, as its array
        of shape (n_l, 1) has one column.

    Raises
    ------
    ValueError
        If there is no array, or a key has another form.
    """
    return [
        f"{name}{list(index)}"
        for name in _ordered(parameters)
        for index in np.ndindex(_indexed_shape(name, np.shape(parameters[name])))
    ]


def _is_size(size: object) -> bool:
    return isinstance(size, (int, np.integer)) and not isinstance(size, bool) and int(size) > 0


def _indexed_shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:-1] if "b" in name and shape[1:] == (1,) else shape


def _ordered(parameters: Mapping[str, Array]) -> list[str]:
    """Sort the keys by the number of the layer (10 after 9), W before b."""
    order = {name: _place(name) for name in parameters}
    if len({prefix for prefix, _, _ in order.values()}) != 1:
        raise ValueError(
            "parameters must be W1, b1, W2, ... or, for gradients, dW1, db1, dW2, ..., "
            f"but the keys are {list(parameters)}"
        )
    return sorted(order, key=lambda name: order[name][1:])


def _place(name: str) -> tuple[str, int, str]:
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise ValueError(
            f"the keys of parameters must be W1, b1, W2, ... or dW1, db1, dW2, ..., not {name!r}"
        )
    return parts[1], int(parts[3]), parts[2]
