"""How far a bug reaches: which of dW1, db1, dW2, ... it changes.

In no order, and for a setting in which the bug shows.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from deepdials.core.bug_settings import Setting

Reach: TypeAlias = Callable[[Setting], Iterable[str]]


def _layers(at: Setting) -> range:
    return range(1, at.net.L + 1)


def _up_to(top: int) -> list[str]:
    """All blocks of the layers 1 to top: an error in dZ or dA travels down."""
    return [f"d{letter}{layer}" for layer in range(1, top + 1) for letter in "Wb"]


def everything(at: Setting) -> list[str]:
    """All blocks: the error is in dZ of the output layer, or is made in every layer."""
    return _up_to(at.net.L)


def below_output(at: Setting) -> list[str]:
    """All blocks of the hidden layers: the error is in dA."""
    return _up_to(at.net.L - 1)


def below_wide(at: Setting) -> list[str]:
    """All blocks below the topmost W of two rows and two columns or more."""
    return _up_to(max(at.wide) - 1)


def below_bent(at: Setting) -> list[str]:
    """All blocks up to the topmost layer whose activation has a slope other than 1."""
    names = at.net.activations
    return _up_to(max(layer for layer, name in enumerate(names, 1) if name != "identity"))


def from_dropped(at: Setting) -> list[str]:
    """All blocks up to the topmost layer that loses units."""
    return _up_to(max(at.dropped))


def from_other_keep_prob(at: Setting) -> list[str]:
    """All blocks up to the topmost layer whose keep_prob is not that of the layer above."""
    keep_prob = at.dropout.keep_prob
    other = (layer for layer in keep_prob if keep_prob[layer] != keep_prob.get(layer + 1, 1.0))
    return _up_to(max(other))


def weights(at: Setting) -> list[str]:
    """Every dW."""
    return [f"dW{layer}" for layer in _layers(at)]


def biases(at: Setting) -> list[str]:
    """Every db."""
    return [f"db{layer}" for layer in _layers(at)]


def wide_weights(at: Setting) -> list[str]:
    """Every dW of two rows and two columns or more."""
    return [f"dW{layer}" for layer in at.wide]


def upper_weights(at: Setting) -> list[str]:
    """Every dW but dW1."""
    return [f"dW{layer}" for layer in _layers(at) if layer > 1]


def weights_above_dropped(at: Setting) -> list[str]:
    """Every dW on top of a layer that loses units."""
    return [f"dW{layer + 1}" for layer in at.dropped]


def biases_of_many_units(at: Setting) -> list[str]:
    """Every db of two units or more."""
    return [f"db{layer}" for layer in _layers(at) if at.widths[layer] > 1]
