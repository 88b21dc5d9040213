"""The activation functions g of a layer, each with its slope g'.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", week 3, "Activation functions" and
  "Derivatives of activation functions".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from deepdials.core.functions import Array, Elementwise, relu, sigmoid, sigmoid_slope, tanh_slope


@dataclass(frozen=True)
class Activation:
    """An activation g and its slope g', both elementwise.

    Each callable takes an array of any shape and returns one of the same shape and
    dtype (float32 or float64). `value` takes complex arrays as well, branched on the
    real part, so that a complex step goes through it.

    Attributes
    ----------
    name : str
        The key in `ACTIVATIONS`.
    value, slope : callable
        A = g(Z) and g'(Z).
    """

    name: str
    value: Elementwise
    slope: Elementwise


def identity(Z: Array) -> Array:
    """Z itself, for an array of any shape."""
    return Z


def relu_slope(Z: Array) -> Array:
    """1 where Z > 0, else 0, for an array of any shape: at the kink it is 0."""
    return np.heaviside(Z, 0)


_LIST = (
    Activation("relu", value=relu, slope=relu_slope),
    Activation("tanh", value=np.tanh, slope=tanh_slope),
    Activation("sigmoid", value=sigmoid, slope=sigmoid_slope),
    Activation("identity", value=identity, slope=np.ones_like),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({each.name: each for each in _LIST})
