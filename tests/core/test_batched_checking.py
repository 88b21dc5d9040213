import numpy as np
import pytest

from deepdials.core.batched_checking import check_batched
from deepdials.core.dropout import Dropout, draw_masks
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

NET = Network((3, 4, 2), hidden="tanh", output="linear")


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    parameters = initialize(NET.layer_sizes, "xavier", rng=rng)
    return parameters, rng.standard_normal((3, 6)), rng.standard_normal((2, 6))


@pytest.mark.parametrize("epsilon", [1e-7, 1e-5, 1e-2])
def test_it_is_the_loop_of_check_gradients(problem, epsilon):
    parameters, X, Y = problem

    def cost(theta):
        return NET.cost(theta, X, Y, 0.7)

    wrong = NET.gradients(parameters, X, Y)
    batched = check_batched(cost, parameters, wrong, epsilon)
    loop = check_gradients(cost, parameters, wrong, epsilon)
    assert batched.difference == pytest.approx(loop.difference, rel=1e-12)
    for name, slopes in loop.gradapprox.items():
        np.testing.assert_array_equal(batched.gradapprox[name], slopes)
        np.testing.assert_allclose(batched.noise[name], loop.noise[name], rtol=3)
    assert (batched.grade, batched.suspects) == (loop.grade, loop.suspects)


def test_arrays_come_in_the_order_of_theta_and_leave_the_parameters_alone(problem):
    parameters, X, Y = problem
    before = {name: array.copy() for name, array in parameters.items()}
    shuffled = dict(reversed(parameters.items()))
    gradients = NET.gradients(parameters, X, Y)
    report = check_batched(lambda theta: NET.cost(theta, X, Y), shuffled, gradients, 1e-5)
    assert [*report.blocks] == [*report.floors] == ["W1", "b1", "W2", "b2"]
    assert report.difference < 1e-8
    for name, array in parameters.items():
        np.testing.assert_array_equal(array, before[name])


def test_a_cost_that_is_another_at_each_call_is_believed(problem):
    parameters, X, Y = problem
    rng = np.random.default_rng(0)
    n = sum(array.size for array in parameters.values())
    fresh = Dropout({1: rng.random((2 * n, 4, 6)) < 0.8}, {1: 0.8})
    one = draw_masks(NET.layer_sizes, 0.8, 6, rng)
    gradients = NET.gradients(parameters, X, Y, dropout=one)

    def with_masks(dropout):
        return lambda theta: NET.cost(theta, X, Y, dropout=dropout)

    assert check_batched(with_masks(fresh), parameters, gradients, 1e-5).difference > 0.9
    assert check_batched(with_masks(one), parameters, gradients, 1e-5).difference < 1e-8


@pytest.mark.parametrize("epsilon", [0, -1e-7, np.inf, np.nan])
def test_epsilon_is_positive(problem, epsilon):
    parameters, X, Y = problem
    gradients = NET.gradients(parameters, X, Y)
    with pytest.raises(ValueError, match="epsilon must be positive"):
        check_batched(lambda theta: NET.cost(theta, X, Y), parameters, gradients, epsilon)


def test_a_cost_of_one_theta_only_is_told(problem):
    parameters, X, Y = problem
    gradients = NET.gradients(parameters, X, Y)
    with pytest.raises(ValueError, match=r"cost must have shape \(52,\), but has \(\)"):
        check_batched(lambda theta: 1.0, parameters, gradients, 1e-5)


def test_a_missing_gradient_is_told(problem):
    parameters, X, Y = problem
    with pytest.raises(ValueError, match="there is none for"):
        check_batched(lambda theta: NET.cost(theta, X, Y), parameters, {}, 1e-5)
