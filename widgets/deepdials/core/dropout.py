"""Inverted dropout: the masks, and how they are drawn.

A mask D switches units off, each with probability 1 - keep_prob and anew for every
example. What is left is divided by keep_prob, so that its expected value stays what it was
and nothing needs to be rescaled at test time.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Dropout regularization".
- Nitish Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
  Overfitting", Journal of Machine Learning Research 15, 2014, 1929-1958.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from deepdials.core.functions import Array


@dataclass(frozen=True, eq=False)
class Dropout:
    """The masks of one pass through the network, forward and back.

    Attributes
    ----------
    masks : mapping of int to ndarray
        D for each layer with dropout, of 0 and 1 or booleans, shape (..., n_l, m). Layer 0
        is the input. Kept as read-only booleans.
    keep_prob : mapping of int to float
        The probability that a unit is kept, for the same layers.

    Raises
    ------
    ValueError
        If the two are not for the same layers, a mask holds anything else, or a keep_prob
        is not above 0 and at most 1.
    """

    masks: Mapping[int, Array]
    keep_prob: Mapping[int, float]

    def __post_init__(self) -> None:
        if set(self.masks) != set(self.keep_prob):
            raise ValueError(
                "masks and keep_prob must be for the same layers, "
                f"but are for {sorted(self.masks)} and {sorted(self.keep_prob)}"
            )
        masks = {layer: _mask(layer, D) for layer, D in self.masks.items()}
        # As Python's floats, they leave float32 activations as they are.
        keep_prob = {layer: _probability(layer, p) for layer, p in self.keep_prob.items()}
        object.__setattr__(self, "masks", MappingProxyType(masks))
        object.__setattr__(self, "keep_prob", MappingProxyType(keep_prob))

    def apply(self, layer: int, A: Array) -> Array:
        """Drop units of a layer and rescale the others: A * D / keep_prob.

        Parameters
        ----------
        layer : int
        A : ndarray, shape (..., n_l, m)

        Returns
        -------
        ndarray, shape (..., n_l, m)
            A itself, if the layer has no mask.
        """
        if layer not in self.masks:
            return A
        dropped: Array = A * self.masks[layer] / self.keep_prob[layer]
        return dropped

    def check(self, layer_sizes: Sequence[int], m: int) -> None:
        """Raise if the masks are not for m examples in a network of these layers.

        Parameters
        ----------
        layer_sizes : sequence of int
            (n_x, n_1, ..., n_L).
        m : int
            Number of examples.

        Raises
        ------
        ValueError
            If a mask is for the output layer or none at all, or has another shape.
        """
        _check_layers(self.masks, layer_sizes)
        for layer, D in self.masks.items():
            if D.shape[-2:] != (layer_sizes[layer], m):
                raise ValueError(
                    f"the mask of layer {layer} has shape {D.shape}, "
                    f"but should have shape {(layer_sizes[layer], m)}, one entry for each "
                    "unit and example"
                )


NO_DROPOUT = Dropout(masks={}, keep_prob={})


def draw_masks(
    layer_sizes: Sequence[int],
    keep_prob: float | Mapping[int, float],
    m: int,
    rng: np.random.Generator,
) -> Dropout:
    """Draw a mask for each layer with dropout.

        D = rng.random((n_l, m)) < keep_prob

    The layers are drawn in ascending order. From the same numbers, a larger keep_prob keeps
    the same units and more.

    Parameters
    ----------
    layer_sizes : sequence of int
        (n_x, n_1, ..., n_L).
    keep_prob : mapping of int to float, or float
        The probability that a unit is kept, for each layer with dropout. A single number
        is for every hidden layer.
    m : int
        Number of examples.
    rng : numpy.random.Generator

    Returns
    -------
    Dropout
        With masks of shape (n_l, m).

    Raises
    ------
    ValueError
        If a keep_prob is not above 0 and at most 1, or for a layer that cannot be dropped.
    """
    if not isinstance(keep_prob, Mapping):
        keep_prob = {layer: keep_prob for layer in range(1, len(layer_sizes) - 1)}
    _check_layers(keep_prob, layer_sizes)
    masks = {
        layer: rng.random((layer_sizes[layer], m)) < _probability(layer, keep_prob[layer])
        for layer in sorted(keep_prob)
    }
    return Dropout(masks, keep_prob)


def _check_layers(layers: Mapping[int, object], layer_sizes: Sequence[int]) -> None:
    last = len(layer_sizes) - 1
    for layer in layers:
        if layer not in range(last):
            raise ValueError(
                f"dropout is for layers 0 (the input) to {last - 1}, not {layer!r}; "
                f"the output layer, {last}, cannot be dropped"
            )


def _mask(layer: int, D: Array) -> Array:
    given = np.asarray(D)
    if given.ndim < 2 or not np.all((given == 0) | (given == 1)):
        raise ValueError(
            f"the mask of layer {layer} must hold 0 and 1 only and have shape (n_{layer}, m)"
        )
    mask = given.astype(np.bool_)
    mask.setflags(write=False)
    return mask


def _probability(layer: int, keep_prob: float) -> float:
    if not 0 < keep_prob <= 1:
        raise ValueError(
            f"keep_prob of layer {layer} must be above 0 and at most 1, not {keep_prob!r}"
        )
    return float(keep_prob)
