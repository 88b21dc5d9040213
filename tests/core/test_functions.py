import dataclasses

import numpy as np
import pytest

from deepdials.core.functions import FUNCTIONS

SMOOTH = ("theta**3", "sin", "exp", "sigmoid", "tanh")
KINKED = ("abs", "relu")
DERIVATIVES = ("value", "first", "second", "third")
DTYPES = (np.float32, np.float64)
NEAR = np.concatenate([[0.0, 1.0], np.linspace(-9.7, 9.9, 41), [1e-8, -1e-4]])


def test_keys_are_names_in_the_order_of_the_lesson():
    assert tuple(FUNCTIONS) == SMOOTH + KINKED
    assert all(key == function.name for key, function in FUNCTIONS.items())
    assert [name for name, function in FUNCTIONS.items() if function.kink is not None] == [*KINKED]


def test_nothing_can_be_changed():
    with pytest.raises(TypeError):
        FUNCTIONS["sin"] = FUNCTIONS["exp"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        FUNCTIONS["sin"].kink = 1.0


def assert_close(exact, name, order, theta):
    """To a few roundings of the result or, where terms cancel, of the slope."""
    result = getattr(FUNCTIONS[name], DERIVATIVES[order])(theta)
    assert result.dtype == theta.dtype
    expected = exact.derivative(name, order, theta)
    slope = exact.derivative(name, 1, theta)
    info = np.finfo(theta.dtype)
    scale = (abs(expected) + (abs(slope) if order > 1 else 0)).astype(np.float64)
    tolerance = 8 * info.eps * scale + info.smallest_subnormal + exact.resolution
    assert np.all(exact.distance(result, expected) <= tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("name", SMOOTH)
def test_closed_forms(exact, name, order, dtype):
    assert_close(exact, name, order, NEAR.astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_no_overflow_and_no_cancellation_far_out(exact_far_out, name, order, dtype):
    theta = np.array([-1000, -700, -40, -17, 17, 40, 700, 1000], dtype)
    assert_close(exact_far_out, name, order, theta)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "value", "first"),
    [("abs", [2.5, 0, 3], [-1, 0, 1]), ("relu", [0, 0, 3], [0, 0, 1])],
)
def test_kinks(name, value, first, dtype):
    theta = np.array([-2.5, 0, 3], dtype)
    function = FUNCTIONS[name]
    for derivative, expected in zip(DERIVATIVES, (value, first, [0] * 3, [0] * 3), strict=True):
        result = getattr(function, derivative)(theta)
        assert result.dtype == dtype
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("real", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_complex_values_extend_the_real_ones(name, real):
    theta = np.array([-3.25, -0.5, 0.0, 0.5, 3.25], real)
    value = FUNCTIONS[name].value(theta + np.array(0j, np.result_type(real, np.complex64)))
    assert value.dtype == (np.complex64 if real is np.float32 else np.complex128)
    np.testing.assert_allclose(
        value.real, FUNCTIONS[name].value(theta), rtol=4 * np.finfo(real).eps, atol=0
    )
    np.testing.assert_array_equal(value.imag, 0)


@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_shape_is_kept(name, derivative):
    call = getattr(FUNCTIONS[name], derivative)
    theta = np.linspace(-2, 2, 12)
    for shape in [(12,), (3, 4), (2, 1, 6)]:
        np.testing.assert_array_equal(call(theta.reshape(shape)), call(theta).reshape(shape))
    assert np.shape(call(np.float64(0.5))) == np.shape(call(0.5)) == ()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_stays_nan(name):
    assert np.isnan(FUNCTIONS[name].value(np.array([np.nan]))).all()
    assert np.isnan(FUNCTIONS[name].first(np.array([np.nan]))).all()
