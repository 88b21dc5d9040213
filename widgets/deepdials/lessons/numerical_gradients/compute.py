"""What one setting of the dials gives: both differences, their errors, and the theory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepdials.core.functions import FUNCTIONS, Function
from deepdials.core.numerical_gradients import (
    best_epsilon,
    one_sided,
    rounding_floor,
    truncation_error,
    two_sided,
)
from deepdials.core.tangent import above_tangent

Array = NDArray[np.float64]

LOW, HIGH, PER_DECADE = 1e-12, 1.0, 10
EPSILONS = np.array([float(f"{10 ** (k / PER_DECADE):.1e}") for k in range(-12 * PER_DECADE, 1)])
SPAN = 3.0
CURVE = np.linspace(-SPAN, SPAN, 241)
STEPS = np.linspace(-1.4, 1.4, 57)
DIFFERENCES = {"one-sided": one_sided, "two-sided": two_sided}


@dataclass(frozen=True)
class Nudge:
    """One method at theta: at the dial's epsilon, and over all of them, shape (n,)."""

    gradapprox: float
    error: float
    truncation: float
    floor: float
    best: float
    errors: Array
    truncations: Array
    floors: Array


@dataclass(frozen=True)
class Result:
    """Everything that the picture and the caption show.

    ``J_at`` holds J at theta - epsilon, theta, theta + epsilon; ``J`` its curve over
    ``theta_axis``; ``above`` its height over the tangent at ``steps``, both in epsilons.
    """

    function: str
    theta: float
    epsilon: float
    precision: str
    slope: float
    at_kink: bool
    moved: bool
    one_sided: Nudge
    two_sided: Nudge
    J_at: Array
    theta_axis: Array
    J: Array
    steps: Array
    above: Array
    epsilons: Array


def compute(function: str, theta: float, epsilon: float, precision: str) -> Result:
    """Nudge theta by epsilon, once and both ways, in float64 or float32."""
    J = FUNCTIONS[function]
    at, step = np.asarray(theta, precision), np.asarray(epsilon, precision)
    slope = float(J.first(at.astype(np.float64)))
    beside = J.value(np.stack([at - step, at, at + step])).astype(np.float64)
    return Result(
        function=function,
        theta=theta,
        epsilon=epsilon,
        precision=precision,
        slope=slope,
        at_kink=J.kink == theta,
        moved=bool(at + step != at),
        one_sided=_nudge("one-sided", J, at, epsilon),
        two_sided=_nudge("two-sided", J, at, epsilon),
        J_at=beside,
        theta_axis=CURVE,
        J=J.value(CURVE),
        steps=STEPS,
        above=above_tangent(J.value, at, step, slope, STEPS),
        epsilons=EPSILONS,
    )


def _nudge(method: str, J: Function, at: NDArray[np.floating], epsilon: float) -> Nudge:
    theta = at.astype(np.float64)
    slope = J.first(theta)
    derivative = (J.second if method == "one-sided" else J.third)(theta)
    both = np.append(EPSILONS, epsilon)
    gradapprox = DIFFERENCES[method](J.value, at, both).astype(np.float64)
    errors = np.abs(gradapprox - slope)
    truncations = np.abs(truncation_error(method, derivative, both))
    floors = rounding_floor(method, J.value, at, both, slope).astype(np.float64)
    return Nudge(
        gradapprox=float(gradapprox[-1]),
        error=float(errors[-1]),
        truncation=float(truncations[-1]),
        floor=float(floors[-1]),
        best=float(best_epsilon(method, J.value, at, slope, derivative)),
        errors=errors[:-1],
        truncations=truncations[:-1],
        floors=floors[:-1],
    )
