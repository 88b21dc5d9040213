from itertools import product

import numpy as np
import pytest

from deepdials.core.dropout import NO_DROPOUT, Dropout, draw_masks
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

SIZES = (3, 5, 4, 2)


def draw(keep_prob, m=10, seed=0, sizes=SIZES):
    return draw_masks(sizes, keep_prob, m, np.random.default_rng(seed))


def all_masks(n):
    """Every mask of n units for one example, as a batch: shape (2**n, n, 1)."""
    return np.array([*product([0, 1], repeat=n)])[:, :, np.newaxis]


def probabilities(masks, keep_prob):
    return np.prod(np.where(masks, keep_prob, 1 - keep_prob), axis=(-2, -1))


def test_masks_have_the_shape_of_their_layer():
    dropout = draw({2: 0.5, 0: 0.8})
    assert {layer: D.shape for layer, D in dropout.masks.items()} == {0: (3, 10), 2: (4, 10)}
    assert all(D.dtype == np.bool_ for D in dropout.masks.values())
    assert dict(dropout.keep_prob) == {0: 0.8, 2: 0.5}


def test_one_number_is_for_every_hidden_layer():
    assert dict(draw(0.5).keep_prob) == {1: 0.5, 2: 0.5}
    assert dict(draw(0.5, sizes=(3, 1)).keep_prob) == {}


def test_the_draw_of_the_docstring():
    rng = np.random.default_rng(7)
    first, second = rng.random((3, 10)) < 0.8, rng.random((4, 10)) < 0.5
    dropout = draw({2: 0.5, 0: 0.8}, seed=7)
    np.testing.assert_array_equal(dropout.masks[0], first)
    np.testing.assert_array_equal(dropout.masks[2], second)


def test_a_larger_keep_prob_keeps_the_same_units_and_more():
    few, many = draw(0.3).masks, draw(0.7).masks
    assert all(np.all(few[layer] <= many[layer]) for layer in few)
    assert all(np.all(D) for D in draw(1).masks.values())


def test_share_of_units_kept():
    (D,) = draw({1: 0.8}, m=100_000).masks.values()
    # Five standard deviations of a mean over half a million draws.
    assert np.mean(D) == pytest.approx(0.8, abs=5 * np.sqrt(0.8 * 0.2 / D.size))


@pytest.mark.parametrize(("keep_prob", "tolerance"), [(0.5, 0), (0.25, 0), (0.8, 1e-15)])
def test_the_mean_over_all_masks_is_what_it_was(keep_prob, tolerance):
    masks = all_masks(5)
    A = np.array([[-3.5], [0.25], [1.0], [8.0], [0.0]])
    dropped = Dropout({1: masks}, {1: keep_prob}).apply(1, A)
    weights = probabilities(masks, keep_prob)
    mean = np.sum(weights[:, np.newaxis, np.newaxis] * dropped, axis=0)
    assert dropped.shape == (32, 5, 1)
    np.testing.assert_allclose(mean, A, rtol=tolerance, atol=0)
    # And the variance is A**2 (1 - keep_prob) / keep_prob.
    variance = np.sum(weights[:, np.newaxis, np.newaxis] * (dropped - A) ** 2, axis=0)
    np.testing.assert_allclose(variance, A**2 * (1 - keep_prob) / keep_prob, rtol=1e-14)


def test_a_network_after_dropout_expects_the_same_logits():
    net = Network((3, 4, 2), "tanh", "linear")
    parameters = initialize((3, 4, 2), rng=np.random.default_rng(0))
    x, masks = np.array([[0.5], [-1.0], [2.0]]), all_masks(4)
    Y_hat = net.forward(parameters, x, Dropout({1: masks}, {1: 0.7})).Y_hat
    mean = np.einsum("k,kij->ij", probabilities(masks, 0.7), Y_hat)
    np.testing.assert_allclose(mean, net.forward(parameters, x).Y_hat, rtol=1e-14)


def test_layers_without_a_mask_pass_unchanged():
    A = np.ones((5, 10))
    assert draw({0: 0.5}).apply(1, A) is A
    assert NO_DROPOUT.apply(0, A) is A


def test_a_dropout_cannot_be_changed():
    given = {1: np.ones((4, 3))}
    dropout = Dropout(given, {1: 0.5})
    given[1][:] = 0
    assert np.all(dropout.masks[1])
    with pytest.raises(TypeError):
        dropout.masks[2] = np.ones((4, 3))
    with pytest.raises(ValueError, match="read-only"):
        dropout.masks[1][0, 0] = False


@pytest.mark.parametrize(
    ("masks", "keep_prob", "message"),
    [
        ({1: [[1, 0]]}, {2: 0.5}, r"for the same layers, but are for \[1\] and \[2\]"),
        ({1: [[1, 2]]}, {1: 0.5}, "mask of layer 1 must hold 0 and 1 only"),
        ({1: [[0.5, 1]]}, {1: 0.5}, "must hold 0 and 1 only"),
        ({1: [1, 0]}, {1: 0.5}, r"must .* have shape \(n_1, m\)"),
        ({1: [[1, 0]]}, {1: 0}, "keep_prob of layer 1 must be above 0 and at most 1, not 0"),
        ({1: [[1, 0]]}, {1: 1.5}, r"at most 1, not 1\.5"),
        ({1: [[1, 0]]}, {1: np.nan}, "not nan"),
    ],
)
def test_dropouts_that_there_are_not(masks, keep_prob, message):
    with pytest.raises(ValueError, match=message):
        Dropout(masks, keep_prob)


@pytest.mark.parametrize("layer", [-1, 3, 4, "1"])
def test_layers_that_cannot_be_dropped(layer):
    message = r"layers 0 \(the input\) to 2, not .*; the output layer, 3, cannot be dropped"
    with pytest.raises(ValueError, match=message):
        draw({layer: 0.5})
    with pytest.raises(ValueError, match=message):
        Dropout({layer: np.ones((2, 10))}, {layer: 0.5}).check(SIZES, 10)


def test_masks_for_another_network():
    with pytest.raises(ValueError, match=r"layer 1 has shape \(5, 10\), .* shape \(5, 9\)"):
        draw({1: 0.5}).check(SIZES, 9)


@pytest.mark.parametrize("keep_prob", [0, -0.1, 1.01, np.nan])
def test_probabilities_that_cannot_be_drawn(keep_prob):
    with pytest.raises(ValueError, match="keep_prob of layer 1 must be above 0 and at most 1"):
        draw(keep_prob)
