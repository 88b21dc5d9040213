"""Where the weights start.

A unit that sums n_in inputs of variance 1 with weights of variance v gives a signal of
variance n_in v. The schemes choose v so that the signal neither fades nor grows from layer
to layer.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", week 3, "Random initialization", and
  "Improving Deep Neural Networks", week 1, "Weight initialization for deep networks".
- Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
  feedforward neural networks", AISTATS 2010.
- Kaiming He et al., "Delving Deep into Rectifiers: Surpassing Human-Level Performance on
  ImageNet Classification", ICCV 2015.
- Andrew M. Saxe, James L. McClelland and Surya Ganguli, "Exact solutions to the nonlinear
  dynamics of learning in deep linear neural networks", ICLR 2014.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, sqrt
from types import MappingProxyType

import numpy as np

from deepdials.core.functions import Array
from deepdials.core.parameters import shapes_of_parameters

SCALES: Mapping[str, Callable[[int, int], float]] = MappingProxyType(
    {
        "zeros": lambda n_in, n_out: 0.0,
        "small": lambda n_in, n_out: 0.01,
        "he": lambda n_in, n_out: sqrt(2 / n_in),
        "xavier": lambda n_in, n_out: sqrt(1 / n_in),
        "glorot": lambda n_in, n_out: sqrt(2 / (n_in + n_out)),
        "orthogonal": lambda n_in, n_out: sqrt(1 / max(n_in, n_out)),
    }
)


def scale(scheme: str, n_in: int, n_out: int) -> float:
    """Return the standard deviation of an entry of W, shape (n_out, n_in).

        zeros         0
        small         0.01
        he            sqrt(2 / n_in)              keeps the signal through relu
        xavier        sqrt(1 / n_in)              keeps it through tanh near 0
        glorot        sqrt(2 / (n_in + n_out))    the same, with the way back in mind
        orthogonal    sqrt(1 / max(n_in, n_out))

    Parameters
    ----------
    scheme : str
        One of `SCALES`.
    n_in, n_out : int
        Units of the layer before, and of the layer itself, at least 1.

    Returns
    -------
    float
        The standard deviation.

    Raises
    ------
    ValueError
        If the scheme is unknown, or a layer has no unit.
    """
    if scheme not in SCALES:
        raise ValueError(f"scheme must be one of {', '.join(map(repr, SCALES))}, not {scheme!r}")
    if n_in < 1 or n_out < 1:
        raise ValueError(f"n_in and n_out must be at least 1, not {n_in} and {n_out}")
    return SCALES[scheme](n_in, n_out)


def initialize(
    layer_sizes: Sequence[int],
    scheme: str = "he",
    multiplier: float = 1.0,
    *,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Draw the weights of a network; its biases start at 0.

        W = multiplier * scale * standard normal numbers

    but for "orthogonal", where W is multiplier times a random matrix whose rows, or columns
    if it is taller than wide, are orthonormal. From the same seed the schemes but the last
    give the same W, up to the scale.

    Parameters
    ----------
    layer_sizes : sequence of int
        (n_x, n_1, ..., n_L).
    scheme : str
        One of `SCALES`. Glorot and Bengio drew uniform numbers; here they are normal, with
        the same variance.
    multiplier : float
        What all weights are multiplied by, at least 0.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to ndarray
        W1, shape (n_1, n_x), b1, shape (n_1, 1), W2, ..., in float64.

    Raises
    ------
    ValueError
        If layer_sizes is not two or more positive integers, the scheme is unknown, or the
        multiplier negative or not finite.
    """
    if not (multiplier >= 0 and isfinite(multiplier)):
        raise ValueError(f"multiplier must be finite and at least 0, not {multiplier!r}")
    return {
        name: multiplier * _weights(scheme, shape, rng) if name[0] == "W" else np.zeros(shape)
        for name, shape in shapes_of_parameters(layer_sizes).items()
    }


def _weights(scheme: str, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    n_out, n_in = shape
    deviation = scale(scheme, n_in, n_out)
    normal = rng.standard_normal(shape)
    if scheme == "orthogonal":
        return _orthonormal(normal)
    # The sum turns -0.0, which "zeros" gives, into 0.0.
    return deviation * normal + 0.0


def _orthonormal(normal: Array) -> Array:
    """Orthonormal rows or columns, whichever are fewer, without a preferred direction."""
    wide = normal.shape[0] < normal.shape[1]
    Q, R = np.linalg.qr(normal.T if wide else normal)
    # QR leaves the signs open, and LAPACK's choice is not uniform: Francesco Mezzadri, "How
    # to generate random matrices from the classical compact groups", Notices of the AMS
    # 54(5), 2007, section 5.
    Q = Q * np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q.T if wide else Q
