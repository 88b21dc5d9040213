import ast
import inspect
import textwrap

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import value_and_grad

from deepdials.core.backward import backward
from deepdials.core.dropout import draw_masks
from deepdials.core.initialization import initialize
from deepdials.core.network import Network
from deepdials.core.parameters import shapes_of_parameters, to_parameters, to_vector

M = 7
HIDDEN = ("relu", "tanh", "sigmoid", "identity", ("tanh", "relu"), ("sigmoid", "identity"))
KEPT = {"none": None, "hidden": {1: 0.7, 2: 0.5}, "input": {0: 0.8, 2: 0.6}, "all kept": {1: 1}}
each_output = pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])


def labels(output, units, rng, m=M):
    if output == "linear":
        return rng.normal(size=(units, m))
    if output == "softmax":
        return np.eye(units)[:, rng.integers(units, size=m)]
    return rng.integers(2, size=(units, m)).astype(float)


def problem(layer_sizes, hidden, output, seed=1, m=M):
    rng = np.random.default_rng(seed)
    net = Network(layer_sizes, hidden, output)
    parameters = initialize(layer_sizes, "xavier", rng=rng)
    for array in parameters.values():
        array += 0.1 * rng.normal(size=array.shape)
    X = rng.normal(size=(layer_sizes[0], m))
    return net, parameters, X, labels(output, layer_sizes[-1], rng, m)


# The reference: the formulas as the lectures write them, differentiated by autograd.

G = {
    "relu": lambda Z: anp.where(Z > 0, Z, 0.0),
    "tanh": anp.tanh,
    "sigmoid": lambda Z: 1 / (1 + anp.exp(-Z)),
    "identity": lambda Z: Z,
    "linear": lambda Z: Z,
    "softmax": lambda Z: anp.exp(Z) / anp.sum(anp.exp(Z), axis=0),
}
LOSS = {
    "sigmoid": lambda A, Y: -anp.sum(Y * anp.log(A) + (1 - Y) * anp.log(1 - A)),
    "softmax": lambda A, Y: -anp.sum(Y * anp.log(A)),
    "linear": lambda A, Y: anp.sum((A - Y) ** 2) / 2,
}


def reference_cost(parameters, names, X, Y, lambd, penalty, masks, keep_prob):
    m, A, weights = X.shape[1], X, 0.0
    for layer, name in enumerate([None, *names]):
        if layer > 0:
            W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
            A = G[name](anp.dot(W, A) + b)
            weights = weights + (anp.sum(W**2) / 2 if penalty == "l2" else anp.sum(anp.abs(W)))
        if layer in masks:
            A = A * masks[layer] / keep_prob[layer]
    return LOSS[names[-1]](A, Y) / m + lambd / m * weights


def assert_agrees(net, parameters, X, Y, lambd=0.0, penalty="l2", dropout=None):
    masks = {layer: D.astype(float) for layer, D in dropout.masks.items()} if dropout else {}
    kept = dropout.keep_prob if dropout else {}
    names = [*net.activations, net.output]
    J, expected = value_and_grad(reference_cost)(
        parameters, names, X, Y, lambd, penalty, masks, kept
    )
    gradients = net.gradients(parameters, X, Y, lambd, penalty, dropout)
    assert net.cost(parameters, X, Y, lambd, penalty, dropout) == pytest.approx(J, rel=1e-13)
    assert {*gradients} == {f"d{name}" for name in parameters}
    for name, array in expected.items():
        np.testing.assert_allclose(gradients[f"d{name}"], array, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize(("lambd", "penalty"), [(0, "l2"), (0.7, "l2"), (0.7, "l1")])
@each_output
@pytest.mark.parametrize("hidden", HIDDEN, ids=str)
def test_gradients_agree_with_autograd(hidden, output, lambd, penalty, kept):
    net, parameters, X, Y = problem((4, 5, 3, 2), hidden, output)
    rng = np.random.default_rng(2)
    dropout = KEPT[kept] and draw_masks(net.layer_sizes, KEPT[kept], M, rng)
    assert_agrees(net, parameters, X, Y, lambd, penalty, dropout)


@pytest.mark.parametrize("m", [1, 2, 50])
@each_output
@pytest.mark.parametrize("layer_sizes", [(1, 2), (3, 2), (2, 1, 3), (3, 6, 5, 4, 3, 2)])
def test_other_sizes_agree_with_autograd(layer_sizes, output, m):
    assert_agrees(*problem(layer_sizes, "tanh", output, m=m), lambd=0.3)


def test_logistic_regression_by_hand():
    net, X, Y = Network((2, 1)), np.array([[1.0, 2.0], [0.0, -2.0]]), np.array([[1, 0]])
    gradients = net.gradients({"W1": np.zeros((1, 2)), "b1": np.zeros((1, 1))}, X, Y)
    np.testing.assert_array_equal(gradients["dW1"], [[0.25, -0.5]])
    np.testing.assert_array_equal(gradients["db1"], [[0.0]])


@pytest.mark.parametrize("penalty", ["l1", "l2"])
@each_output
def test_gradients_agree_with_a_complex_step_through_the_cost(output, penalty):
    net, parameters, X, Y = problem((4, 5, 3, 2), ("relu", "tanh"), output)
    theta, step = to_vector(parameters), 1e-30
    every = to_parameters(theta + 1j * step * np.eye(theta.size), parameters)
    slope = net.cost(every, X, Y, 0.7, penalty).imag / step
    gradients = to_vector(net.gradients(parameters, X, Y, 0.7, penalty))
    np.testing.assert_allclose(slope, gradients, rtol=1e-12, atol=1e-14)


# Where there is no derivative.


@each_output
def test_a_relu_at_exactly_zero_passes_nothing_back(output):
    net, parameters, X, Y = problem((4, 5, 3), "relu", output)
    parameters["W1"][:], parameters["b1"][:] = 0.0, 0.0
    gradients = net.gradients(parameters, X, Y)
    for name in ("dW1", "db1", "dW2"):
        np.testing.assert_array_equal(gradients[name], 0)
    assert np.any(gradients["db2"] != 0)


def test_l1_leaves_weights_of_zero_alone():
    net, parameters, X, Y = problem((4, 5, 1), "tanh", "sigmoid")
    parameters["W1"][2, 1] = 0.0
    plain, penalized = (net.gradients(parameters, X, Y, lambd, "l1") for lambd in (0, 3.5))
    change = penalized["dW1"] - plain["dW1"]
    assert change[2, 1] == 0
    np.testing.assert_allclose(change, 0.5 * np.sign(parameters["W1"]), rtol=1e-12)
    np.testing.assert_array_equal(penalized["db1"], plain["db1"])


def test_complex_steps_agree_where_there_is_no_derivative():
    net, parameters, X, Y = problem((2, 3, 1), "relu", "sigmoid")
    zeros = {name: np.zeros_like(array) for name, array in parameters.items()}
    theta = to_vector(zeros)
    every = to_parameters(theta + 1e-30j * np.eye(theta.size), zeros)
    slope = net.cost(every, X, Y, 2.0, "l1").imag / 1e-30
    np.testing.assert_allclose(slope, to_vector(net.gradients(zeros, X, Y, 2.0, "l1")), atol=1e-16)


@each_output
def test_gradients_are_finite_at_logits_of_a_thousand(output):
    net, _, X, _ = problem((1, 2), "relu", output)
    X = np.array([[-1000.0, 1000.0]])
    parameters = {"W1": np.array([[1.0], [-1.0]]), "b1": np.zeros((2, 1))}
    Y = np.array([[1.0, 0.0], [0.0, 1.0]])
    gradients = net.gradients(parameters, X, Y)
    assert np.isfinite(net.cost(parameters, X, Y))
    expected = net.forward(parameters, X).Y_hat - Y
    np.testing.assert_array_equal(gradients["dW1"], expected @ X.T / 2)


# Precision, and what a caller may hand over.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each_output
def test_precision_is_that_of_the_parameters(output, dtype):
    net, parameters, X, Y = problem((4, 5, 3, 2), ("tanh", "relu"), output)
    parameters = {name: array.astype(dtype) for name, array in parameters.items()}
    kept = {0: np.float64(0.8), 2: np.float64(0.5)}
    dropout = draw_masks(net.layer_sizes, kept, M, np.random.default_rng(3))
    for given in (X, X.astype(np.float32), (X > 0).astype(int)):
        gradients = net.gradients(parameters, given, Y, np.float64(0.7), "l1", dropout)
        assert {array.dtype for array in gradients.values()} == {np.dtype(dtype)}


def test_integers_count_as_float64():
    net = Network((2, 2, 1))
    shapes = shapes_of_parameters(net.layer_sizes)
    parameters = {
        name: np.arange(1, 1 + np.prod(shape)).reshape(shape) for name, shape in shapes.items()
    }
    X, Y = np.array([[1, 2], [0, 3]]), np.array([[True, False]])
    floats = {name: array.astype(float) for name, array in parameters.items()}
    result, expected = (net.gradients(each, X, Y, 1, "l2") for each in (parameters, floats))
    assert net.cost(parameters, X, Y) == net.cost(floats, X, Y)
    for name in expected:
        assert result[name].dtype == np.float64
        np.testing.assert_array_equal(result[name], expected[name])


def test_nothing_that_was_passed_in_is_changed():
    net, parameters, X, Y = problem((4, 5, 3, 2), "identity", "linear")
    for array in (*parameters.values(), X, Y):
        array.setflags(write=False)
    gradients = net.gradients(parameters, X, Y, 0.7)
    assert not any(np.shares_memory(gradients[f"d{name}"], W) for name, W in parameters.items())


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("W2", lambda W: W + 0j, r"W2 must be real and have 2 dimensions .* complex128"),
        ("b1", lambda b: b[np.newaxis], r"b1 must .* 2 dimensions .* shape \(1, 5, 1\)"),
    ],
)
def test_gradients_take_no_batches_and_no_complex_numbers(name, change, message):
    net, parameters, X, Y = problem((4, 5, 1), "relu", "sigmoid")
    parameters[name] = change(parameters[name])
    with pytest.raises(ValueError, match=message):
        net.gradients(parameters, X, Y)
    assert np.shape(net.cost(parameters, X, Y)) in [(), (1,)]


def test_x_and_y_take_no_batches_and_no_complex_numbers_either():
    net, parameters, X, Y = problem((4, 5, 1), "relu", "sigmoid")
    with pytest.raises(ValueError, match="X must be real and have 2 dimensions"):
        backward(net, parameters, X + 0j, Y)
    with pytest.raises(ValueError, match=r"Y must .* shape \(1, 1, 7\)"):
        backward(net, parameters, X, Y[np.newaxis])


# The source, which lessons show line by line and in which they replace one.

LINES = (
    "dZ = A[L] - Y",
    "dW = dZ @ A[layer - 1].T / m",
    "dW = dW + lambd / m * W",
    "dW = dW + lambd / m * np.sign(W)",
    "db = np.sum(dZ, axis=1, keepdims=True) / m",
    "dA = W.T @ dZ",
    "dA = dA * D",
    "dA = dA / keep_prob",
    "dZ = dA * slope(Z[layer - 1])",
)


def test_each_operation_has_a_line_of_its_own():
    lines = [line.strip() for line in inspect.getsource(backward).splitlines()]
    assert [line for line in lines if line in LINES] == [*LINES]


def test_the_body_stays_readable():
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(backward))).body
    docstring, first = function.body[0], function.body[1]
    assert isinstance(docstring, ast.Expr)
    assert function.end_lineno - first.lineno + 1 <= 30
