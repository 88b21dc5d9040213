"""Gradient descent on all examples, kept as a trace.

    theta = theta - alpha dtheta

A trace holds the parameters of every iteration in arrays with one more dimension in front,
which `Network.cost` takes as they are: the cost of all iterations is one call.

References
----------
- Andrew Ng, "Neural Networks and Deep Learning", week 2, "Gradient descent".
"""

from collections.abc import Callable, Mapping
from math import isfinite

import numpy as np

from deepdials.core.functions import Array


def descend(
    gradients: Callable[[dict[str, Array]], Mapping[str, Array]],
    parameters: Mapping[str, Array],
    learning_rate: float,
    iterations: int,
) -> dict[str, Array]:
    """Follow the gradients downhill, and keep every step.

        W[l] = W[l] - alpha dW[l],    b[l] = b[l] - alpha db[l]

    Parameters
    ----------
    gradients : callable
        From a dict of parameters to {"dW1": ..., "db1": ..., ...}, each with the shape of its
        parameter. It is trusted: what it says is what is followed, right or wrong.
    parameters : mapping of str to ndarray
        Where to start: W1, b1, ..., of any shape. Left untouched.
    learning_rate : float
        alpha, positive.
    iterations : int
        Steps, at least 0.

    Returns
    -------
    dict of str to ndarray
        For each parameter its values, shape (iterations + 1, ...), the start first.

    Raises
    ------
    ValueError
        If learning_rate is not positive and finite, or iterations is negative.
    """
    if not (learning_rate > 0 and isfinite(learning_rate)):
        raise ValueError(f"learning_rate must be positive and finite, not {learning_rate!r}")
    if iterations < 0:
        raise ValueError(f"iterations must be at least 0, not {iterations!r}")
    steps = [dict(parameters)]
    for _ in range(iterations):
        theta, grad = steps[-1], gradients(dict(steps[-1]))
        steps.append(
            {name: array - learning_rate * grad[f"d{name}"] for name, array in theta.items()}
        )
    return {name: np.stack([theta[name] for theta in steps]) for name in parameters}


def at_iteration(trace: Mapping[str, Array], iteration: int) -> dict[str, Array]:
    """Return the parameters of one iteration of a trace.

    Parameters
    ----------
    trace : mapping of str to ndarray
        Arrays of shape (iterations + 1, ...), as from `descend`.
    iteration : int
        0 is the start.

    Returns
    -------
    dict of str to ndarray
        Copies, without the dimension of the iterations.

    Raises
    ------
    ValueError
        If the trace has no such iteration.
    """
    last = min(len(array) for array in trace.values()) - 1
    if iteration not in range(last + 1):
        raise ValueError(f"the trace has the iterations 0 to {last}, not {iteration!r}")
    return {name: array[iteration].copy() for name, array in trace.items()}
