import numpy as np
import pytest

from deepdials.core.losses import OUTPUTS, softmax
from deepdials.core.network import Network

EXTREME = np.array([-1000, -710, -40, -3, -0.5, -1e-9, 0, 1e-9, 0.5, 3, 40, 710, 1000])
DTYPES = (np.float32, np.float64)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def test_keys_are_names():
    assert [*OUTPUTS] == ["sigmoid", "softmax", "linear"]
    assert all(key == output.name for key, output in OUTPUTS.items())


def every_pair():
    """Logits for a sigmoid unit and labels, all combinations: shape (1, m)."""
    Z_L, Y = np.meshgrid(EXTREME, [0, 0.25, 1])
    return Z_L.reshape(1, -1), Y.reshape(1, -1)


def three_units(dtype=np.float64):
    """Logits for three classes, with ties, and the labels: shapes (3, m)."""
    columns = np.stack(np.meshgrid(EXTREME, EXTREME, [0, 5])).reshape(3, -1)
    Z_L = np.repeat(columns, 3, axis=1).astype(dtype)
    return Z_L, np.tile(np.eye(3), columns.shape[1])


def assert_exact(exact, losses, expected, tolerance):
    assert losses.shape == expected.shape
    assert np.all(exact.distance(losses, expected) <= tolerance * abs(expected) + 1e-300)


def sigmoid_of(mp, z):
    return 1 / (1 + mp.exp(-z))


def test_binary_cross_entropy_is_exact_to_rounding(exact_far_out):
    mp = exact_far_out.mp
    Z_L, Y = every_pair()
    pairs = zip(exact_far_out.numbers(Z_L[0]), exact_far_out.numbers(Y[0]), strict=True)
    # log A = -log(1 + exp(-z)): in 2000 digits nothing rounds to log(0).
    expected = [
        -y * mp.log(sigmoid_of(mp, z)) - (1 - y) * mp.log(1 - sigmoid_of(mp, z)) for z, y in pairs
    ]
    losses = Network((2, 1)).losses(Z_L, Y)
    assert_exact(exact_far_out, losses, np.array(expected), 4 * np.finfo(float).eps)


def test_softmax_cross_entropy_is_exact_to_rounding(exact):
    mp = exact.mp
    Z_L, Y = three_units()
    expected = []
    for z, y in zip(exact.numbers(Z_L.T), Y.T, strict=True):
        right = z[np.argmax(y)]
        rest = mp.fsum(mp.exp(each - right) for each in np.delete(z, np.argmax(y)))
        expected.append(mp.log1p(rest))
    losses = Network((2, 3), output="softmax").losses(Z_L, Y)
    # The difference of two logits is rounded before exp, which magnifies it by its size.
    assert_exact(exact, losses, np.array(expected), 2000 * np.finfo(float).eps)
    assert np.all(np.isfinite(losses))


def test_softmax_losses_with_soft_labels(exact):
    Z_L = np.array([[1.5], [-0.25], [0.75]])
    Y = np.array([[0.5], [0.125], [0.375]])
    z = exact.numbers(Z_L[:, 0])
    total = exact.mp.fsum(map(exact.mp.exp, z))
    logs = [exact.mp.log(exact.mp.exp(each) / total) for each in z]
    expected = -exact.mp.fdot(zip(Y[:, 0], logs, strict=True))
    losses = Network((2, 3), output="softmax").losses(Z_L, Y)
    assert losses == pytest.approx([float(expected)], rel=1e-15)


def test_half_squared_error_by_hand():
    Z_L, Y = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([[3.0, -2.0], [0.0, 1.0]])
    np.testing.assert_array_equal(Network((1, 2), output="linear").losses(Z_L, Y), [2.125, 2.0])


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
def test_a_complex_step_gives_y_hat_minus_y(exact_far_out, output):
    mp, step = exact_far_out.mp, 1e-30
    Z_L, Y = three_units() if output == "softmax" else every_pair()
    z = exact_far_out.numbers(Z_L)
    if output == "sigmoid":
        Y_hat = np.array([[sigmoid_of(mp, each) for each in z[0]]])
    elif output == "softmax":
        E = np.vectorize(mp.exp, otypes=[object])(z - z.max(axis=0))
        Y_hat = E / E.sum(axis=0)
    else:
        Y_hat = z
    net = Network((2, len(Z_L)), output=output)
    for unit in range(len(Z_L)):
        step_of_unit = 1j * step * (np.arange(len(Z_L)) == unit)[:, np.newaxis]
        slope = net.losses(Z_L + step_of_unit, Y).imag / step
        expected = (Y_hat - exact_far_out.numbers(Y))[unit].astype(np.float64)
        np.testing.assert_allclose(slope, expected, rtol=1e-15, atol=1e-14)


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
def test_complex_losses_extend_the_real_ones(output):
    Z_L, Y = three_units()
    net = Network((2, 3), output=output)
    losses = net.losses(Z_L.astype(complex), Y)
    np.testing.assert_allclose(losses.real, net.losses(Z_L, Y), rtol=1e-14, atol=1e-15)
    np.testing.assert_array_equal(losses.imag, 0)


@each_dtype
@pytest.mark.parametrize("output", OUTPUTS)
def test_precision_is_that_of_the_logits(output, dtype):
    Z_L, Y = three_units(dtype)
    net = Network((2, 3), output=output)
    for labels in (Y, Y.astype(bool), Y.astype(np.int64), Y.astype(np.float32)):
        assert net.losses(Z_L, labels).dtype == dtype
    complex_dtype = np.result_type(dtype, np.complex64)
    assert net.losses(Z_L.astype(complex_dtype), Y).dtype == complex_dtype
    assert OUTPUTS[output].value(Z_L).dtype == dtype
    assert np.all(np.isfinite(net.losses(Z_L, Y)))


@pytest.mark.parametrize("output", OUTPUTS)
def test_batch_dimensions(output):
    Z_L = np.random.default_rng(0).normal(size=(2, 5, 3, 4))
    Y = np.eye(3)[:, [0, 2, 1, 1]]
    net = Network((2, 3), output=output)
    losses, values = net.losses(Z_L, Y), OUTPUTS[output].value(Z_L)
    assert losses.shape == (2, 5, 4)
    for batch in np.ndindex(2, 5):
        np.testing.assert_array_equal(losses[batch], net.losses(Z_L[batch], Y))
        np.testing.assert_array_equal(values[batch], OUTPUTS[output].value(Z_L[batch]))


def test_softmax_columns_sum_to_one_and_do_not_overflow():
    Z_L, _ = three_units()
    A = softmax(Z_L)
    np.testing.assert_allclose(A.sum(axis=0), 1, rtol=1e-15)
    np.testing.assert_array_equal(softmax(np.array([[1000.0], [-1000.0]])), [[1], [0]])
    assert softmax(Z_L + 1e-30j).dtype == complex


@pytest.mark.parametrize(
    ("output", "Y", "message"),
    [
        ("sigmoid", [[-1.0, 1.0]], "Y must hold numbers from 0 to 1 for a sigmoid output"),
        ("sigmoid", [[np.nan, 1.0]], "Y must hold numbers from 0 to 1"),
        ("softmax", [[1.0, 1.0], [1.0, 0.0]], "sum to 1 in each column .* for a softmax output"),
        ("softmax", [[2.0, 1.0], [-1.0, 0.0]], "numbers from 0 to 1"),
        ("linear", [[np.inf, 1.0]], "Y must hold finite numbers for a linear output"),
        ("linear", [[1j, 1.0]], "Y must hold finite numbers"),
        ("linear", [["0", "1"]], "Y must be an array of numbers, not <U1"),
        ("linear", [1.0, 2.0], r"Y has shape \(2,\), but should have shape \(1, 2\)"),
        ("linear", [[1.0], [2.0]], r"\(2, 1\), .* \(1, 2\).*transposed: pass Y\.T"),
    ],
)
def test_labels_that_do_not_fit(output, Y, message):
    units = 2 if output == "softmax" else 1
    with pytest.raises(ValueError, match=message):
        Network((3, units), output=output).losses(np.zeros((units, 2)), np.array(Y))


def test_logits_that_do_not_fit():
    with pytest.raises(ValueError, match=r"Z_L has shape \(5, 1\), but should .* \(1, m\).*Z_L\.T"):
        Network((3, 1)).losses(np.zeros((5, 1)), np.zeros((1, 5)))
