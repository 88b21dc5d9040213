"""The loop, all nudges of a layer at once, against the loop itself."""

import numpy as np
import pytest

from deepdials.core.dropout import NO_DROPOUT, draw_masks
from deepdials.core.initialization import initialize
from deepdials.core.losses_as_written import AS_WRITTEN
from deepdials.core.network import Network
from deepdials.core.nudging import Nudges

NETS = {
    "relu": Network((3, 4, 2, 1)),
    "mixed": Network((3, 4, 5, 2), hidden=("tanh", "sigmoid"), output="softmax"),
    "line": Network((2, 3), output="linear"),
    "one layer": Network((3, 1)),
}


def problem(net, dtype=np.float64, m=5):
    rng = np.random.default_rng(1)
    parameters = initialize(net.layer_sizes, "he", rng=rng)
    for name, array in parameters.items():
        parameters[name] = (array + 0.1 * rng.standard_normal(array.shape)).astype(dtype)
    X = rng.standard_normal((net.layer_sizes[0], m))
    n_L = net.layer_sizes[-1]
    labels = np.eye(n_L)[rng.integers(0, n_L, m)].T if n_L > 1 else rng.integers(0, 2, (1, m))
    return parameters, X, labels.astype(np.float64)


def masks(net, keep):
    if keep == 1:
        return NO_DROPOUT
    layers = dict.fromkeys(range(net.L), keep)
    return draw_masks(net.layer_sizes, layers, 5, np.random.default_rng(2))


def looped(cost, parameters, epsilon, back):
    """Nudge one component after the other, in the plainest way."""
    slopes = {}
    for name, array in parameters.items():
        slopes[name] = np.empty(array.shape)
        for index in np.ndindex(array.shape):
            costs = []
            for step in (epsilon, -back):
                moved = {key: value.copy() for key, value in parameters.items()}
                moved[name][index] += step
                costs.append(float(cost(moved)))
            slopes[name][index] = (costs[0] - costs[1]) / (epsilon + back)
    return slopes


@pytest.mark.parametrize("keep", [1, 0.6])
@pytest.mark.parametrize(("lambd", "penalty"), [(0.0, "l2"), (0.7, "l2"), (0.7, "l1")])
@pytest.mark.parametrize(("method", "back"), [("two-sided", 1), ("one-sided", 0)])
@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_it_is_the_loop_up_to_rounding(net, method, back, lambd, penalty, keep):
    parameters, X, Y = problem(net)
    how, epsilon = (lambd, penalty, masks(net, keep)), 1e-4
    slopes = Nudges(net, parameters, X, Y, *how).gradapprox(epsilon, method)
    plain = looped(lambda p: net.cost(p, X, Y, *how), parameters, epsilon, back * epsilon)
    for name, slope in slopes.items():
        assert slope.shape == parameters[name].shape
        np.testing.assert_allclose(slope, plain[name], atol=1e-10)


def test_a_few_components_are_those_of_all():
    net = NETS["mixed"]
    nudges = Nudges(net, *problem(net))
    chosen = {"W2": np.array([0, 7, 19]), "b1": np.array([3])}
    few, every = nudges.gradapprox(1e-5, names=chosen), nudges.gradapprox(1e-5)
    for name, flat in chosen.items():
        np.testing.assert_array_equal(few[name], every[name].ravel()[flat])


def test_float32_stays_float32():
    net = NETS["mixed"]
    slopes = Nudges(net, *problem(net, np.float32)).gradapprox(1e-2)
    assert {slope.dtype for slope in slopes.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_the_loss_as_it_is_written_is_the_same_but_for_rounding(net):
    parameters, X, Y = problem(net)
    Z_L = net.forward(parameters, X).Z[-1]
    np.testing.assert_allclose(AS_WRITTEN[net.output](Z_L, Y), net.losses(Z_L, Y), rtol=1e-12)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_the_loss_as_it_is_written_stays_finite_where_it_rounds_to_0_or_1(output):
    Z_L, Y = np.array([[1000.0, -1000.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    assert np.isfinite(AS_WRITTEN[output](Z_L, Y)).all()


def test_the_loss_as_it_is_written_loses_the_digits_of_1_minus_a():
    """Against log(1 + exp(z)) in exact terms: near a = 1 - 1e-12 four digits are left."""
    Z_L, Y = np.array([[27.6]]), np.array([[0.0]])
    exact = 27.6 + np.log1p(np.exp(-27.6))
    relative = abs(AS_WRITTEN["sigmoid"](Z_L, Y)[0] - exact) / exact
    assert 1e-8 < relative < 1e-4


@pytest.mark.parametrize("epsilon", [0, -1e-7, np.nan, np.inf])
def test_a_bad_epsilon_is_one_clear_error(epsilon):
    nudges = Nudges(NETS["line"], *problem(NETS["line"]))
    with pytest.raises(ValueError, match="epsilon must be positive and finite"):
        nudges.gradapprox(epsilon)


def test_an_unknown_method_is_one_clear_error():
    nudges = Nudges(NETS["line"], *problem(NETS["line"]))
    with pytest.raises(ValueError, match="method must be 'two-sided' or 'one-sided'"):
        nudges.gradapprox(1e-7, "three-sided")
