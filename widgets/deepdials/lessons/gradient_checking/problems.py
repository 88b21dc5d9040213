"""The networks that can be chosen, with their data: the course's exercise first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from deepdials.core.descent import at_iteration, descend
from deepdials.core.dropout import NO_DROPOUT, Dropout, draw_masks
from deepdials.core.functions import Array
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

NETWORKS = {
    "exercise": "4-5-3-1, the course's",
    "square": "4-4-4-1, b = 0",
    "wide": "20-50-18-3, softmax",
    "deep": "12 layers, 25 steps trained",
}
SIZES = {
    "square": (4, 4, 4, 1),
    "wide": (20, 50, 18, 3),
    "deep": (4,) * 12 + (1,),
}
# Few, for 2,025 parameters: nudging them all is to keep up with a dragged dial.
EXAMPLES = {"square": 16, "wide": 6, "deep": 16}
STEPS, ALPHA = 25, 1.0


@dataclass(frozen=True, eq=False)
class Problem:
    """A network, its parameters, and a batch: X (n_x, m), Y (n_L, m)."""

    net: Network
    parameters: Mapping[str, Array]
    X: Array
    Y: Array
    dropout: Dropout


@lru_cache(maxsize=4)
def problem(network: str, activation: str, scale: float, keep_prob: float) -> Problem:
    """Return a named network with its weights times ``scale`` and one fixed set of masks."""
    made = _exercise(activation) if network == "exercise" else _drawn(network, activation)
    if network == "deep":
        made = _trained(made)
    scaled = {name: a * scale if name[0] == "W" else a for name, a in made.parameters.items()}
    dropout = _masks(made.net, keep_prob, made.X.shape[1])
    return Problem(made.net, scaled, made.X, made.Y, dropout)


def _masks(net: Network, keep_prob: float, m: int) -> Dropout:
    if keep_prob == 1:
        return NO_DROPOUT
    hidden = {layer: keep_prob for layer in range(1, net.L)}
    return draw_masks(net.layer_sizes, hidden, m, np.random.default_rng(7))


def _exercise(activation: str) -> Problem:
    """Return the 47 parameters of the course's exercise, from NumPy's legacy generator."""
    rng = np.random.RandomState(1)
    X = rng.randn(4, 3)
    shapes = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
    parameters = {name: rng.randn(*shape) for name, shape in shapes.items()}
    Y = np.array([[1.0, 1.0, 0.0]])
    return Problem(Network((4, 5, 3, 1), activation), parameters, X, Y, NO_DROPOUT)


def _trained(at: Problem) -> Problem:
    """Take a few steps of gradient descent: then the gradients are small."""
    slopes = partial(at.net.gradients, X=at.X, Y=at.Y)
    trace = descend(slopes, at.parameters, ALPHA, STEPS)
    return replace(at, parameters=at_iteration(trace, STEPS))


def _drawn(network: str, activation: str) -> Problem:
    rng, sizes = np.random.default_rng(3), SIZES[network]
    many = sizes[-1] > 1
    net = Network(sizes, activation, "softmax" if many else "sigmoid")
    m = EXAMPLES[network]
    X = rng.standard_normal((sizes[0], m))
    labels = rng.integers(0, max(sizes[-1], 2), m)
    Y = np.eye(sizes[-1])[labels].T if many else labels[None, :].astype(float)
    return Problem(net, initialize(sizes, "xavier", rng=rng), X, Y, NO_DROPOUT)
