import dataclasses

import numpy as np
import pytest

from deepdials.core.dropout import Dropout, draw_masks
from deepdials.core.initialization import initialize
from deepdials.core.network import Network
from deepdials.core.parameters import to_parameters, to_vector

SIZES = (3, 4, 2)


@pytest.fixture
def parameters():
    return initialize(SIZES, rng=np.random.default_rng(0))


@pytest.fixture(name="X")
def inputs():
    return np.random.default_rng(1).normal(size=(3, 5))


@pytest.fixture(name="Y")
def labels():
    return np.eye(2)[:, [0, 1, 1, 0, 1]]


def test_a_network_is_a_value():
    net = Network([3, np.int64(4), 2], ["tanh"], "softmax")
    assert net == Network((3, 4, 2), ("tanh",), "softmax")
    assert hash(net) == hash(Network((3, 4, 2), ("tanh",), "softmax"))
    assert (net.layer_sizes, net.L, net.activations) == ((3, 4, 2), 2, ("tanh",))
    assert Network((3, 4, 5, 2)).activations == ("relu", "relu")
    assert Network((3, 2)).activations == ()
    assert net.activation(1).name == "tanh"
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.hidden = "relu"


# The forward pass.


def test_forward_by_hand():
    net = Network((2, 2, 1), "relu", "linear")
    parameters = {
        "W1": np.array([[1.0, -1.0], [0.5, 2.0]]),
        "b1": np.array([[0.0], [-1.0]]),
        "W2": np.array([[2.0, -1.0]]),
        "b2": np.array([[0.25]]),
    }
    cache = net.forward(parameters, np.array([[1.0, 0.0], [3.0, 0.5]]))
    assert cache.Z[0] is None
    np.testing.assert_array_equal(cache.A[0], [[1.0, 0.0], [3.0, 0.5]])
    np.testing.assert_array_equal(cache.Z[1], [[-2.0, -0.5], [5.5, 0.0]])
    np.testing.assert_array_equal(cache.A[1], [[0.0, 0.0], [5.5, 0.0]])
    np.testing.assert_array_equal(cache.Z[2], [[-5.25, 0.25]])
    assert cache.Y_hat is cache.A[2]
    np.testing.assert_array_equal(cache.Y_hat, [[-5.25, 0.25]])


def test_forward_with_dropout_by_hand():
    net = Network((2, 2, 1), "identity", "linear")
    parameters = {"W1": np.eye(2), "b1": np.zeros((2, 1))}
    parameters |= {"W2": np.ones((1, 2)), "b2": np.zeros((1, 1))}
    dropout = Dropout({0: [[1, 1], [0, 1]], 1: [[1, 0], [1, 1]]}, {0: 0.5, 1: 0.25})
    cache = net.forward(parameters, np.array([[1.0, 2.0], [3.0, 4.0]]), dropout)
    np.testing.assert_array_equal(cache.A[0], [[2, 4], [0, 8]])
    np.testing.assert_array_equal(cache.Z[1], [[2, 4], [0, 8]])
    np.testing.assert_array_equal(cache.A[1], [[8, 0], [0, 32]])
    np.testing.assert_array_equal(cache.Y_hat, [[8, 32]])


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_probabilities(parameters, X, output):
    Y_hat = Network(SIZES, output=output).forward(parameters, X).Y_hat
    assert Y_hat.shape == (2, 5)
    assert np.all((Y_hat > 0) & (Y_hat < 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
@pytest.mark.parametrize("hidden", ["relu", "tanh", "sigmoid", "identity"])
def test_precision_is_that_of_the_parameters(parameters, X, Y, hidden, output, dtype):
    net = Network(SIZES, hidden, output)
    parameters = {name: array.astype(dtype) for name, array in parameters.items()}
    dropout = draw_masks(SIZES, np.float64(0.5), 5, np.random.default_rng(2))
    for inputs in (X, X.astype(np.float32), np.ones((3, 5), int)):
        cache = net.forward(parameters, inputs, dropout)
        assert {array.dtype for array in (*cache.A, *cache.Z[1:])} == {np.dtype(dtype)}
        for labels in (Y, Y.astype(np.float32), Y.astype(int), Y.astype(bool)):
            assert net.cost(parameters, inputs, labels, np.float64(0.7)).dtype == dtype
            assert net.check(parameters, inputs, labels)[1].dtype == dtype


def test_a_complex_step_in_the_input(parameters, X, Y):
    net, step = Network(SIZES, "tanh", "softmax"), 1e-30
    direction = np.zeros_like(X)
    direction[1, 2] = 1
    slope = net.cost(parameters, X + 1j * step * direction, Y).imag / step
    sides = [net.cost(parameters, X + side * direction, Y) for side in (1e-5, -1e-5)]
    assert slope == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-8)


# Batches.


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_the_cost_of_many_theta_is_one_call(parameters, X, Y, penalty):
    net = Network(SIZES, "tanh", "softmax")
    dropout = draw_masks(SIZES, 0.5, 5, np.random.default_rng(2))
    theta = to_vector(parameters) + np.random.default_rng(3).normal(size=(2, 6, 26))
    costs = net.cost(to_parameters(theta, parameters), X, Y, 0.7, penalty, dropout)
    assert costs.shape == (2, 6)
    for batch in np.ndindex(2, 6):
        one = to_parameters(theta[batch], parameters)
        expected = net.cost(one, X, Y, 0.7, penalty, dropout)
        assert costs[batch] == pytest.approx(expected, rel=1e-14)


def test_batches_of_examples_and_labels(parameters, X, Y):
    net = Network(SIZES, "relu", "softmax")
    batch = np.stack([X, 2 * X, -X])
    costs = net.cost(parameters, batch, np.stack([Y, Y, 1 - Y]))
    assert net.forward(parameters, batch).Y_hat.shape == (3, 2, 5)
    for index, labels in enumerate([Y, Y, 1 - Y]):
        assert costs[index] == pytest.approx(net.cost(parameters, batch[index], labels), rel=1e-14)


# The cost.


def test_cost_by_hand():
    net = Network((2, 1), output="linear")
    parameters = {"W1": np.array([[3.0, -4.0]]), "b1": np.array([[100.0]])}
    X, Y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[101.0, 94.0]])
    # Errors 2 and 2; ||W||_F^2 = 25 and sum |W| = 7, without the bias.
    assert net.cost(parameters, X, Y) == 2
    assert net.cost(parameters, X, Y, 0.5) == 2 + 0.5 / 4 * 25
    assert net.cost(parameters, X, Y, 0.5, "l1") == 2 + 0.5 / 2 * 7
    assert np.shape(net.cost(parameters, X, Y)) == ()


@pytest.mark.parametrize("penalty", ["l2", "l1"])
def test_without_lambd_the_size_of_W_is_no_matter(penalty):
    net = Network((1, 1), output="linear")
    parameters = {"W1": np.array([[1e200]]), "b1": np.zeros((1, 1))}
    X, Y = np.array([[1e-200]]), np.array([[3.0]])
    assert net.cost(parameters, X, Y, 0.0, penalty) == 2
    batch = {name: np.stack([array, array]) for name, array in parameters.items()}
    np.testing.assert_array_equal(net.cost(batch, X, Y, 0.0, penalty), [2, 2])


@pytest.mark.parametrize(("lambd", "penalty"), [(0, "l2"), (0.7, "l2"), (0.7, "l1")])
def test_cost_in_arithmetic_of_many_digits(exact, parameters, X, Y, lambd, penalty):
    mp = exact.mp
    numbers = {name: mp.matrix(array.tolist()) for name, array in parameters.items()}
    total = mp.mpf(0)
    for x, y in zip(X.T, Y.T, strict=True):
        hidden = (numbers["W1"] * mp.matrix(x.tolist()) + numbers["b1"]).apply(mp.tanh)
        for z, label in zip(numbers["W2"] * hidden + numbers["b2"], y, strict=True):
            a = 1 / (1 + mp.exp(-z))
            total -= mp.log(a) if label else mp.log(1 - a)
    weights = [*numbers["W1"], *numbers["W2"]]
    size = mp.fsum(w**2 / 2 if penalty == "l2" else abs(w) for w in weights)
    expected = (total + mp.mpf(lambd) * size) / 5
    cost = Network(SIZES, "tanh", "sigmoid").cost(parameters, X, Y, lambd, penalty)
    assert cost == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_the_cost_of_knowing_nothing(X, output):
    zeros = initialize(SIZES, "zeros", rng=np.random.default_rng(0))
    cost = Network(SIZES, output=output).cost(zeros, X, np.eye(2)[:, [0, 1, 1, 0, 1]])
    assert cost == pytest.approx(np.log(2) * (2 if output == "sigmoid" else 1), rel=1e-15)


def test_without_dropout_is_with_everything_kept(parameters, X, Y):
    net = Network(SIZES, "tanh", "softmax")
    dropout = draw_masks(SIZES, {0: 1, 1: 1}, 5, np.random.default_rng(0))
    assert net.cost(parameters, X, Y, dropout=dropout) == net.cost(parameters, X, Y)


# What is wrong, in words.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3,),), r"layer_sizes must be .* two or more positive integers, not \(3,\)"),
        (((3, 0, 1),), "positive integers"),
        (((3, 2.0, 1),), "positive integers"),
        (((3, True, 1),), "positive integers"),
        (((3, 4, 1), "gelu"), "hidden must be one of 'relu', 'tanh', .* not 'gelu'"),
        (((3, 4, 1), ("tanh", "elu")), "not 'elu'"),
        (((3, 4, 5, 1), ("tanh",)), "one for each of the 2 hidden layers, not 1"),
        (((3, 4, 1), "relu", "probit"), "output must be one of 'sigmoid', .* not 'probit'"),
        (((3, 4, 1), "relu", "softmax"), "softmax needs two output units or more"),
    ],
)
def test_networks_that_there_are_not(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network(*arguments)


@pytest.mark.parametrize("layer", [0, 2, -1])
def test_only_hidden_layers_have_an_activation_by_number(layer):
    with pytest.raises(ValueError, match=f"the hidden layers are 1 to 1, not {layer}"):
        Network(SIZES).activation(layer)


def without(name):
    return lambda parameters: parameters.pop(name)


def put(name, change):
    return lambda parameters: parameters.update({name: change(parameters.get(name))})


@pytest.mark.parametrize("method", ["forward", "cost", "gradients", "check"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("b2"), r"\(3, 4, 2\) has the parameters W1, b1, W2, b2, but was given W1, b1, W2"),
        (put("W3", lambda _: np.eye(2)), "but was given W1, b1, W2, b2, W3"),
        (put("W1", np.transpose), r"W1 has shape \(3, 4\), but .* \(4, 3\)\. .* pass W1\.T"),
        (put("b1", np.ravel), r"b1 has shape \(4,\), but should have shape \(4, 1\)"),
        (put("b2", np.transpose), r"b2 has shape \(1, 2\), .*transposed"),
        (put("W2", lambda W: W[:, 1:]), r"W2 has shape \(2, 3\), but should have shape \(2, 4\)$"),
        (put("W1", np.ndarray.tolist), "W1 must be an array of numbers, not list"),
        (put("W1", lambda W: W.astype(object)), "W1 must be an array of numbers, not object"),
        (dict.clear, "but was given none"),
    ],
)
def test_parameters_that_do_not_fit(parameters, X, Y, method, spoil, message):
    net = Network(SIZES, output="softmax")
    spoil(parameters)
    with pytest.raises(ValueError, match=message):
        getattr(net, method)(parameters, X, *([Y] if method != "forward" else []))


@pytest.mark.parametrize("method", ["forward", "cost", "gradients", "check"])
@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.zeros((5, 3)), r"X has shape \(5, 3\), .* \(3, m\): .* It looks transposed: pass X\.T"),
        (np.zeros((4, 5)), r"X has shape \(4, 5\), .* \(3, m\): one row for each unit, one column"),
        (np.zeros(3), r"X has shape \(3,\), but should have shape \(3, m\)"),
        (np.zeros((3, 0)), r"X has shape \(3, 0\), .* one column for each example, at least one"),
        (np.full((3, 5), "x"), "X must be an array of numbers"),
    ],
)
def test_inputs_that_do_not_fit(parameters, Y, method, inputs, message):
    net = Network(SIZES, output="softmax")
    with pytest.raises(ValueError, match=message):
        getattr(net, method)(parameters, inputs, *([Y] if method != "forward" else []))


@pytest.mark.parametrize("method", ["cost", "gradients", "check"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"Y": np.zeros((5, 2))}, r"Y has shape \(5, 2\), .* \(2, 5\): .* pass Y\.T"),
        ({"Y": np.zeros((1, 5))}, r"Y has shape \(1, 5\), but should have shape \(2, 5\)"),
        ({"Y": np.full((2, 5), 2)}, "Y must hold numbers from 0 to 1 for a sigmoid output"),
        ({"lambd": -1.0}, r"lambd must be finite and at least 0, not -1\.0"),
        ({"lambd": np.nan}, "lambd must be finite"),
        ({"lambd": np.inf}, "lambd must be finite"),
        ({"penalty": "l3"}, "penalty must be one of 'l2', 'l1', not 'l3'"),
        ({"dropout": Dropout({1: np.ones((4, 6))}, {1: 0.5})}, r"\(4, 6\), but .* \(4, 5\)"),
        ({"dropout": Dropout({2: np.ones((2, 5))}, {2: 0.5})}, "output layer, 2, cannot"),
    ],
)
def test_other_arguments_that_do_not_fit(parameters, X, Y, method, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(Network(SIZES), method)(**{"parameters": parameters, "X": X, "Y": Y, **arguments})
