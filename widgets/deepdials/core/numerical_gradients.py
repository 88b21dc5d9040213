"""Derivatives from values alone, and how far they can be trusted.

A difference quotient has two errors. The formula's own, the truncation, shrinks with
epsilon; that of the arithmetic, the rounding, grows as 1 / epsilon. The best epsilon
is where they meet.

In this module J maps arrays elementwise. theta and epsilon broadcast, so that a whole
error curve is one call. Everything is computed in the precision of theta: epsilon, the
slope and the derivative are cast to it. Integers count as float64.

The rounding floor is derived as follows. With u the spacing of floats at 1
(np.finfo(dtype).eps), every operation is right to u/2, relatively, and J is taken to
be right to u. Then, to first order in u:

- the two values of J are off by u |J(right)| and u |J(left)|;
- their arguments are off by u/2 (|theta| + epsilon), which the slope passes on to the
  values;
- the subtraction and the division cost u |gradapprox|, and gradapprox is itself a
  slope of J between the two points, by the mean value theorem.

The first two are divided by the distance of the points, epsilon or 2 epsilon. The terms
in the slope are counted twice, so that |J'| may double within epsilon of theta. NumPy's
functions are right to u but for exp in float32, which is right to 1.7 u: with it a few
points in a million pass the bound, by a tenth.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Numerical approximation of
  gradients".
- Nicholas J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition,
  SIAM 2002, chapter 2, for the model of rounding.
- Press et al., "Numerical Recipes", 3rd edition, Cambridge 2007, section 5.7, and
  Jorge Nocedal and Stephen J. Wright, "Numerical Optimization", 2nd edition, Springer
  2006, section 8.1, for the best epsilon.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Real: TypeAlias = NDArray[np.floating[Any]]
Elementwise: TypeAlias = Callable[[NDArray[Any]], NDArray[Any]]


def one_sided(J: Elementwise, theta: ArrayLike, epsilon: ArrayLike) -> Real:
    """Estimate J'(theta) from one step forward.

        gradapprox = (J(theta + epsilon) - J(theta)) / epsilon

    Its truncation error is of first order, O(epsilon).

    Parameters
    ----------
    J : callable, elementwise
    theta, epsilon : array_like, shapes that broadcast
        Where to differentiate, and the step, positive.

    Returns
    -------
    ndarray, the broadcast shape
        gradapprox.

    Raises
    ------
    ValueError
        If theta is not real, or epsilon not positive and finite in theta's precision.
    """
    theta = _real("theta", theta)
    epsilon = _step("epsilon", epsilon, theta)
    return (J(theta + epsilon) - J(theta)) / epsilon


def two_sided(J: Elementwise, theta: ArrayLike, epsilon: ArrayLike) -> Real:
    """Estimate J'(theta) from a step to either side.

        gradapprox = (J(theta + epsilon) - J(theta - epsilon)) / (2 epsilon)

    Its truncation error is of second order, O(epsilon**2): the terms in J'' cancel.

    Parameters
    ----------
    J : callable, elementwise
    theta, epsilon : array_like, shapes that broadcast
        Where to differentiate, and the step, positive.

    Returns
    -------
    ndarray, the broadcast shape
        gradapprox.

    Raises
    ------
    ValueError
        If theta is not real, or epsilon not positive and finite in theta's precision.
    """
    theta = _real("theta", theta)
    epsilon = _step("epsilon", epsilon, theta)
    return (J(theta + epsilon) - J(theta - epsilon)) / (2 * epsilon)


def complex_step(J: Elementwise, theta: ArrayLike, step: ArrayLike = 1e-30) -> Real:
    """Estimate J'(theta) from a step along the imaginary axis.

        gradapprox = Im J(theta + i step) / step

    Its truncation error is O(step**2), and nothing is subtracted: the step can be tiny,
    and the result is as accurate as J itself (William Squire and George Trapp, "Using
    Complex Variables to Estimate Derivatives of Real Functions", SIAM Review 40(1),
    1998, 110-112).

    Parameters
    ----------
    J : callable, elementwise
        Analytic around theta. |theta| written with np.abs is not, as it takes the
        modulus: write it as a branch on the real part.
    theta, step : array_like, shapes that broadcast
        Where to differentiate, and the step, positive. A float32 theta is computed in
        complex64, where derivatives are resolved down to 1.4e-45 / step.

    Returns
    -------
    ndarray, the broadcast shape
        gradapprox, real.

    Raises
    ------
    ValueError
        If theta is not real, step not positive and finite, or J(theta) not complex.
    """
    theta = _real("theta", theta)
    step = _step("step", step, theta)
    # The complex functions of C call a nan invalid even where it came in with theta.
    with np.errstate(invalid="ignore"):
        value = J(theta + 1j * step)
    if not np.iscomplexobj(value):
        raise ValueError(
            "J must be analytic, but gave real values for a complex theta; "
            "replace np.abs, for one, by a branch on the real part"
        )
    return value.imag / step


def truncation_error(method: str, derivative: ArrayLike, epsilon: ArrayLike) -> Real:
    """Leading term of what the formula would be wrong by in exact arithmetic.

    With its sign, gradapprox - J'(theta), from Taylor's series:

        one-sided    J''(theta) / 2  * epsilon
        two-sided    J'''(theta) / 6 * epsilon**2

    Parameters
    ----------
    method : {"one-sided", "two-sided"}
    derivative, epsilon : array_like, shapes that broadcast
        J''(theta) for one-sided, J'''(theta) for two-sided, and the step, positive. The
        result has the precision of derivative.

    Returns
    -------
    ndarray, the broadcast shape
        The leading error term.

    Raises
    ------
    ValueError
        If method is unknown, derivative not real, or epsilon not positive and finite.
    """
    formula = _formula(method)
    derivative = _real("derivative", derivative)
    epsilon = _step("epsilon", epsilon, derivative)
    return derivative / factorial(formula.order + 1) * epsilon**formula.order


def rounding_floor(
    method: str, J: Elementwise, theta: ArrayLike, epsilon: ArrayLike, slope: ArrayLike
) -> Real:
    """Size that the rounding errors in gradapprox may reach.

        one-sided    u (|J(theta + epsilon)| + |J(theta)|) / epsilon + A
        two-sided    u (|J(theta + epsilon)| + |J(theta - epsilon)|) / (2 epsilon) + A
        A          = u (|theta| + 3 epsilon) |slope| / epsilon

    with u = np.finfo(theta.dtype).eps, as the module's docstring derives. For small
    epsilon that is R / epsilon with the R of `best_epsilon`. The bound is seldom reached:
    in the median the rounding is a tenth of it.

    Parameters
    ----------
    method : {"one-sided", "two-sided"}
    J : callable, elementwise
    theta, epsilon : array_like, shapes that broadcast
        Where to differentiate, and the step, positive.
    slope : array_like, a shape that broadcasts with theta's
        J'(theta), as long as |J'| does not double within epsilon of theta. The largest
        |J'| within epsilon of theta makes it a bound without that condition.

    Returns
    -------
    ndarray, the broadcast shape
        The bound.

    Raises
    ------
    ValueError
        If method is unknown, theta or slope not real, or epsilon not positive and finite.
    """
    formula = _formula(method)
    theta = _real("theta", theta)
    epsilon = _step("epsilon", epsilon, theta)
    right, left = theta + epsilon, theta - formula.back * epsilon
    values = (np.abs(J(right)) + np.abs(J(left))) / formula.width
    arguments = (np.abs(theta) + 3 * epsilon) * np.abs(_like(theta, "slope", slope))
    return np.finfo(theta.dtype).eps * (values + arguments) / epsilon


def best_epsilon(
    method: str, J: Elementwise, theta: ArrayLike, slope: ArrayLike, derivative: ArrayLike
) -> Real:
    """Epsilon where the truncation error and the rounding floor have the least sum.

    With R / epsilon for the `rounding_floor` at small epsilon, which is a bound (typical
    errors are least at an epsilon a few times smaller):

        one-sided    sqrt(2 R / |J''|)        R = u (2 |J| + |theta slope|)
        two-sided    (3 R / |J'''|)**(1/3)    R = u (|J| + |theta slope|)

    Parameters
    ----------
    method : {"one-sided", "two-sided"}
    J : callable, elementwise
    theta, slope, derivative : array_like, shapes that broadcast
        Where to differentiate, J'(theta), and J''(theta) (two-sided: J'''(theta)).

    Returns
    -------
    ndarray, the broadcast shape
        The best epsilon: inf where derivative is 0 (to this order the formula is then
        exact: larger is better), else 0 where J and theta slope are (nothing to round).

    Raises
    ------
    ValueError
        If method is unknown, or theta, slope or derivative is not real.
    """
    formula = _formula(method)
    theta = _real("theta", theta)
    slope, derivative = _like(theta, "slope", slope), _like(theta, "derivative", derivative)
    values, arguments = 2 * np.abs(J(theta)) / formula.width, np.abs(theta * slope)
    R = np.finfo(theta.dtype).eps * (values + arguments)
    # c epsilon**order + R / epsilon is flat where order c epsilon**(order + 1) = R.
    c = np.abs(derivative) / factorial(formula.order + 1)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        flat = (R / (formula.order * c)) ** (1 / (formula.order + 1))
    best: Real = np.where(derivative == 0, np.inf, flat)
    return best


@dataclass(frozen=True)
class _Formula:
    """Steps back to the left point, steps between the two points, order of accuracy."""

    back: int
    width: int
    order: int


_FORMULAS = {
    "one-sided": _Formula(back=0, width=1, order=1),
    "two-sided": _Formula(back=1, width=2, order=2),
}


def _formula(method: str) -> _Formula:
    if method not in _FORMULAS:
        raise ValueError(f"method must be one of {', '.join(map(repr, _FORMULAS))}, not {method!r}")
    return _FORMULAS[method]


def _real(name: str, value: ArrayLike) -> Real:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be real numbers, not {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _like(theta: Real, name: str, value: ArrayLike) -> Real:
    # A number too large for float32 becomes inf, which the callers judge.
    with np.errstate(over="ignore"):
        return _real(name, value).astype(theta.dtype)


def _step(name: str, value: ArrayLike, theta: Real) -> Real:
    step = _like(theta, name, value)
    if not np.all((step > 0) & np.isfinite(step)):
        raise ValueError(f"{name} must be positive and finite in {theta.dtype}, not {value!r}")
    return step
