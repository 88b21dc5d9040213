import numpy as np
import pytest

from deepdials.core.check_cost import METHODS, forward_passes
from deepdials.core.evaluations import evaluations
from deepdials.core.exact_checking import check_network
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.initialization import initialize
from deepdials.core.network import Network
from deepdials.core.parameters import shapes_of_parameters, to_vector


@pytest.fixture(params=[1, 2, 3, 7])
def problem(request):
    h = request.param
    net = Network((h, h, h, 1), hidden="tanh")
    parameters = initialize(net.layer_sizes, "xavier", rng=np.random.default_rng(h))
    return net, parameters, np.ones((h, 2)), np.ones((1, 2))


def test_as_many_as_the_checks_themselves_count(problem):
    net, parameters, X, Y = problem
    n = to_vector(parameters).size
    gradients = net.gradients(parameters, X, Y)
    exact = check_network(net, parameters, X, Y, gradients)
    assert forward_passes("exact", n) == pytest.approx(exact.evaluations, rel=1e-14)
    loop = check_gradients(lambda theta: net.cost(theta, X, Y), parameters, gradients)
    # Twelve more, to see whether J is the same twice and how it is rounded.
    assert forward_passes("two-sided", n) == evaluations("two-sided", n) == loop.evaluations - 12


def test_backprop_multiplies_by_two_matrices_where_forward_has_one():
    """Counted by hand for h = 50: dW of all layers, and dA of all but the input."""
    sizes = [shape for name, shape in shapes_of_parameters((50, 50, 50, 1)).items() if "W" in name]
    forward = sum(rows * columns for rows, columns in sizes)
    back = forward + sum(rows * columns for rows, columns in sizes[1:])
    assert 1 < back / forward <= forward_passes("backprop", 5000) == 2


def test_arrays_of_any_shape():
    for method in METHODS:
        counts = forward_passes(method, np.array([[6, 1000], [1e6, 1e8]]))
        assert counts.shape == (2, 2)
        assert (np.diff(counts.ravel()) >= 0).all()


def test_four_times_the_parameters_are_twice_the_units():
    assert forward_passes("exact", 4e8) / forward_passes("exact", 1e8) == pytest.approx(2, rel=1e-3)


def test_errors():
    with pytest.raises(ValueError, match="method must be one of"):
        forward_passes("one-sided", 100)
    with pytest.raises(ValueError, match="at least 6"):
        forward_passes("exact", [10, 5])
