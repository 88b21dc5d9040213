"""Gradient checking: backprop against the two-sided difference, component by component.

The rounding in gradapprox is estimated as follows. With u the spacing of floats at 1, J is
off by about u |J|, or by more if it subtracts on its way (as 1 - A does in a cross-entropy);
so it is measured too, as three times the standard deviation of J over a few u. theta +
epsilon is off by u |theta|, which the slope passes on to J. Divided by the distance of the
two points, as in `numerical_gradients`, that makes of each component

    noise = (max(u |J|, 3 sd) + u |theta| max(|grad|, |gradapprox|)) / epsilon

The first term is the same for all n components. Of the difference, which has
||grad|| + ||gradapprox|| under the line, it alone makes

    u |J| / epsilon sqrt(n) / (||grad|| + ||gradapprox||)

so that small gradients are hard to check: those of a deep network, or late in training.
Truncation, of order epsilon**2, and kinks between the two points are not counted.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Numerical approximation of
  gradients", "Gradient checking" and "Gradient checking implementation notes".
- Jorge J. Moré and Stefan M. Wild, "Estimating Computational Noise", SIAM Journal on
  Scientific Computing 33(3), 2011, 1292-1314.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from math import isfinite
from re import fullmatch
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from deepdials.core.functions import Array
from deepdials.core.gradient_report import GradientReport, component_name

Cost: TypeAlias = Callable[[dict[str, Array]], Any]

# A cost that adds in another order at the second call is still the same cost.
_SAME = 100
# Values of J for an estimate of its rounding, to within a third.
_SCATTER = 10


def check_gradients(
    cost: Cost,
    parameters: Mapping[str, ArrayLike],
    gradients: Mapping[str, ArrayLike],
    epsilon: float = 1e-7,
) -> GradientReport:
    """Compare gradients with two-sided differences of the cost.

        gradapprox[i] = (J(..., theta_i + epsilon, ...) - J(..., theta_i - epsilon, ...))
                        / (2 epsilon)

        difference = ||grad - gradapprox|| / (||grad|| + ||gradapprox||)

    for every component i of every parameter, two evaluations of the cost each (Andrew Ng,
    "Improving Deep Neural Networks", week 1, "Gradient checking").

    Parameters
    ----------
    cost : callable
        J of a dict with the keys and shapes of `parameters`: one real number. It is given
        a copy, changed in place from call to call, and must not change it itself. The same
        parameters must give the same cost: with dropout, fix the masks or turn it off.
    parameters : mapping of str to array_like
        Arrays of floats, of any names and shapes, scalars included. Left untouched.
    gradients : mapping of str to array_like
        Backprop's result, of the same shapes, keyed "dW1" or "W1" for a parameter W1. The
        intermediate results of backprop, keyed dZ1, dA1, ..., are ignored.
    epsilon : float
        The step, positive.

    Returns
    -------
    GradientReport
        With 2 n + 12 evaluations for n components: two see whether the cost is the same
        twice, ten how it is rounded.

    Raises
    ------
    ValueError
        If parameters are not floats, or not finite; if gradients lack a parameter, have a
        key that belongs to none, another shape, or a component that is not finite; if the
        cost is not one finite real number, changes from call to call, or changes its
        parameters; if epsilon is not positive and finite. What the cost raises passes
        through.
    """
    theta = _copies(parameters)
    grad = paired(gradients, theta)
    epsilon = _positive(epsilon)
    J = _Cost(cost, theta)
    value = J.at_theta()
    rounding = J.rounding(value)
    gradapprox = {name: _slopes(J, name, epsilon) for name in theta}
    J.must_not_have_changed_theta()
    noise = {
        name: expected_noise(array, grad[name], gradapprox[name], rounding, epsilon)
        for name, array in theta.items()
    }
    wide = {name: array.astype(np.float64) for name, array in theta.items()}
    return GradientReport("two-sided", epsilon, value, wide, grad, gradapprox, noise, J.evaluations)


def rounding_of(cost: Cost, parameters: Mapping[str, ArrayLike]) -> float:
    """Measure the size of the rounding in a cost, which a check divides by epsilon.

        max(u |J|, 3 standard deviations of J within a few u of the parameters)

    The second is the larger where J loses digits on its way, as log(1 - A) does near A = 1.

    Parameters
    ----------
    cost, parameters
        As for `check_gradients`.

    Returns
    -------
    float
        As large as J's own rounding, to a factor of about 10.

    Raises
    ------
    ValueError
        If cost or parameters are not what `check_gradients` takes.
    """
    J = _Cost(cost, _copies(parameters))
    return J.rounding(J.at_theta())


def paired(gradients: Mapping[str, ArrayLike], parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Find the gradient of each parameter, and check it.

    Parameters
    ----------
    gradients : mapping of str to array_like
        Keyed "dW1" or "W1" for a parameter W1. dZ1, dA1, ... are ignored.
    parameters : mapping of str to ndarray
        Their names and shapes.

    Returns
    -------
    dict of str to ndarray
        Copies in float64, keyed and ordered as the parameters are.

    Raises
    ------
    ValueError
        If a parameter has no gradient, a key belongs to no parameter, a shape is not the
        parameter's, or a component is not a finite real number.
    """
    if not isinstance(gradients, Mapping):
        raise ValueError(f"gradients must be a dict of arrays, not {_kind(gradients)}")
    keys = {name: _key(name, gradients) for name in parameters}
    used = {key for key in keys.values() if key is not None}
    left = [key for key in gradients if key not in used and not _intermediate(key)]
    missing = [name for name, key in keys.items() if key is None]
    if missing or left:
        raise ValueError(_misfit(missing, left))
    return {
        name: _gradient(name, key, gradients[key], parameters[name].shape)
        for name, key in keys.items()
        if key is not None
    }


class _Cost:
    """The caller's cost of our own copy of theta, counted, and held to what it must be."""

    def __init__(self, cost: Cost, theta: dict[str, Array]):
        if not callable(cost):
            raise ValueError(f"cost must be a function of the parameters, not {_kind(cost)}")
        self.cost, self.theta, self.evaluations = cost, theta, 0
        self.original = {name: array.copy() for name, array in theta.items()}
        self.precision: np.dtype[Any] = np.dtype(np.float64)

    def __call__(self, where: Callable[[], str]) -> float:
        self.evaluations += 1
        # A dict of its own, as a cost may well rebind the keys of the one that it is given.
        value = self.cost(dict(self.theta))
        number = value if isinstance(value, float) else self._one_number(value)
        if not isfinite(number):
            raise ValueError(f"cost must be finite, but {where()} it is {number}")
        return number

    def _one_number(self, value: Any) -> float:
        array = _array(value)
        if array.size != 1 or array.dtype.kind not in "biuf":
            hint = "; if it returns more than the cost, check lambda p: cost(p)[0]"
            raise ValueError(
                f"cost must return one real number, not {_kind(value)}"
                f"{hint if isinstance(value, tuple) else ''}"
            )
        self.precision = array.dtype if array.dtype.kind == "f" else self.precision
        return float(array.item())

    def at_theta(self) -> float:
        """J, once it is seen to be the same twice."""
        value = self(lambda: "at these parameters")
        self.must_not_have_changed_theta()
        again = self(lambda: "at these parameters")
        if abs(value - again) > _SAME * self.u(value) * abs(value):
            raise ValueError(
                f"cost must give the same value for the same parameters, but gave {value} and "
                f"then {again}; a random mask is the usual cause: fix the masks of dropout, or "
                "turn it off"
            )
        return float(value)

    def u(self, value: float) -> float:
        """Spacing of floats at 1, in the precision of J."""
        coarsest = max((array.dtype for array in self.theta.values()), key=_eps)
        with np.errstate(over="ignore"):
            # Computed in float32, it may well be returned as a Python float.
            fits = coarsest.type(value) == value
        return max(_eps(self.precision), _eps(coarsest) if fits else 0)

    def rounding(self, value: float) -> float:
        """Size of the rounding in J: a bound for a good J, or what is seen of a worse one."""
        return max(self.u(value) * abs(value), 3 * self.scatter())

    def scatter(self) -> float:
        """Estimate the standard deviation of the rounding in J.

        Seen along a line that is a few u long: over so short a way J is straight, and its
        second differences are noise alone, of six times its variance.
        """
        values = []
        for steps in range(_SCATTER):
            for name, array in self.original.items():
                # Whole spacings, so that the arguments are not rounded too.
                self.theta[name][...] = array + 4 * steps * np.spacing(array)
            values.append(self(lambda: "a few roundings away from these parameters"))
        for name, array in self.original.items():
            self.theta[name][...] = array
        return float(np.sqrt(np.mean(np.diff(values, 2) ** 2) / 6))

    def must_not_have_changed_theta(self) -> None:
        changed = [
            name
            for name, array in self.original.items()
            if not np.array_equal(array, self.theta[name])
        ]
        if changed:
            raise ValueError(
                f"cost must not change its parameters, but it changed {', '.join(changed)}; "
                "let it work on a copy"
            )


def _slopes(J: _Cost, name: str, epsilon: float) -> Array:
    """Gradapprox of all components of one array, which is left as it was."""
    shape = J.theta[name].shape
    # A view, as the copies are contiguous: J sees what is written here.
    theta = J.theta[name].reshape(-1)
    gradapprox = np.empty(theta.size)
    for i, value in enumerate(theta.copy()):
        theta[i] = value + epsilon
        right = J(partial(_place, name, shape, i, "raised"))
        theta[i] = value - epsilon
        left = J(partial(_place, name, shape, i, "lowered"))
        theta[i] = value
        gradapprox[i] = (right - left) / (2 * epsilon)
    return gradapprox.reshape(shape)


def _place(name: str, shape: tuple[int, ...], i: int, moved: str) -> str:
    return f"with {component_name(name, shape, i)} {moved} by epsilon"


def expected_noise(
    theta: Array, grad: Array, gradapprox: Array, rounding: float, epsilon: float
) -> Array:
    """Estimate what rounding makes of a two-sided difference.

        noise = (rounding + u |theta| max(|grad|, |gradapprox|)) / epsilon

    Parameters
    ----------
    theta : ndarray
        With the precision that the cost was computed in, which gives u.
    grad, gradapprox : ndarray, theta's shape
    rounding : float
        Size of the rounding errors in J, about u |J| or more.
    epsilon : float

    Returns
    -------
    ndarray, theta's shape, float64
        Most errors are a tenth to a half of it.
    """
    slope = np.maximum(np.abs(grad), np.abs(gradapprox))
    step = _eps(theta.dtype) * np.abs(theta).astype(np.float64)
    noise: Array = (rounding + step * slope) / epsilon
    return noise


def _eps(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps)


def _copies(parameters: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """Contiguous copies of theta, checked."""
    if not isinstance(parameters, Mapping) or not parameters:
        raise ValueError(f"parameters must be a dict of arrays, not {_kind(parameters)}")
    arrays = {name: _array(value) for name, value in parameters.items()}
    for name, array in arrays.items():
        if array.dtype.kind in "biu":
            raise ValueError(
                f"{name} must hold floats, as an integer does not move by epsilon, but holds "
                f"{array.dtype}; use {name}.astype(float)"
            )
        must_be_finite(name, name, array)
    return {name: np.array(array, order="C") for name, array in arrays.items()}


def _key(name: str, gradients: Mapping[str, ArrayLike]) -> str | None:
    return next((key for key in (f"d{name}", name) if key in gradients), None)


def _intermediate(key: str) -> bool:
    return fullmatch(r"d[AZ]\d+", str(key)) is not None


def _misfit(missing: list[str], left: list[str]) -> str:
    """Say which keys are wrong, and what each might have been meant to be."""
    parts = [f"there is none for {name}" for name in missing]
    wanted = {f"d{name}".casefold(): f"d{name}" for name in missing}
    for key in left:
        nearest = get_close_matches(str(key).casefold(), wanted, n=1, cutoff=0.3)
        meant = f": is it {wanted[nearest[0]]}?" if nearest else ""
        parts.append(f"{key!r} belongs to no parameter{meant}")
    return (
        "gradients must hold one array for each parameter, dW1 or W1 for W1, "
        f"but {', and '.join(parts)}"
    )


def _gradient(name: str, key: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
    array = _array(value)
    if array.shape != shape:
        transposed = "; it looks transposed" if array.shape == shape[::-1] else ""
        raise ValueError(
            f"{key} must have the shape of {name}, {shape}, but has shape {array.shape}{transposed}"
        )
    must_be_finite(key, name, array)
    return np.array(array, dtype=np.float64)


def must_be_finite(key: str, name: str, array: Array) -> None:
    """Raise if an array does not hold finite real numbers.

    Parameters
    ----------
    key : str
        What the array is, for the message.
    name : str
        The parameter that its components are named after.
    array : ndarray

    Raises
    ------
    ValueError
        Naming the first component that is not finite.
    """
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{key} must hold real numbers, not {array.dtype}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        first = component_name(name, array.shape, int(wrong[0]))
        more = f", and {wrong.size - 1} more are not" if wrong.size > 1 else ""
        raise ValueError(f"{key} must be finite, but at {first} it is {array.flat[wrong[0]]}{more}")


def _positive(epsilon: float) -> float:
    step = _array(epsilon)
    if step.shape != () or step.dtype.kind not in "iuf" or not (step > 0 and np.isfinite(step)):
        raise ValueError(f"epsilon must be a positive and finite number, not {epsilon!r}")
    return float(step)


def _array(value: Any) -> Array:
    try:
        return np.asarray(value)
    except ValueError:
        # A ragged list, or a tuple of a cost and arrays.
        return np.asarray(None)


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if value is None or value == {}:
        return repr(value)
    return f"{'an' if type(value).__name__[0] in 'aeiou' else 'a'} {type(value).__name__}"
