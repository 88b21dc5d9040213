"""Mistakes that give the very numbers under check, where the network is known.

With the true dZ of every layer, the usual mistakes can simply be tried, one by one.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from deepdials.core.clues import Clues, along, fits
from deepdials.core.findings import Finding, subject
from deepdials.core.functions import Array
from deepdials.core.gradient_report import LayerCheck

Trial: TypeAlias = tuple[str, Array]


def tried_formulas(clues: Clues) -> Iterator[Finding]:
    """Mistakes in dW or db, from the right dZ."""
    if not clues.report.layers:
        return
    found: dict[str, list[str]] = {}
    for name in clues.off:
        for words, candidate in _trials(clues, *clues.layer_of[name]):
            if clues.explained(name, candidate):
                found.setdefault(words, []).append(name)
    for words, names in found.items():
        blocks = tuple(names)
        yield Finding(
            f"{subject(clues, blocks)}: what comes out with {words}. Consistent with that mistake.",
            blocks,
            0.98 * clues.coverage(blocks),
        )


def _trials(clues: Clues, letter: str, layer: int) -> list[Trial]:
    check = clues.report.layers[layer]
    m = check.dZ.shape[1]
    if letter == "b":
        return [
            ("the first example alone in db", check.dZ[:, :1] / m),
            ("the last example alone in db", check.dZ[:, -1:] / m),
            ("db summed over the units too", np.full((len(check.dZ), 1), np.sum(check.dZ) / m)),
        ]
    if layer == 1:
        return []
    below = clues.report.layers[layer - 1].A_prev
    if below.shape != check.A_prev.shape:
        return []
    return [("A[l-2] in the place of A[l-1]", check.dZ @ below.T / m + check.penalty)]


def tried_dz(clues: Clues) -> Iterator[Finding]:
    """Mistakes in the dZ of the topmost layer that is off, from the right dZ above it."""
    layers, top = clues.report.layers, clues.top
    if not layers or top is None:
        return
    trials = _trials_of_output(layers[top]) if top == clues.last else _trials_of_hidden(clues, top)
    for words, dZ in trials:
        dW, db = _of_layer(layers[top], dZ)
        dW = dW + layers[top].penalty
        if clues.explained(f"W{top}", dW) and clues.explained(f"b{top}", db):
            yield _wrong_dz(clues, top, words)
    if top < clues.last and _updated_first(clues, top):
        yield _wrong_dz(clues, top, f"a W{top + 1} that is updated already")


def _wrong_dz(clues: Clues, top: int, words: str) -> Finding:
    below = "; what is off below follows from it" if top > 1 else ""
    return Finding(
        f"dW{top} and db{top} are what comes out of a dZ{top} with {words}{below}. Consistent "
        "with that mistake.",
        clues.off,
        0.97,
    )


def _of_layer(check: LayerCheck, dZ: Array) -> tuple[Array, Array]:
    """Compute the dW and db that follow from a dZ, without penalty."""
    m = dZ.shape[1]
    return dZ @ check.A_prev.T / m, np.sum(dZ, axis=1, keepdims=True) / m


def _trials_of_output(check: LayerCheck) -> list[Trial]:
    # For labels 0 and 1, A is either dZ or 1 + dZ, and A (1 - A) the same for both.
    size = np.abs(check.dZ)
    return [
        ("the slope of the output's sigmoid, which has cancelled", check.dZ * size * (1 - size))
    ]


def _trials_of_hidden(clues: Clues, layer: int) -> list[Trial]:
    above, A = clues.report.layers[layer + 1], clues.report.layers[layer + 1].A_prev
    W = clues.theta(f"W{layer + 1}")
    dA = W.T @ above.dZ
    trials = [
        ("no slope of the activation", dA),
        ("1 - a for the slope", dA * (1 - A)),
        ("1 - tanh(a)^2 for the slope", dA * (1 - np.tanh(A) ** 2)),
        ("1 - a^2 for the slope", dA * (1 - A**2)),
        ("a (1 - a) for the slope", dA * A * (1 - A)),
    ]
    if min(W.shape) > 1:
        wrong = W.reshape(W.shape[::-1]) @ above.dZ * _slope(clues, layer)
        trials.append((f"W{layer + 1} in the place of W{layer + 1}^T (reshaped to fit)", wrong))
    return trials


def _slope(clues: Clues, layer: int) -> Array:
    """Find what dA is multiplied by to give dZ: the activation's slope, and the mask."""
    layers = clues.report.layers
    dA = clues.theta(f"W{layer + 1}").T @ layers[layer + 1].dZ
    slope: Array = np.divide(layers[layer].dZ, dA, out=np.zeros_like(dA), where=dA != 0)
    return slope


def _updated_first(clues: Clues, layer: int) -> bool:
    """Whether the error is what a step of any size in W of the layer above gives."""
    layers = clues.report.layers
    step = clues.approx(f"W{layer + 1}").T @ layers[layer + 1].dZ * _slope(clues, layer)
    dW, db = _of_layer(layers[layer], step)
    W, b = f"W{layer}", f"b{layer}"
    rate = -along(clues.error(W), dW)
    return (
        rate > 0
        and fits(clues.error(W), -rate * dW, clues.slack(W))
        and fits(clues.error(b), -rate * db, clues.slack(b))
    )
