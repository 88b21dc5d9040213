"""What the places of the errors tell: which arrays are off, and which of their numbers."""

from collections.abc import Iterator

import numpy as np

from deepdials.core.clues import Clues, fits
from deepdials.core.findings import Finding, are, listed, subject
from deepdials.core.functions import Array
from deepdials.core.gradient_report import component_name, norm

# How sure an error of dZ is, by whether one dZ fits both dW and db.
_SURE = {True: 0.7, None: 0.6, False: 0.3}


def zeros(clues: Clues) -> Iterator[Finding]:
    """Either derivative is all zeros, and the other is not."""
    zero = tuple(name for name in clues.off if not np.any(clues.grad(name)))
    if zero:
        yield Finding(
            f"{subject(clues, zero)}: all zeros, where the cost does have a slope. "
            "Consistent with a gradient that is never filled in, or with a ReLU or a mask that "
            "lets nothing back.",
            zero,
            0.97 * clues.coverage(zero),
        )
    flat = tuple(name for name in clues.off if norm(clues.approx(name)) <= clues.unsure(name))
    if flat:
        yield Finding(
            f"The cost does not change with {', '.join(flat)}, but its gradient is not 0. "
            "Consistent with a cost that does not use its argument, a step that is lost to "
            "float32, or with a gradient that is let through where units are at rest.",
            flat,
            0.98 * clues.coverage(flat),
        )


def reordered(clues: Clues) -> Iterator[Finding]:
    """Right numbers in the wrong places."""
    transposed = tuple(name for name in clues.off if _is_transposed(clues, name))
    if transposed:
        square = all(len(set(clues.grad(name).shape)) == 1 for name in transposed)
        what = "the transpose" if square else "the transpose, reshaped to fit,"
        yield Finding(
            f"{subject(clues, transposed)}: {what} of what it should be. "
            "Consistent with A dZ^T in the place of dZ A^T, or with a reshape where a "
            "transpose should be.",
            transposed,
            0.95 * clues.coverage(transposed),
        )
    moved = tuple(name for name in clues.off if _is_permuted(clues, name))
    if moved and not transposed:
        yield Finding(
            f"{subject(clues, moved)}: the right numbers in another order. "
            "Consistent with vectors that are put together in different orders.",
            moved,
            0.8 * clues.coverage(moved),
        )


def _is_transposed(clues: Clues, name: str) -> bool:
    shape = clues.grad(name).shape
    if len(shape) != 2 or min(shape) == 1:
        return False
    return any(
        clues.explained(name, (clues.approx(name) - penalty).T.reshape(shape) + penalty)
        for penalty in clues.penalties(name)
    )


def _is_permuted(clues: Clues, name: str) -> bool:
    grad, approx = np.sort(clues.grad(name), axis=None), np.sort(clues.approx(name), axis=None)
    return grad.size > 2 and fits(grad, approx, clues.slack(name))


def upstream(clues: Clues) -> Iterator[Finding]:
    """Everything is off from some layer down."""
    top = clues.top
    if top is None:
        return
    check = clues.report.layers.get(top)
    # Formulas that no dZ fits are wrong themselves.
    strength = _SURE[check.dZ_consistent if check else None]
    if top == clues.last:
        words = (
            f"Everything is off, from the output layer down. Consistent with an error in dZ{top}, "
            "or in what all gradients share: m, the forward pass and its masks, or a cost that "
            "is not the one that backprop differentiates."
        )
    else:
        words = (
            f"Everything is off up to layer {top}, and all above is right. An error travels "
            f"down: consistent with one in dZ{top}, that is in dA{top} = W{top + 1}^T "
            f"dZ{top + 1}, in the mask or keep_prob of layer {top}, or in the slope of its "
            "activation."
        )
    yield Finding(words, clues.off, strength)


def one_letter(clues: Clues) -> Iterator[Finding]:
    """Only dW are off, or only db."""
    W, b = clues.off_kind("W"), clues.off_kind("b")
    if b and not W and clues.kind("W"):
        yield Finding(
            f"{are(clues, b)} off, and every dW right, so that dZ must be right too. "
            "Consistent with an error in the formula of db: the sum over the examples, its "
            f"axis, 1/m{_at_a_kink(clues, b)}.",
            b,
            0.55,
        )
    if W and not b and clues.kind("b"):
        yield Finding(
            f"{are(clues, W)} off, and every db right, so that dZ must be right too. "
            "Consistent with an error in the formula of dW: the A that it takes (of which "
            "layer, before or after dropout), a transpose, 1/m, or the penalty.",
            W,
            0.55,
        )


def _at_a_kink(clues: Clues, biases: tuple[str, ...]) -> str:
    """Name the kink of ReLU if the errors of b, with every dW right, may be nothing else.

    Where W cannot move Z, all of A_prev is 0 and Z is b, which is on the kink if it is 0 itself.
    A complex step goes to neither side.
    """
    hidden = all(clues.layer_of[name][1] < clues.last for name in biases)
    zero = not any(np.any(clues.theta(name)[_wrong(clues, name)]) for name in biases)
    if hidden and zero and clues.report.method != "complex step":
        return "; or with a kink of ReLU right at these parameters"
    return ""


def few_components(clues: Clues) -> Iterator[Finding]:
    """Errors in a few of an array's numbers."""
    few = {name: wrong for name in clues.off if (wrong := _wrong_components(clues, name))}
    if few:
        total = sum(map(len, few.values()))
        components = "1 component" if total == 1 else f"{total} components"
        first = next(iter(few.values()))[0]
        kink = (
            "a kink of ReLU, or of |W|, within epsilon (a smaller one would tell), or with "
            if clues.report.method == "two-sided"
            else ""
        )
        yield Finding(
            f"Only {components} of {listed(few)} off, such as "
            f"{first}. Consistent with {kink}an error that meets single units or examples only.",
            tuple(few),
            0.58 * clues.coverage(few),
        )


def _wrong_components(clues: Clues, name: str) -> list[str]:
    """Name the components that are off, if they are a quarter or less."""
    wrong = _wrong(clues, name)
    if 4 * np.count_nonzero(wrong) > clues.count(name):
        return []
    return [component_name(name, wrong.shape, int(i)) for i in np.flatnonzero(wrong)]


def _wrong(clues: Clues, name: str) -> Array:
    """Tell which components are off, in the shape of the block."""
    error = np.abs(clues.error(name))
    wrong: Array = error > np.maximum(clues.rounding(name), 1e-3 * np.max(error))
    return wrong
