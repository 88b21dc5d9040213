"""Functions of one variable to differentiate, each with its first three derivatives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Elementwise: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True)
class Function:
    """A function J of one variable and its exact derivatives, all elementwise.

    Each callable takes an array of any shape and returns one of the same shape and
    dtype (float32 or float64). `value` takes complex arrays as well.

    Attributes
    ----------
    name : str
        The key in `FUNCTIONS`.
    formula : str
        J as a person would write it.
    value, first, second, third : callable
        J, J', J'' and J'''.
    kink : float or None
        Where J has no derivative, if anywhere. There `first` is 0 by the usual
        convention, and so are `second` and `third`.
    """

    name: str
    formula: str
    value: Elementwise
    first: Elementwise
    second: Elementwise
    third: Elementwise
    kink: float | None = None


def cube(theta: Array) -> Array:
    """theta**3, for an array of any shape."""
    # Products and not a power: IEEE products are the same on every machine.
    return theta * theta * theta


def sigmoid(theta: Array) -> Array:
    """1 / (1 + exp(-theta)), without overflow, for an array of any shape.

    A complex theta is branched on its real part, so that the result is analytic.
    """
    negative = np.real(theta) < 0
    decay = np.exp(np.where(negative, theta, -theta))
    value: Array = np.where(negative, decay, 1) / (1 + decay)
    return value


def sigmoid_slope(theta: Array) -> Array:
    """sigmoid'(theta) = s (1 - s), for an array of any shape."""
    # 1 - s is sigmoid(-theta); subtracted, it has no digits left once s rounds to 1.
    return sigmoid(theta) * sigmoid(-theta)


def tanh_slope(theta: Array) -> Array:
    """tanh'(theta) = 1 - tanh(theta)**2, for an array of any shape."""
    # By way of the sigmoid, as the difference would cancel where tanh is near 1.
    return 4 * sigmoid_slope(2 * theta)


def absolute(theta: Array) -> Array:
    """|theta|, for an array of any shape.

    A complex theta is branched on its real part; its modulus would not be analytic.
    """
    value: Array = theta * np.sign(np.real(theta))
    return value


def relu(theta: Array) -> Array:
    """max(0, theta), for an array of any shape.

    A complex theta is branched on its real part.
    """
    value: Array = np.where(np.real(theta) <= 0, 0, theta)
    return value


_LIST = (
    Function(
        name="theta**3",
        formula="theta³",
        value=cube,
        first=lambda theta: 3 * theta * theta,
        second=lambda theta: 6 * theta,
        third=lambda theta: np.full_like(theta, 6),
    ),
    Function(
        name="sin",
        formula="sin theta",
        value=np.sin,
        first=np.cos,
        second=lambda theta: -np.sin(theta),
        third=lambda theta: -np.cos(theta),
    ),
    Function(
        name="exp",
        formula="exp theta",
        value=np.exp,
        first=np.exp,
        second=np.exp,
        third=np.exp,
    ),
    Function(
        name="sigmoid",
        formula="1 / (1 + exp(-theta))",
        value=sigmoid,
        first=sigmoid_slope,
        second=lambda theta: -sigmoid_slope(theta) * np.tanh(theta / 2),
        third=lambda theta: sigmoid_slope(theta) * (1 - 6 * sigmoid_slope(theta)),
    ),
    Function(
        name="tanh",
        formula="tanh theta",
        value=np.tanh,
        first=tanh_slope,
        second=lambda theta: -2 * np.tanh(theta) * tanh_slope(theta),
        third=lambda theta: 2 * tanh_slope(theta) * (3 * np.tanh(theta) ** 2 - 1),
    ),
    Function(
        name="abs",
        formula="|theta|",
        value=absolute,
        first=np.sign,
        second=np.zeros_like,
        third=np.zeros_like,
        kink=0.0,
    ),
    Function(
        name="relu",
        formula="max(0, theta)",
        value=relu,
        first=lambda theta: np.heaviside(theta, 0),
        second=np.zeros_like,
        third=np.zeros_like,
        kink=0.0,
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({each.name: each for each in _LIST})
