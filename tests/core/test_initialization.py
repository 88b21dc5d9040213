from math import sqrt

import numpy as np
import pytest

from deepdials.core.activations import ACTIVATIONS
from deepdials.core.initialization import SCALES, initialize, scale

NORMAL = ("small", "he", "xavier", "glorot")
each_scheme = pytest.mark.parametrize("scheme", SCALES)


def draw(layer_sizes, scheme, multiplier=1.0, seed=0):
    return initialize(layer_sizes, scheme, multiplier, rng=np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("zeros", 0),
        ("small", 0.01),
        ("he", sqrt(2 / 300)),
        ("xavier", sqrt(1 / 300)),
        ("glorot", sqrt(2 / 500)),
        ("orthogonal", sqrt(1 / 300)),
    ],
)
def test_scales_of_the_papers(scheme, expected):
    assert scale(scheme, 300, 200) == pytest.approx(expected, rel=1e-15)


@each_scheme
def test_shapes_and_biases(scheme):
    parameters = draw((3, 5, 1), scheme)
    shapes = {"W1": (5, 3), "b1": (5, 1), "W2": (1, 5), "b2": (1, 1)}
    assert {name: array.shape for name, array in parameters.items()} == shapes
    assert [*parameters] == [*shapes]
    assert all(array.dtype == np.float64 for array in parameters.values())
    assert not parameters["b1"].any()
    assert not parameters["b2"].any()


@pytest.mark.parametrize("multiplier", [1.0, 0.1, 2.5])
@pytest.mark.parametrize("scheme", NORMAL)
def test_weights_are_normal_with_that_deviation(scheme, multiplier):
    W = draw((400, 300), scheme, multiplier)["W1"] / (multiplier * scale(scheme, 400, 300))
    # Five standard deviations of each statistic of W.size standard normal numbers.
    assert np.mean(W) == pytest.approx(0, abs=5 / sqrt(W.size))
    assert np.std(W) == pytest.approx(1, abs=5 / sqrt(2 * W.size))
    assert np.mean(W**4) == pytest.approx(3, abs=5 * sqrt(96 / W.size))


def test_schemes_share_the_numbers_of_a_seed():
    he, xavier = (draw((6, 5, 4), scheme) for scheme in ("he", "xavier"))
    for name in ("W1", "W2"):
        np.testing.assert_allclose(he[name], sqrt(2) * xavier[name], rtol=1e-14)


def test_zeros_are_plain_zeros():
    parameters = draw((6, 5, 4), "zeros", 3.0)
    assert not any(array.any() or np.signbit(array).any() for array in parameters.values())


@pytest.mark.parametrize("multiplier", [1.0, 1.5])
@pytest.mark.parametrize(("n_in", "n_out"), [(7, 7), (9, 4), (4, 9), (1, 5), (1, 1)])
def test_orthogonal(n_in, n_out, multiplier):
    W = draw((n_in, n_out), "orthogonal", multiplier)["W1"]
    fewer = W if n_out <= n_in else W.T
    np.testing.assert_allclose(
        fewer @ fewer.T, multiplier**2 * np.eye(min(n_in, n_out)), atol=1e-14
    )
    spread = sqrt(np.mean(W**2))
    assert spread == pytest.approx(multiplier * scale("orthogonal", n_in, n_out), rel=1e-14)


def test_orthogonal_has_no_preferred_direction():
    """QR alone would give W = [[1]] every time, and rotations with biased signs."""
    rng = np.random.default_rng(0)
    for n in (1, 3):
        W = [initialize((n, n), "orthogonal", rng=rng)["W1"] for _ in range(2000)]
        # An entry has mean 0 and variance 1 / n.
        np.testing.assert_allclose(np.mean(W, axis=0), 0, atol=5 / sqrt(2000 * n))


@pytest.mark.parametrize(
    ("scheme", "activation", "keeps"), [("he", "relu", True), ("xavier", "relu", False)]
)
def test_he_keeps_the_size_of_a_signal_through_relu(scheme, activation, keeps):
    A = np.random.default_rng(1).normal(size=(2000, 50))
    before = np.mean(A**2)
    after = np.mean(ACTIVATIONS[activation].value(draw((2000, 2000), scheme)["W1"] @ A) ** 2)
    assert after / before == pytest.approx(1 if keeps else 0.5, rel=0.05)


@each_scheme
def test_the_seed_decides(scheme):
    one, same, other = (draw((4, 3), scheme, seed=seed)["W1"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert scheme == "zeros" or not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3,),), "two or more positive integers"),
        (((3, 0),), "two or more positive integers"),
        (((3, 1), "kaiming"), "scheme must be one of 'zeros', 'small', 'he', .* not 'kaiming'"),
        (((3, 1), "he", -1.0), r"multiplier must be finite and at least 0, not -1\.0"),
        (((3, 1), "he", np.inf), "not inf"),
        (((3, 1), "he", np.nan), "not nan"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=message):
        initialize(*arguments, rng=np.random.default_rng(0))


def test_layers_without_units():
    with pytest.raises(ValueError, match="n_in and n_out must be at least 1, not 0 and 3"):
        scale("he", 0, 3)


def test_randomness_is_passed_in():
    with pytest.raises(TypeError, match="rng"):
        initialize((3, 1))
