import numpy as np
import pytest

from deepdials.core.parameters import (
    names_of_components,
    shapes_of_parameters,
    to_parameters,
    to_vector,
)


def numbered(layer_sizes, prefix=""):
    """Parameters whose components are 0, 1, 2, ... in the order of theta."""
    parameters, start = {}, 0
    for name, shape in shapes_of_parameters(layer_sizes).items():
        stop = start + shape[0] * shape[1]
        parameters[prefix + name] = np.arange(float(start), stop).reshape(shape)
        start = stop
    return parameters


def test_shapes():
    shapes = shapes_of_parameters([3, 4, 2])
    assert shapes == {"W1": (4, 3), "b1": (4, 1), "W2": (2, 4), "b2": (2, 1)}


@pytest.mark.parametrize("prefix", ["", "d"])
def test_the_order_of_theta(prefix):
    parameters = numbered((3, 4, 2), prefix)
    theta = to_vector(dict(reversed(parameters.items())))
    assert theta.shape == (26,)
    np.testing.assert_array_equal(theta, np.arange(26))


def test_layer_10_comes_after_layer_9():
    parameters = numbered((2,) * 13)
    shuffled = {name: parameters[name] for name in sorted(parameters)}
    assert [*shuffled][:2] == ["W1", "W10"]
    np.testing.assert_array_equal(to_vector(shuffled), np.arange(12 * 6))
    assert [*to_parameters(np.zeros(72), shuffled)] == [*parameters]


def test_memory_order_does_not_matter():
    W = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(to_vector({"W1": np.asfortranarray(W)}), np.arange(6))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("prefix", ["", "d"])
def test_round_trip(prefix, dtype):
    parameters = {name: array.astype(dtype) for name, array in numbered((3, 4, 1), prefix).items()}
    theta = to_vector(parameters)
    back = to_parameters(theta, parameters)
    assert theta.dtype == dtype
    assert [*back] == [*parameters]
    for name, array in parameters.items():
        assert back[name].dtype == dtype
        np.testing.assert_array_equal(back[name], array, strict=True)
    np.testing.assert_array_equal(to_vector(back), theta)


def test_both_ways_copy():
    parameters = numbered((3, 1))
    theta = to_vector(parameters)
    back = to_parameters(theta, parameters)
    theta[:] = -1
    np.testing.assert_array_equal(back["W1"], [[0, 1, 2]])
    np.testing.assert_array_equal(parameters["W1"], [[0, 1, 2]])
    alone = {"W1": np.arange(3.0)}
    assert not np.shares_memory(to_vector(alone), alone["W1"])


def test_batches_of_theta():
    parameters = numbered((3, 4, 2))
    theta = np.random.default_rng(0).normal(size=(2, 5, 26))
    many = to_parameters(theta, parameters)
    assert many["W1"].shape == (2, 5, 4, 3)
    for batch in np.ndindex(2, 5):
        for name, array in to_parameters(theta[batch], parameters).items():
            np.testing.assert_array_equal(many[name][batch], array)


def test_names():
    expected = ["W1[0, 0]", "W1[0, 1]", "W1[1, 0]", "W1[1, 1]", "b1[0]", "b1[1]"]
    expected += ["W2[0, 0]", "W2[0, 1]", "b2[0]"]
    assert names_of_components(numbered((2, 2, 1))) == expected
    assert names_of_components(numbered((2, 2, 1), "d")) == [f"d{name}" for name in expected]


def test_names_of_other_shapes():
    assert names_of_components({"b1": np.zeros(2)}) == ["b1[0]", "b1[1]"]
    assert names_of_components({"b1": np.zeros((1, 2))}) == ["b1[0, 0]", "b1[0, 1]"]


def test_names_are_where_the_components_are():
    parameters = numbered((2,) * 12)
    for name, component in zip(names_of_components(parameters), to_vector(parameters), strict=True):
        key, indices = name.rstrip("]").split("[")
        index = tuple(map(int, indices.split(",")))
        assert parameters[key][index if key[0] == "W" else (*index, 0)] == component


@pytest.mark.parametrize("call", [to_vector, names_of_components])
@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["W1", "gamma1"], "keys of parameters must be W1, b1, .* not 'gamma1'"),
        (["W0"], "not 'W0'"),
        (["W01"], "not 'W01'"),
        (["W²"], "not 'W²'"),
        (["W1", "dW1"], r"parameters must be .* but the keys are \['W1', 'dW1'\]"),
        ([], r"but the keys are \[\]"),
    ],
)
def test_keys_that_there_are_not(call, keys, message):
    with pytest.raises(ValueError, match=message):
        call({key: np.zeros((1, 1)) for key in keys})


@pytest.mark.parametrize("theta", [np.zeros(25), np.zeros((26, 1)), np.zeros(())])
def test_theta_of_another_length(theta):
    message = r"theta must have shape \(26,\), the components of W1, b1, W2, b2, but has shape"
    with pytest.raises(ValueError, match=message):
        to_parameters(theta, numbered((3, 4, 2)))


@pytest.mark.parametrize("layer_sizes", [(), (3,), (3, 0), (3, -1), (3, 1.5), (3, True), (3, "4")])
def test_layers_that_there_are_not(layer_sizes):
    with pytest.raises(ValueError, match=r"layer_sizes must be .* two or more positive integers"):
        shapes_of_parameters(layer_sizes)
