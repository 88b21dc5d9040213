import numpy as np
import pytest

from deepdials.core.activations import ACTIVATIONS

DTYPES = (np.float32, np.float64)
Z = np.array([-1000, -700, -40, -3.25, -1e-9, 0, 1e-9, 0.5, 3, 40, 700, 1000])
each_name = pytest.mark.parametrize("name", ACTIVATIONS)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def test_keys_are_names_and_nothing_can_be_changed():
    assert [*ACTIVATIONS] == ["relu", "tanh", "sigmoid", "identity"]
    assert all(key == activation.name for key, activation in ACTIVATIONS.items())
    with pytest.raises(TypeError):
        ACTIVATIONS["relu"] = ACTIVATIONS["tanh"]


@each_dtype
@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("relu", lambda mp, z: max(0, z), lambda mp, z: int(z > 0)),
        ("tanh", lambda mp, z: mp.tanh(z), lambda mp, z: mp.sech(z) ** 2),
        ("sigmoid", lambda mp, z: 1 / (1 + mp.exp(-z)), lambda mp, z: mp.sech(z / 2) ** 2 / 4),
        ("identity", lambda mp, z: z, lambda mp, z: 1),
    ],
)
def test_closed_forms(exact_far_out, name, value, slope, dtype):
    for formula, call in [(value, ACTIVATIONS[name].value), (slope, ACTIVATIONS[name].slope)]:
        result = call(Z.astype(dtype))
        expected = [formula(exact_far_out.mp, z) for z in exact_far_out.numbers(Z.astype(dtype))]
        info = np.finfo(dtype)
        tolerance = 8 * info.eps * np.abs(result.astype(np.float64)) + info.smallest_subnormal
        assert result.dtype == dtype
        assert np.all(exact_far_out.distance(result, np.array(expected)) <= tolerance)


@each_name
def test_a_complex_step_gives_the_slope(name):
    step = 1e-30
    value = ACTIVATIONS[name].value(Z + 1j * step)
    slope = ACTIVATIONS[name].slope(Z)
    np.testing.assert_allclose(value.imag / step, slope, rtol=1e-14, atol=1e-280)
    np.testing.assert_allclose(value.real, ACTIVATIONS[name].value(Z), rtol=1e-15, atol=0)


@each_dtype
@each_name
def test_complex_values_keep_their_precision(name, dtype):
    complex_dtype = np.result_type(dtype, np.complex64)
    assert ACTIVATIONS[name].value(Z.astype(complex_dtype)).dtype == complex_dtype


@each_name
def test_batch_dimensions_are_kept(name):
    batch = np.linspace(-2, 2, 24).reshape(2, 1, 3, 4)
    for call in (ACTIVATIONS[name].value, ACTIVATIONS[name].slope):
        np.testing.assert_array_equal(call(batch), call(batch.ravel()).reshape(batch.shape))
