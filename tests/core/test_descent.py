import numpy as np
import pytest

from deepdials.core.descent import at_iteration, descend
from deepdials.core.network import Network


def quadratic(parameters):
    """The gradient of (a W**2 + b**2) / 2 with a = 3."""
    return {"dW1": 3 * parameters["W1"], "db1": parameters["b1"]}


@pytest.fixture
def start():
    return {"W1": np.array([[1.0, -2.0]]), "b1": np.array([[4.0]])}


def test_on_a_parabola_the_distance_shrinks_by_one_factor_a_step(start):
    trace = descend(quadratic, start, learning_rate=0.1, iterations=20)
    steps = np.arange(21)[:, None, None]
    np.testing.assert_allclose(trace["W1"], 0.7**steps * start["W1"], rtol=1e-12)
    np.testing.assert_allclose(trace["b1"], 0.9**steps * start["b1"], rtol=1e-12)


def test_the_trace_begins_at_the_start_and_leaves_it_alone(start):
    before = {name: array.copy() for name, array in start.items()}
    trace = descend(quadratic, start, 0.1, 3)
    assert {name: array.shape for name, array in trace.items()} == {
        "W1": (4, 1, 2),
        "b1": (4, 1, 1),
    }
    for name, array in start.items():
        np.testing.assert_array_equal(array, before[name])
        np.testing.assert_array_equal(trace[name][0], before[name])


def test_gradients_that_change_their_parameters_do_not_reach_the_trace(start):
    def greedy(parameters):
        gradients = quadratic(parameters)
        parameters.clear()
        return gradients

    assert set(descend(greedy, start, 0.1, 2)) == {"W1", "b1"}


def test_no_iterations_are_the_start(start):
    assert descend(quadratic, start, 0.1, 0)["W1"].shape == (1, 1, 2)


def test_all_costs_of_a_trace_are_one_call_and_fall():
    net = Network((2, 3, 1), hidden="tanh")
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2, 10)), rng.integers(0, 2, (1, 10))
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    start = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    trace = descend(lambda theta: net.gradients(theta, X, Y, 0.5), start, 0.1, 30)
    costs = net.cost(trace, X, Y, 0.5)
    assert costs.shape == (31,)
    assert (np.diff(costs) < 0).all()
    np.testing.assert_allclose(costs[7], net.cost(at_iteration(trace, 7), X, Y, 0.5), rtol=1e-14)


def test_an_iteration_is_a_copy(start):
    trace = descend(quadratic, start, 0.1, 3)
    at_iteration(trace, 2)["W1"][:] = 0
    assert trace["W1"][2].all()


@pytest.mark.parametrize("iteration", [-1, 4])
def test_an_iteration_that_is_not_there(start, iteration):
    with pytest.raises(ValueError, match=f"iterations 0 to 3, not {iteration}"):
        at_iteration(descend(quadratic, start, 0.1, 3), iteration)


@pytest.mark.parametrize("learning_rate", [0, -0.1, np.inf, np.nan])
def test_the_learning_rate_is_positive(start, learning_rate):
    with pytest.raises(ValueError, match="learning_rate must be positive"):
        descend(quadratic, start, learning_rate, 1)


def test_iterations_are_not_negative(start):
    with pytest.raises(ValueError, match="iterations must be at least 0"):
        descend(quadratic, start, 0.1, -1)
