from itertools import product

import numpy as np
import pytest

from deepdials.core.averaged_cost import all_masks, averaged_cost, averaged_gradients
from deepdials.core.backward import backward
from deepdials.core.bugs import BUGS, faulty
from deepdials.core.dropout import Dropout, draw_masks
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

NETS = {
    "one hidden layer": Network((2, 4, 1), hidden="tanh"),
    "two, several outputs": Network((3, 5, 4, 3), hidden=("relu", "tanh"), output="softmax"),
    "linear": Network((2, 3, 2), hidden="sigmoid", output="linear"),
}


@pytest.fixture(params=NETS.values(), ids=NETS.keys())
def net(request):
    return request.param


def problem(net, m=5, seed=0):
    rng = np.random.default_rng(seed)
    parameters = initialize(net.layer_sizes, "xavier", rng=rng)
    X = rng.standard_normal((net.layer_sizes[0], m))
    classes = rng.integers(0, net.layer_sizes[-1] + 1, m)
    return parameters, X, (np.arange(net.layer_sizes[-1])[:, None] == classes % 3).astype(float)


def labels(net, Y):
    """One-hot, where softmax asks for it."""
    if net.output != "softmax":
        return Y
    return (np.arange(len(Y))[:, None] == np.arange(Y.shape[1]) % len(Y)).astype(float)


def by_hand(net, parameters, X, Y, keep_prob, lambd):
    """One mask after the other, through the network's own cost under dropout."""
    units, total = net.layer_sizes[-2], 0.0
    for mask in product([0, 1], repeat=units):
        D = np.repeat(np.array(mask)[:, None], X.shape[1], axis=1)
        p = np.prod(np.where(mask, keep_prob, 1 - keep_prob))
        dropout = Dropout({net.L - 1: D}, {net.L - 1: keep_prob})
        total += p * net.cost(parameters, X, Y, lambd, dropout=dropout)
    return total


def test_all_masks_once_each_with_probabilities_that_sum_to_1():
    masks, probabilities = all_masks(8, 0.8)
    assert masks.shape == (256, 8)
    assert len({mask.tobytes() for mask in masks}) == 256
    assert probabilities.sum() == pytest.approx(1, rel=1e-14)
    np.testing.assert_allclose(probabilities @ masks, 0.8, rtol=1e-14)
    assert probabilities[masks.all(axis=1)] == pytest.approx(0.8**8, rel=1e-14)


def test_keep_prob_1_keeps_all():
    masks, probabilities = all_masks(3, 1.0)
    np.testing.assert_array_equal(probabilities, masks.all(axis=1))


@pytest.mark.parametrize("keep_prob", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("lambd", [0.0, 0.7])
def test_it_is_the_weighted_sum_over_all_masks(net, keep_prob, lambd):
    parameters, X, Y = problem(net)
    Y = labels(net, Y)
    J = averaged_cost(net, parameters, X, Y, keep_prob, lambd)
    assert J == pytest.approx(by_hand(net, parameters, X, Y, keep_prob, lambd), rel=1e-13)


def test_without_dropout_it_is_the_cost(net):
    parameters, X, Y = problem(net)
    Y = labels(net, Y)
    J = averaged_cost(net, parameters, X, Y, 1.0, 0.7)
    assert J == pytest.approx(net.cost(parameters, X, Y, 0.7), rel=1e-14)


def test_many_theta_at_once(net):
    some = [problem(net, seed=seed)[0] for seed in range(3)]
    _, X, Y = problem(net)
    Y = labels(net, Y)
    batch = {name: np.stack([one[name] for one in some]) for name in some[0]}
    costs = averaged_cost(net, batch, X, Y, 0.8, 0.7)
    singly = [averaged_cost(net, one, X, Y, 0.8, 0.7) for one in some]
    np.testing.assert_allclose(costs, singly, rtol=1e-14)


@pytest.mark.parametrize("keep_prob", [0.5, 0.8, 1.0])
def test_its_gradient_passes_the_check_that_refuses_random_masks(net, keep_prob):
    parameters, X, Y = problem(net)
    Y = labels(net, Y)
    gradients = averaged_gradients(net, parameters, X, Y, keep_prob, 0.7)
    report = check_gradients(
        lambda theta: averaged_cost(net, theta, X, Y, keep_prob, 0.7),
        parameters,
        gradients,
        epsilon=1e-5,
    )
    assert report.difference < 1e-9
    assert report.suspects == ()


def test_gradients_of_drawn_masks_are_on_average_its_gradient():
    net = NETS["one hidden layer"]
    parameters, X, Y = problem(net)
    rng = np.random.default_rng(1)
    many = (np.tile(X, 20_000), np.tile(Y, 20_000))
    dropout = draw_masks(net.layer_sizes, 0.8, many[0].shape[1], rng)
    drawn = backward(net, parameters, *many, dropout=dropout)
    for name, grad in averaged_gradients(net, parameters, X, Y, 0.8).items():
        np.testing.assert_allclose(drawn[name], grad, atol=0.01)


def test_a_wrong_backprop_is_wrong_on_average_too():
    net = NETS["one hidden layer"]
    parameters, X, Y = problem(net)
    wrong = averaged_gradients(net, parameters, X, Y, 0.8, through=faulty(BUGS["tanh-one"]))
    right = averaged_gradients(net, parameters, X, Y, 0.8)
    assert np.abs(wrong["dW1"] - right["dW1"]).max() > 0.01
    np.testing.assert_allclose(wrong["dW2"], right["dW2"], rtol=1e-14)


@pytest.mark.parametrize("units", [0, 13])
def test_masks_that_cannot_be_listed(units):
    with pytest.raises(ValueError, match="1 to 12 units"):
        all_masks(units, 0.8)


@pytest.mark.parametrize("keep_prob", [0, 1.1, np.nan])
def test_keep_prob_is_a_probability(keep_prob):
    with pytest.raises(ValueError, match="keep_prob must be above 0 and at most 1"):
        all_masks(3, keep_prob)


def test_a_network_without_hidden_layers():
    net = Network((2, 1))
    parameters = {"W1": np.ones((1, 2)), "b1": np.zeros((1, 1))}
    for function in (averaged_cost, averaged_gradients):
        with pytest.raises(ValueError, match="this network has none"):
            function(net, parameters, np.ones((2, 3)), np.ones((1, 3)), 0.8)
