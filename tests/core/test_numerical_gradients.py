from fractions import Fraction

import numpy as np
import pytest

from deepdials.core.functions import FUNCTIONS
from deepdials.core.numerical_gradients import (
    best_epsilon,
    complex_step,
    one_sided,
    rounding_floor,
    truncation_error,
    two_sided,
)

METHODS = {"one-sided": one_sided, "two-sided": two_sided}
ORDER = {"one-sided": 1, "two-sided": 2}
SMOOTH = ("theta**3", "sin", "exp", "sigmoid", "tanh")
DTYPES = (np.float32, np.float64)
FINEST = {np.float32: -6, np.float64: -12}

each_method = pytest.mark.parametrize("method", METHODS)
each_smooth = pytest.mark.parametrize("name", SMOOTH)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def derivative(method, name, theta):
    """J'' for one-sided, J''' for two-sided: what truncation depends on."""
    function = FUNCTIONS[name]
    return (function.second if method == "one-sided" else function.third)(theta)


def decades(dtype):
    return 10.0 ** np.arange(-1, FINEST[dtype] - 1, -1)


def spread(dtype):
    """Thetas small, moderate and large, as a column."""
    rng = np.random.default_rng(5)
    tiny = 10.0 ** np.linspace(-8, -1, 8)
    theta = np.concatenate([[0, 0.5, 1, 2], rng.uniform(-3, 3, 24), [-9.5, 7.3], tiny, -tiny])
    return theta.astype(dtype)[:, np.newaxis]


def around_one(dtype, count=1000):
    return np.random.default_rng(5).uniform(0.9, 1.1, count).astype(dtype)[:, np.newaxis]


def errors(method, name, theta, epsilon):
    """Errors of gradapprox, against a slope in float64."""
    function = FUNCTIONS[name]
    gradapprox = METHODS[method](function.value, theta, epsilon).astype(np.float64)
    return np.abs(gradapprox - function.first(theta.astype(np.float64)))


def steepest(method, name, theta, epsilon):
    """The largest |J'| where the two arguments are rounded."""
    first = FUNCTIONS[name].first
    left = theta - epsilon if method == "two-sided" else theta
    return np.maximum(np.abs(first(theta + epsilon)), np.abs(first(left)))


# The bounds, against arithmetic of 60 digits.


@each_dtype
@each_method
@each_smooth
def test_rounding_stays_under_the_floor(exact, name, method, dtype):
    J, theta, epsilon = FUNCTIONS[name].value, spread(dtype), decades(dtype).astype(dtype)
    gradapprox = METHODS[method](J, theta, epsilon)
    rounding = exact.distance(gradapprox, exact.quotient(name, method, theta, epsilon))
    slope = steepest(method, name, theta, epsilon)
    floor = rounding_floor(method, J, theta, epsilon, slope)
    assert gradapprox.dtype == floor.dtype == dtype
    assert np.all(rounding <= floor)
    # A bound that is a hundred times too wide would hold too, and say nothing.
    assert np.max(rounding / np.maximum(floor, np.finfo(dtype).tiny)) > 0.3


@each_method
@each_smooth
def test_the_slope_at_theta_will_do_where_it_does_not_double(exact, name, method):
    J, theta, epsilon = FUNCTIONS[name].value, spread(np.float64), decades(np.float64)
    slope = FUNCTIONS[name].first(theta)
    calm = steepest(method, name, theta, epsilon) <= 2 * np.abs(slope)
    assert calm.sum() > calm.size / 2
    gradapprox = METHODS[method](J, theta, epsilon)
    rounding = exact.distance(gradapprox, exact.quotient(name, method, theta, epsilon))
    assert np.all((rounding <= rounding_floor(method, J, theta, epsilon, slope))[calm])


@each_method
@each_smooth
def test_total_error_stays_under_remainder_and_floor(exact, name, method):
    J, theta, epsilon = FUNCTIONS[name].value, spread(np.float64), decades(np.float64)
    # The largest |J''| and |J'''|, anywhere or within epsilon of theta.
    largest = {
        "theta**3": (6 * (np.abs(theta) + epsilon), 6.0),
        "sin": (1.0, 1.0),
        "exp": (np.exp(theta + epsilon), np.exp(theta + epsilon)),
        "sigmoid": (1 / (6 * np.sqrt(3)), 1 / 8),
        "tanh": (4 / (3 * np.sqrt(3)), 2.0),
    }[name][ORDER[method] - 1]
    error = exact.distance(METHODS[method](J, theta, epsilon), exact.derivative(name, 1, theta))
    floor = rounding_floor(method, J, theta, epsilon, steepest(method, name, theta, epsilon))
    remainder = truncation_error(method, largest, epsilon)
    assert np.all(error <= remainder * (1 + 1e-12) + floor)


@each_method
@each_smooth
@pytest.mark.parametrize("theta", [-1.7, 0.3, 2.0])
def test_truncation_error_is_the_leading_term_with_its_sign(exact, name, method, theta):
    epsilon = 2.0**-20
    error = exact.quotient(name, method, theta, epsilon) - exact.derivative(name, 1, theta)
    leading = truncation_error(method, derivative(method, name, theta), epsilon)
    assert leading == pytest.approx(float(error), rel=1e-4, abs=0)


@each_method
def test_floor_for_small_epsilon(method):
    theta, epsilon, u = 1.5, 1e-9, np.finfo(np.float64).eps
    times = {"one-sided": 2, "two-sided": 1}[method]
    floor = rounding_floor(method, np.exp, theta, epsilon, np.exp(theta))
    assert floor == pytest.approx(u * np.exp(theta) * (times + theta) / epsilon, rel=1e-8, abs=0)


@pytest.mark.parametrize(
    ("method", "values"), [("one-sided", 2.5**3 + 2**3), ("two-sided", (2.5**3 + 1.5**3) / 2)]
)
def test_floor_by_hand(method, values):
    floor = rounding_floor(method, FUNCTIONS["theta**3"].value, 2.0, 0.5, -12.0)
    assert floor == pytest.approx(2.0**-52 * (values + (2 + 1.5) * 12) / 0.5, rel=1e-12, abs=0)


# The orders of accuracy.


def fitted_order(method, name, theta, epsilon):
    error = errors(method, name, np.array(theta), epsilon)
    return np.polynomial.Polynomial.fit(np.log(epsilon), np.log(error), 1).convert().coef[1]


@each_method
@each_smooth
def test_fitted_order(name, method):
    epsilon = np.logspace(-2, -3.5, 9)
    assert fitted_order(method, name, 0.3, epsilon) == pytest.approx(ORDER[method], abs=0.02)


@pytest.mark.parametrize("name", ["theta**3", "sin", "tanh", "sigmoid"])
def test_one_sided_is_of_second_order_where_the_second_derivative_is_zero(name):
    epsilon = np.logspace(-2, -3.5, 9)
    assert fitted_order("one-sided", name, 0.0, epsilon) == pytest.approx(2, abs=0.02)


# What the lecture says.


def test_the_numbers_of_the_lecture():
    J = FUNCTIONS["theta**3"].value
    assert one_sided(J, 1, 0.01) == pytest.approx(3.0301, abs=1e-12)
    assert two_sided(J, 1, 0.01) == pytest.approx(3.0001, abs=1e-12)
    assert errors("one-sided", "theta**3", np.ones(()), 0.01) == pytest.approx(0.0301, abs=1e-12)
    assert errors("two-sided", "theta**3", np.ones(()), 0.01) == pytest.approx(0.0001, abs=1e-12)


def test_the_slips_of_the_transcript():
    J, theta, epsilon = FUNCTIONS["theta**3"].value, 1.0, 0.01
    right, left = J(theta + epsilon), J(theta - epsilon)
    not_twice = (right - left) / epsilon
    assert not_twice == pytest.approx(6.0002, abs=1e-10)
    assert not_twice == pytest.approx(2 * two_sided(J, theta, epsilon), rel=1e-12)
    assert (not_twice - 3) / (not_twice + 3) == pytest.approx(1 / 3, abs=1e-4)
    assert (right + left) / (2 * epsilon) == pytest.approx(100.03, abs=1e-10)
    assert round(left / epsilon, 2) == 97.03


DYADIC_THETA = np.arange(-24, 25)[:, np.newaxis] / 8
DYADIC_EPSILON = 0.5 ** np.arange(9)
POLYNOMIALS = {
    "line": (lambda theta: 3 * theta - 2, lambda theta: 3),
    "parabola": (lambda theta: 5 * theta**2 - 3 * theta + 1, lambda theta: 10 * theta - 3),
    "cubic": (lambda theta: theta * theta * theta, lambda theta: 3 * theta**2),
}


@pytest.mark.parametrize(
    ("method", "polynomial", "error"),
    [
        ("one-sided", "line", lambda theta, epsilon: 0),
        ("one-sided", "parabola", lambda theta, epsilon: 5 * epsilon),
        ("one-sided", "cubic", lambda theta, epsilon: 3 * theta * epsilon + epsilon**2),
        ("two-sided", "line", lambda theta, epsilon: 0),
        ("two-sided", "parabola", lambda theta, epsilon: 0),
        ("two-sided", "cubic", lambda theta, epsilon: epsilon**2),
    ],
)
def test_errors_on_polynomials_are_exact(method, polynomial, error):
    """Binary fractions this short are not rounded, so that nothing but the formula errs."""
    J, slope = POLYNOMIALS[polynomial]
    gradapprox = METHODS[method](J, DYADIC_THETA, DYADIC_EPSILON)
    for (row, column), value in np.ndenumerate(gradapprox):
        theta, epsilon = Fraction(DYADIC_THETA[row, 0]), Fraction(DYADIC_EPSILON[column])
        assert Fraction(value) == slope(theta) + error(theta, epsilon)


@each_smooth
def test_a_smaller_epsilon_is_not_better(name):
    """1e-7 in place of 1e-5 is tens of times worse, and at most (1e-5 / 1e-7)."""
    theta = np.random.default_rng(5).uniform(0.5, 2, 1000)
    small, smaller = (np.median(errors("two-sided", name, theta, e)) for e in (1e-5, 1e-7))
    assert 15 < smaller / small < 110


@each_method
@pytest.mark.parametrize("name", ["theta**3", "exp"])
def test_the_best_that_float32_can_do(name, method):
    theta = np.random.default_rng(5).uniform(0.5, 2, 1000).astype(np.float32)[:, np.newaxis]
    best = np.median(errors(method, name, theta, np.logspace(-1, -6, 51)), axis=0).min()
    reachable = {"one-sided": 1e-3, "two-sided": 1e-5}[method]
    assert reachable / 5 < best < reachable * 5


@each_method
@each_smooth
def test_the_best_relative_error_in_float32(name, method):
    theta = np.random.default_rng(5).uniform(0.5, 2, 1000).astype(np.float32)[:, np.newaxis]
    error = errors(method, name, theta, np.logspace(-1, -6, 51))
    best = np.median(error / np.abs(FUNCTIONS[name].first(theta)), axis=0).min()
    order = ORDER[method]
    reachable = np.finfo(np.float32).eps ** (order / (order + 1))
    assert reachable / 10 < best < reachable * 2


# Kinks.


@pytest.mark.parametrize("epsilon", [1.0, 1e-2, 1e-7])
@pytest.mark.parametrize(
    ("method", "name", "theta", "expected"),
    [
        ("two-sided", "relu", 0.0, 0.5),
        ("two-sided", "relu", 0.3, 0.65),
        ("two-sided", "relu", -0.3, 0.35),
        ("two-sided", "relu", 1.5, 1.0),
        ("two-sided", "abs", 0.0, 0.0),
        ("two-sided", "abs", 0.3, 0.3),
        ("one-sided", "abs", 0.0, 1.0),
        ("one-sided", "relu", 0.0, 1.0),
        ("one-sided", "relu", -0.3, 0.7),
    ],
)
def test_near_a_kink(method, name, theta, expected, epsilon):
    """theta in units of epsilon: however small the step, the kink is as near."""
    gradapprox = METHODS[method](FUNCTIONS[name].value, theta * epsilon, epsilon)
    assert gradapprox == pytest.approx(expected, abs=1e-14)


# The complex step.


@each_dtype
@each_smooth
def test_complex_step_is_right_to_a_few_roundings(exact, name, dtype):
    theta = spread(dtype)
    gradapprox = complex_step(FUNCTIONS[name].value, theta)
    assert gradapprox.dtype == dtype
    expected = exact.derivative(name, 1, theta)
    # In float32, values of 1.4e-45 over a step of 1e-30 are all that there is.
    resolution = np.float64(np.finfo(dtype).smallest_subnormal) / 1e-30 + exact.resolution
    tolerance = 4 * np.finfo(dtype).eps * np.abs(expected).astype(np.float64) + 2 * resolution
    assert np.all(exact.distance(gradapprox, expected) <= tolerance)


@each_dtype
@pytest.mark.parametrize("name", ["abs", "relu"])
def test_complex_step_is_exact_on_branches(name, dtype):
    theta = np.array([-1000, -0.1, 0, 1e-20, 3], dtype)
    gradapprox = complex_step(FUNCTIONS[name].value, theta)
    assert gradapprox.dtype == dtype
    np.testing.assert_array_equal(gradapprox, FUNCTIONS[name].first(theta))


@each_dtype
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_complex_step_far_out(name, dtype):
    theta = np.array([-1000, 1000], dtype)
    np.testing.assert_array_equal(complex_step(FUNCTIONS[name].value, theta), 0)


def test_complex_step_refuses_a_function_that_drops_the_imaginary_part():
    with pytest.raises(ValueError, match=r"J must be analytic.*np\.abs"):
        complex_step(np.abs, 1.0)


# The best epsilon.


@each_method
@each_smooth
def test_best_epsilon_minimizes_truncation_and_floor(name, method):
    function, theta = FUNCTIONS[name], 1.0
    slope, curvature = function.first(theta), derivative(method, name, theta)
    best = best_epsilon(method, function.value, theta, slope, curvature)
    epsilon = best * np.logspace(-2, 2, 401)
    truncation = np.abs(truncation_error(method, curvature, epsilon))
    total = truncation + rounding_floor(method, function.value, theta, epsilon, slope)
    assert epsilon[np.argmin(total)] == pytest.approx(best, rel=0.05)


@each_dtype
@each_method
@each_smooth
def test_best_epsilon_against_measured_errors(name, method, dtype):
    function, theta = FUNCTIONS[name], around_one(dtype)
    epsilon = np.logspace(-1, FINEST[dtype], 1 - 10 * FINEST[dtype]).astype(dtype)
    best = best_epsilon(
        method, function.value, theta, function.first(theta), derivative(method, name, theta)
    )
    assert best.dtype == dtype
    best = np.median(best)
    error = errors(method, name, theta, epsilon)
    worst, median = np.max(error, axis=0), np.median(error, axis=0)
    assert 1 / 3 < best / epsilon[np.argmin(worst)] < 3
    assert 1 < best / epsilon[np.argmin(median)] < {"one-sided": 8, "two-sided": 4}[method]
    assert np.median(errors(method, name, theta, best)) < 10 * np.min(median)


@each_dtype
@each_method
def test_best_epsilon_without_a_best(method, dtype):
    zero, one = np.zeros(1, dtype), np.ones(1, dtype)
    J = FUNCTIONS["abs"].value
    for best, expected in (
        (best_epsilon(method, J, one, one, zero), np.inf),
        (best_epsilon(method, J, zero, zero, zero), np.inf),
        (best_epsilon(method, J, zero, zero, one), 0),
        (best_epsilon(method, J, one, one, np.nan), np.nan),
        (best_epsilon(method, J, one, one, np.finfo(dtype).smallest_subnormal), np.inf),
        (best_epsilon(method, J, 1e6 * one, one, 12 * np.finfo(dtype).smallest_subnormal), np.inf),
    ):
        assert best.dtype == dtype
        np.testing.assert_array_equal(best, [expected])


# Shapes, precision, bad input.


CALLS = {
    "one_sided": lambda theta, epsilon: one_sided(np.sin, theta, epsilon),
    "two_sided": lambda theta, epsilon: two_sided(np.sin, theta, epsilon),
    "complex_step": lambda theta, epsilon: complex_step(np.sin, theta, epsilon),
    "truncation_error": lambda theta, epsilon: truncation_error("one-sided", theta, epsilon),
    "rounding_floor": lambda theta, epsilon: rounding_floor(
        "two-sided", np.sin, theta, epsilon, np.cos(theta)
    ),
    "best_epsilon": lambda theta, epsilon: best_epsilon(
        "two-sided", np.sin, theta, np.cos(theta), epsilon
    ),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@each_call
def test_theta_and_epsilon_broadcast(call):
    theta, epsilon = np.array([[0.2], [1.0], [2.0]]), np.array([1e-1, 1e-3, 1e-5, 1e-7])
    curves = call(theta, epsilon)
    assert curves.shape == (3, 4)
    for index, value in np.ndenumerate(curves):
        assert value == pytest.approx(call(theta[index[0], 0], epsilon[index[1]]), rel=1e-6, abs=0)
    assert call(theta, 1e-3).shape == (3, 1)
    assert np.shape(call(0.5, epsilon)) == (4,)
    assert np.shape(call(0.5, 1e-3)) == ()


@each_call
@pytest.mark.parametrize("epsilon", [1e-2, np.float64(1e-2), np.full(2, 1e-2), np.float32(1e-2)])
@pytest.mark.parametrize(
    ("theta", "dtype"),
    [
        (np.ones(2, np.float32), np.float32),
        (np.ones((), np.float32), np.float32),
        (np.float32(1), np.float32),
        (np.ones(2), np.float64),
        (np.float64(1), np.float64),
        (1.0, np.float64),
        (1, np.float64),
        (np.ones(2, np.int32), np.float64),
        ([1, 2], np.float64),
    ],
)
def test_theta_decides_on_the_precision(call, theta, dtype, epsilon):
    assert call(theta, epsilon).dtype == dtype


@pytest.mark.parametrize("difference", METHODS.values(), ids=METHODS)
@each_dtype
def test_values_are_computed_in_the_precision_of_theta(difference, dtype):
    seen = []
    difference(lambda theta: seen.append(theta.dtype) or theta, np.ones(2, dtype), np.ones(2))
    assert seen == [dtype, dtype]


@each_call
def test_nan_in_nan_out(call):
    result = call(np.array([np.nan, 0.5]), 1e-3)
    np.testing.assert_array_equal(np.isnan(result), [True, False])


@pytest.mark.parametrize("epsilon", [0, -1e-7, np.nan, np.inf, [1e-3, 0.0], np.array([-1, 1])])
@pytest.mark.parametrize("name", ["one_sided", "two_sided", "truncation_error", "rounding_floor"])
def test_epsilon_must_be_positive_and_finite(name, epsilon):
    with pytest.raises(ValueError, match=r"^epsilon must be positive and finite in float64, not"):
        CALLS[name](1.0, epsilon)


def test_epsilon_must_be_so_in_the_precision_of_theta():
    for epsilon in (1e-50, 1e50):
        assert two_sided(lambda theta: theta * 0, 1.0, epsilon) == 0
        with pytest.raises(ValueError, match=r"^epsilon must .* in float32, not 1e"):
            two_sided(np.sin, np.float32(1), epsilon)


def test_step_must_be_positive_and_finite():
    with pytest.raises(ValueError, match=r"^step must be positive and finite"):
        complex_step(np.sin, 1.0, step=0)


@pytest.mark.parametrize("theta", [1j, "one", np.array([None])])
def test_theta_must_be_real(theta):
    with pytest.raises(ValueError, match=r"^theta must be real numbers, not"):
        two_sided(np.sin, theta, 1e-3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: truncation_error("central", 1.0, 1e-3),
        lambda: rounding_floor("central", np.sin, 1.0, 1e-3, 1.0),
        lambda: best_epsilon("central", np.sin, 1.0, 1.0, 1.0),
    ],
)
def test_an_unknown_method_is_answered_with_the_known_ones(call):
    with pytest.raises(ValueError, match=r"^method must be .*one-sided.*two-sided.*not 'central'$"):
        call()
