"""What a failed gradient check is consistent with, in plain words.

A check says that a gradient is wrong, and by how much. Which arrays are wrong, and how, says
more. A constant factor everywhere, grad = c gradapprox, gives

    difference = |c - 1| / (|c| + 1)

so that 1/3 is what 2 and 1/2 give, 0.6 what 4 and 1/4 give, and 1 what a wrong sign gives, or
zeros. An error proportional to W is the penalty's. An error in dZ travels down to all layers
below. And where the network is known, with the true dZ of every layer, the usual mistakes can
simply be tried: which of them gives the very numbers under check?

None of this is proof: two mistakes can give the same numbers. Every finding is "consistent
with" a cause, and carries a weight by which the list is ordered.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking" and "Gradient
  checking implementation notes".
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any, TypeAlias

import numpy as np

from deepdials.core.functions import Array
from deepdials.core.gradient_report import GradientReport, LayerCheck, component_name, norm

# A fit must leave no more of the error than this, rounding apart.
_FIT = 1e-4
# The noise of a report is right to a factor of about this.
_NOISE = 10
# Truncation is taken to stay below this times epsilon squared, relatively.
_CURVED = 100
_NAME = re.compile(r"([Wb])([1-9][0-9]*)")


@dataclass(frozen=True)
class Finding:
    """Something that a check is consistent with.

    Attributes
    ----------
    words : str
        One or two sentences.
    blocks : tuple of str
        The arrays that it is about, named as in the report: "W1", "b1", ...
    weight : float
        From 0 to 1. Not a probability: it orders the findings, by how much of what is wrong
        they account for, and how exactly.
    """

    words: str
    blocks: tuple[str, ...]
    weight: float


def diagnose(
    report: GradientReport, m: int | None = None, lambd: float | None = None
) -> tuple[Finding, ...]:
    """Tell what the differences in a report are consistent with.

    Parameters
    ----------
    report : GradientReport
        From `check_gradients`, or, for more definite findings, from `check_network`.
    m : int, optional
        The number of examples, which makes a factor m recognizable. A report of
        `check_network` knows it.
    lambd : float, optional
        The strength of the penalty in the cost, in the same way.

    Returns
    -------
    tuple of Finding
        The heaviest first, at least one. If nothing is wrong, it is one that says so.
    """
    clues = _Clues(report, m, lambd)
    if not clues.off:
        return (_nothing_off(clues),)
    findings = [finding for look in _LOOKS for finding in look(clues)]
    if not set(clues.off) <= {name for finding in findings for name in finding.blocks}:
        findings.append(_these_blocks(clues))
    return tuple(sorted(findings, key=lambda finding: -finding.weight))


@dataclass(frozen=True, eq=False)
class _Clues:
    """A report, and what can be read from it."""

    report: GradientReport
    given_m: int | None = None
    given_lambd: float | None = None

    @cached_property
    def truncation(self) -> float:
        """What the formula's own error may come to, relatively."""
        if self.report.method != "two-sided":
            return 0.0
        return min(_CURVED * self.report.epsilon**2, 0.05)

    @cached_property
    def off(self) -> tuple[str, ...]:
        """The arrays that differ by more than rounding and truncation may."""
        return tuple(
            name for name in self.report.suspects if norm(self.error(name)) > self.unsure(name)
        )

    @cached_property
    def layer_of(self) -> dict[str, tuple[str, int]]:
        """From "W1" to ("W", 1), for the names that have this form."""
        found = {name: _NAME.fullmatch(name) for name in self.report.gradients}
        return {name: (hit[1], int(hit[2])) for name, hit in found.items() if hit}

    @cached_property
    def last(self) -> int:
        return max((layer for _, layer in self.layer_of.values()), default=0)

    @cached_property
    def m(self) -> int | None:
        layers = self.report.layers
        return layers[1].dZ.shape[1] if layers else self.given_m

    @cached_property
    def n_x(self) -> int | None:
        W1 = self.report.parameters.get("W1")
        return W1.shape[1] if W1 is not None and W1.ndim == 2 else None

    @cached_property
    def decay(self) -> float | None:
        """What an L2 penalty multiplies W by: lambd / m, if it is known."""
        if self.report.layers:
            W, penalty = self.report.parameters["W1"], self.report.layers[1].penalty
            slope = _along(penalty, W)
            return slope if slope and _fits(penalty, slope * W, 1e-9 * norm(penalty)) else None
        if self.given_lambd is None or not self.m:
            return None
        return self.given_lambd / self.m

    def grad(self, name: str) -> Array:
        return self.report.gradients[name]

    def approx(self, name: str) -> Array:
        return self.report.gradapprox[name]

    def theta(self, name: str) -> Array:
        return self.report.parameters[name]

    def error(self, name: str) -> Array:
        return self.grad(name) - self.approx(name)

    def unsure(self, name: str) -> float:
        """How far a right gradient may be from gradapprox."""
        size = norm(self.approx(name))
        return _NOISE * norm(self.report.noise[name]) + self.truncation * size

    def alive(self, name: str) -> Array:
        """Tell which components have a gradient at all: dead units have none."""
        size = np.abs(self.grad(name)) + np.abs(self.approx(name))
        alive: Array = size > _NOISE * self.report.noise[name]
        return alive

    def count(self, name: str) -> int:
        """Count the components with a gradient: a single one fits anything."""
        return int(np.count_nonzero(self.alive(name)))

    def slack(self, name: str) -> float:
        """How far a gradient may be from what would explain it."""
        return max(_FIT * norm(self.error(name)), self.unsure(name))

    def explained(self, name: str, candidate: Array) -> bool:
        """Whether the gradient under check is the candidate."""
        grad = self.grad(name)
        return candidate.shape == grad.shape and _fits(grad, candidate, self.slack(name))

    def penalties(self, name: str) -> list[Array]:
        """List what the penalty's part of gradapprox may be."""
        letter, layer = self.layer_of.get(name, ("", 0))
        nothing = np.zeros(self.grad(name).shape)
        if letter != "W":
            return [nothing]
        if self.report.layers:
            return [nothing, self.report.layers[layer].penalty]
        if self.decay is not None:
            W = self.theta(name)
            return [nothing, self.decay * W, self.decay * np.sign(W)]
        return [nothing, *self._fitted_penalty(name)]

    def _fitted_penalty(self, name: str) -> list[Array]:
        """Find the multiple of W without which grad is a multiple of gradapprox."""
        W = np.ravel(self.theta(name))
        if W.size < 4:
            return []
        basis = np.stack([np.ravel(self.approx(name)), W], axis=1)
        (factor, share), _, rank, _ = np.linalg.lstsq(basis, np.ravel(self.grad(name)))
        # grad = c (approx - p W) + p W, so that share = (1 - c) p.
        if rank < 2 or abs(factor - 1) < 1e-3:
            return []
        return [share / (1 - factor) * self.theta(name)]

    def coverage(self, blocks: Iterable[str]) -> float:
        """Give the share of what is off that these blocks are."""
        return len(set(blocks) & set(self.off)) / len(self.off)

    def kind(self, letter: str) -> tuple[str, ...]:
        """All arrays of one letter, W or b."""
        return tuple(name for name, (its, _) in self.layer_of.items() if its == letter)

    def off_kind(self, letter: str) -> tuple[str, ...]:
        return tuple(name for name in self.kind(letter) if name in self.off)

    def up_to(self, top: int) -> tuple[str, ...]:
        return tuple(name for name, (_, layer) in self.layer_of.items() if layer <= top)


def _fits(array: Array, candidate: Array, slack: float) -> bool:
    return norm(array - candidate) <= slack


def _along(array: Array, direction: Array) -> float:
    """Project: the multiple of a direction that is nearest to an array."""
    size = norm(direction)
    if size == 0:
        return 0.0
    unit = direction / size
    return float(np.sum(array * unit)) / size


def _listed(names: Iterable[str]) -> str:
    *most, last = [f"d{name}" for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def _called(clues: _Clues, blocks: tuple[str, ...]) -> str:
    """Blocks as a person would call them."""
    if len(blocks) > 1:
        if set(blocks) == set(clues.report.gradients):
            return "every dW and db"
        for letter in "Wb":
            if set(blocks) == set(clues.kind(letter)):
                return f"every d{letter}"
    return _listed(blocks)


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] if words.startswith("every") else words


def _are(clues: _Clues, blocks: tuple[str, ...]) -> str:
    words = _called(clues, blocks)
    one = len(blocks) == 1 or words.startswith("every")
    return f"{_sentence(words)} {'is' if one else 'are'}"


# Nothing is wrong, or nothing that can be told.


def _nothing_off(clues: _Clues) -> Finding:
    report, suspects = clues.report, clues.report.suspects
    if suspects:
        return Finding(_a_little(clues), suspects, 0.6)
    if report.difference <= 1e-7:
        return Finding("Nothing is off: all gradients agree with the numerical ones.", (), 1.0)
    return Finding(
        f"Nothing is off beyond rounding: the difference of {report.difference:.1e} is no more "
        f"than rounding can come to with epsilon = {report.epsilon:g}. A larger epsilon "
        "rounds less: try 1e-5.",
        (),
        1.0,
    )


def _a_little(clues: _Clues) -> str:
    report = clues.report
    start = f"{_are(clues, report.suspects)} off by very little"
    if clues.truncation > 1e-7:
        return (
            f"{start}, no more than the formula itself can be with epsilon = "
            f"{report.epsilon:g}: consistent with right gradients. Try 1e-5."
        )
    return (
        f"{start}, close to what rounding can come to: consistent with right gradients. "
        "A larger epsilon would tell: if the difference shrinks, it was rounding."
    )


# Looks at what is off. Each gives findings, or none.


def _zeros(clues: _Clues) -> Iterator[Finding]:
    zero = tuple(name for name in clues.off if not np.any(clues.grad(name)))
    if zero:
        yield Finding(
            f"{_sentence(_called(clues, zero))}: all zeros, where the cost does have a slope. "
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


@dataclass(frozen=True)
class _Factor:
    """grad = value * gradapprox in some blocks, with or without the penalty's part."""

    value: float
    blocks: tuple[str, ...]
    but_penalty: bool


def _factor(clues: _Clues, name: str) -> tuple[float, bool] | None:
    """Find a block's constant factor, and whether the penalty's part is without it."""
    for penalty in clues.penalties(name):
        rest, true = clues.grad(name) - penalty, clues.approx(name) - penalty
        value = _along(rest, true)
        if abs(value) < 1e-6 or abs(value - 1) < 1e-3 or norm(true) <= clues.unsure(name):
            continue
        if _fits(rest, value * true, clues.slack(name)):
            return value, bool(np.any(penalty))
    return None


def _factors(clues: _Clues) -> list[_Factor]:
    """Find the constant factors, each with all the blocks that have it."""
    found = {name: _factor(clues, name) for name in clues.off}
    # The larger blocks first, as a single number is a multiple of any other.
    names = sorted((name for name in clues.off if found[name]), key=lambda name: -clues.count(name))
    groups: list[list[tuple[str, float, bool]]] = []
    for name in names:
        value, but_penalty = found[name] or (1.0, False)
        for group in groups:
            if abs(value - group[0][1]) <= 1e-3 * abs(value):
                group.append((name, value, but_penalty))
                break
        else:
            groups.append([(name, value, but_penalty)])
    return [_in_order(clues, group) for group in groups]


def _in_order(clues: _Clues, group: list[tuple[str, float, bool]]) -> _Factor:
    names = {name for name, _, _ in group}
    blocks = tuple(name for name in clues.off if name in names)
    return _Factor(group[0][1], blocks, any(but_penalty for *_, but_penalty in group))


def _constant_factors(clues: _Clues) -> Iterator[Finding]:
    for factor in _factors(clues):
        meanings = _meanings(clues, factor)
        single = max(clues.count(name) for name in factor.blocks) == 1
        # One number is always a multiple of another: only a telling factor says something.
        if single and not meanings:
            continue
        yield Finding(
            f"{_sentence(_called(clues, factor.blocks))}: {_times(factor.value)} what it should "
            f"be{', but for the part of the penalty' if factor.but_penalty else ''}. "
            f"Consistent with {' or '.join(meanings) or 'a constant factor'}.",
            factor.blocks,
            (0.6 if single else 0.95) * clues.coverage(factor.blocks),
        )


def _times(value: float) -> str:
    if abs(value + 1) < 1e-3:
        return "minus"
    return f"{value:.4g} times"


def _meanings(clues: _Clues, factor: _Factor) -> list[str]:
    m, n_x, value = clues.m, clues.n_x, factor.value
    known = [
        (2.0, "a forgotten 1/2, or something that is counted twice"),
        (0.5, "a 1/2 too many"),
        (-1.0, "a wrong sign, such as y - a for a - y"),
    ]
    if m and m > 1:
        known += [(float(m), "a missing 1/m"), (1 / m, "1/m taken twice")]
    if m and n_x and n_x != m:
        known += [(m / n_x, "m counted along the wrong axis of X")]
    meanings = [words for at, words in known if abs(value - at) <= 1e-3 * abs(at)]
    return [*_lost_on_the_way(clues, factor), *meanings]


def _lost_on_the_way(clues: _Clues, factor: _Factor) -> list[str]:
    top = _top(clues)
    if top is None or top == clues.last or set(factor.blocks) != set(clues.off):
        return []
    return [f"a factor lost or added in dA{top}, such as the keep_prob of dropout"]


def _height(clues: _Clues, factor: _Factor) -> int:
    return max(clues.layer_of[name][1] for name in factor.blocks)


def _steps_down(clues: _Clues) -> Iterator[Finding]:
    """W and b of a layer share a factor, and each layer has its own."""
    top = _top(clues)
    if top in (None, clues.last):
        return
    factors = sorted(_factors(clues), key=lambda factor: -_height(clues, factor))
    layers = [{clues.layer_of[name][1] for name in factor.blocks} for factor in factors]
    whole = sum(len(factor.blocks) for factor in factors) == len(clues.off)
    if not whole or len(factors) < 2 or set.intersection(*layers):
        return
    each = ", ".join(f"{factor.value:.4g} in {_listed(factor.blocks)}" for factor in factors)
    yield Finding(
        f"Each layer has a factor of its own: {each}. Consistent with a factor lost or added at "
        "every step down, in dA: such as the keep_prob of dropout.",
        clues.off,
        0.96,
    )


def _penalty(clues: _Clues) -> Iterator[Finding]:
    """Errors of W alone, proportional to W or to its sign."""
    blocks = tuple(name for name in clues.off_kind("W") if clues.count(name) > 1)
    if not blocks or clues.off_kind("b"):
        return
    share = _common_share(clues, blocks, lambda W: W)
    if share is not None:
        yield _finding_of_penalty(clues, blocks, share)
        return
    signs = _common_share(clues, blocks, np.sign)
    if signs is not None:
        yield Finding(
            f"{_sentence(_called(clues, blocks))}: off by {signs:.4g} times the sign of W, "
            "every db right. Consistent with an L1 penalty that is forgotten, or has a wrong "
            "coefficient.",
            blocks,
            0.93 * clues.coverage(clues.off_kind("W")),
        )
        return
    yield from _other_signs(clues, blocks)


def _l2_for_l1(W: Array) -> Array:
    return W - np.sign(W)


def _size_for_sign(W: Array) -> Array:
    return np.abs(W) - np.sign(W)


def _other_signs(clues: _Clues, blocks: tuple[str, ...]) -> Iterator[Finding]:
    for mistake, words in (
        (_l2_for_l1, "W itself, the slope of an L2 penalty, in the place of sign(W)"),
        (_size_for_sign, "|W|, the penalty's size and not its slope, in the place of sign(W)"),
    ):
        if _common_share(clues, blocks, mistake) is not None:
            yield Finding(
                f"{_sentence(_called(clues, blocks))}: off by what an L1 penalty with a wrong "
                f"slope gives, every db right. Consistent with {words}.",
                blocks,
                0.93 * clues.coverage(clues.off_kind("W")),
            )


def _common_share(
    clues: _Clues, blocks: tuple[str, ...], direction: Callable[[Array], Array]
) -> float | None:
    """Find k with error = k direction(theta) in all of these blocks, if there is one."""
    shares = []
    for name in blocks:
        along = direction(clues.theta(name))
        shares.append(_along(clues.error(name), along))
        if norm(along) == 0 or not _fits(clues.error(name), shares[-1] * along, clues.slack(name)):
            return None
    spread = max(shares) - min(shares)
    return shares[0] if spread <= 1e-2 * abs(shares[0]) else None


def _finding_of_penalty(clues: _Clues, blocks: tuple[str, ...], share: float) -> Finding:
    return Finding(
        f"{_sentence(_called(clues, blocks))}: off by {share:+.4g} times W, every db right. "
        f"Consistent with {_coefficient(clues, share)}.",
        blocks,
        0.94 * clues.coverage(clues.off_kind("W")),
    )


def _coefficient(clues: _Clues, share: float) -> str:
    decay, m = clues.decay, clues.m
    if not decay:
        return (
            f"the L2 penalty: forgotten in dW if lambd / m is {-share:.4g}, halved if it is "
            f"{-2 * share:.4g}"
            if share < 0
            else "an L2 penalty in dW that is not in the cost, or has another coefficient there"
        )
    known = [
        (-decay, "the L2 penalty forgotten in dW"),
        (-decay / 2, "lambd / (2m) W in dW, where the slope of the penalty is lambd / m W"),
        (decay, "lambd / m W added twice"),
    ]
    if m and m > 1:
        known.append(((m - 1) * decay, "lambd W in dW, without the 1/m"))
    meanings = [words for at, words in known if abs(share - at) <= 1e-2 * abs(at)]
    return " or ".join(meanings) or (
        f"a penalty of {decay + share:.4g} W in dW, where the slope of the cost's is {decay:.4g} W"
    )


def _penalty_on_b(clues: _Clues) -> Iterator[Finding]:
    blocks = tuple(name for name in clues.off_kind("b") if clues.count(name) > 1)
    share = _common_share(clues, blocks, lambda b: b) if blocks else None
    if share is not None:
        yield Finding(
            f"{_sentence(_called(clues, clues.off_kind('b')))}: off by {share:+.4g} times b. "
            "Consistent with a penalty on b, which the cost does not have.",
            clues.off_kind("b"),
            0.94 * clues.coverage(clues.off_kind("b")),
        )


def _reordered(clues: _Clues) -> Iterator[Finding]:
    """Right numbers in the wrong places."""
    transposed = tuple(name for name in clues.off if _is_transposed(clues, name))
    if transposed:
        square = all(len(set(clues.grad(name).shape)) == 1 for name in transposed)
        what = "the transpose" if square else "the transpose, reshaped to fit,"
        yield Finding(
            f"{_sentence(_called(clues, transposed))}: {what} of what it should be. "
            "Consistent with A dZ^T in the place of dZ A^T, or with a reshape where a "
            "transpose should be.",
            transposed,
            0.95 * clues.coverage(transposed),
        )
    moved = tuple(name for name in clues.off if _is_permuted(clues, name))
    if moved and not transposed:
        yield Finding(
            f"{_sentence(_called(clues, moved))}: the right numbers in another order. "
            "Consistent with vectors that are put together in different orders.",
            moved,
            0.8 * clues.coverage(moved),
        )


def _is_transposed(clues: _Clues, name: str) -> bool:
    shape = clues.grad(name).shape
    if len(shape) != 2 or min(shape) == 1:
        return False
    return any(
        clues.explained(name, (clues.approx(name) - penalty).T.reshape(shape) + penalty)
        for penalty in clues.penalties(name)
    )


def _is_permuted(clues: _Clues, name: str) -> bool:
    grad, approx = np.sort(clues.grad(name), axis=None), np.sort(clues.approx(name), axis=None)
    return grad.size > 2 and _fits(grad, approx, clues.slack(name))


# Which of the blocks are off.


def _top(clues: _Clues) -> int | None:
    """Find the layer up to which everything is off, if there is one.

    Blocks that are 0 in both are no exception: nothing arrives there.
    """
    top = max((clues.layer_of[name][1] for name in clues.off if name in clues.layer_of), default=0)
    silent = {
        name
        for name in clues.up_to(top)
        if norm(clues.grad(name)) + norm(clues.approx(name)) <= clues.unsure(name)
    }
    return top if top and set(clues.up_to(top)) <= set(clues.off) | silent else None


def _upstream(clues: _Clues) -> Iterator[Finding]:
    top = _top(clues)
    if top is None:
        return
    check = clues.report.layers.get(top)
    # Formulas that no dZ fits are wrong themselves.
    strength = 0.6 if check is None or check.dZ_consistent is None else _SURE[check.dZ_consistent]
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


_SURE = {True: 0.7, False: 0.3}


def _one_letter(clues: _Clues) -> Iterator[Finding]:
    W, b = clues.off_kind("W"), clues.off_kind("b")
    if b and not W and clues.kind("W"):
        yield Finding(
            f"{_are(clues, b)} off, and every dW right, so that dZ must be right too. "
            "Consistent with an error in the formula of db: the sum over the examples, its "
            "axis, 1/m.",
            b,
            0.55,
        )
    if W and not b and clues.kind("b"):
        yield Finding(
            f"{_are(clues, W)} off, and every db right, so that dZ must be right too. "
            "Consistent with an error in the formula of dW: the A that it takes (of which "
            "layer, before or after dropout), a transpose, 1/m, or the penalty.",
            W,
            0.55,
        )


def _few_components(clues: _Clues) -> Iterator[Finding]:
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
            f"Only {components} of {_listed(few)} off, such as "
            f"{first}. Consistent with {kink}an error that meets single units or examples only.",
            tuple(few),
            0.58 * clues.coverage(few),
        )


def _wrong_components(clues: _Clues, name: str) -> list[str]:
    """Name the components that are off, if they are a quarter or less."""
    error, bound = np.abs(clues.error(name)), _NOISE * clues.report.noise[name]
    wrong = np.flatnonzero(error > np.maximum(bound, 1e-3 * np.max(error)))
    if 4 * wrong.size > clues.count(name):
        return []
    return [component_name(name, error.shape, int(i)) for i in wrong]


def _these_blocks(clues: _Clues) -> Finding:
    right = [name for name in clues.report.gradients if name not in clues.off]
    rest = f", and {_listed(right)} right" if right else ""
    lines = "the line that computes it" if len(clues.off) == 1 else "the lines that compute them"
    words = f"{_are(clues, clues.off)} off{rest}. Consistent with an error in {lines}."
    return Finding(words, clues.off, 0.2)


# Where the network is known, the usual mistakes are tried one by one.


Trial: TypeAlias = tuple[str, Array]


def _tried_formulas(clues: _Clues) -> Iterator[Finding]:
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
            f"{_sentence(_called(clues, blocks))}: what comes out with {words}. Consistent with "
            "that mistake.",
            blocks,
            0.98 * clues.coverage(blocks),
        )


def _trials(clues: _Clues, letter: str, layer: int) -> list[Trial]:
    check, m = clues.report.layers[layer], clues.report.layers[layer].dZ.shape[1]
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


def _tried_dz(clues: _Clues) -> Iterator[Finding]:
    """Mistakes in the dZ of the topmost layer that is off, from the right dZ above it."""
    layers, top = clues.report.layers, _top(clues)
    if not layers or top is None:
        return
    trials = _trials_of_output(layers[top]) if top == clues.last else _trials_of_hidden(clues, top)
    for words, dZ in trials:
        dW, db = _of_layer(layers[top], dZ)
        if clues.explained(f"W{top}", dW) and clues.explained(f"b{top}", db):
            yield _wrong_dz(clues, top, words)
    if top < clues.last and _updated_first(clues, top):
        yield _wrong_dz(clues, top, f"a W{top + 1} that is updated already")


def _wrong_dz(clues: _Clues, top: int, words: str) -> Finding:
    below = "; what is off below follows from it" if top > 1 else ""
    return Finding(
        f"dW{top} and db{top} are what comes out of a dZ{top} with {words}{below}. Consistent "
        "with that mistake.",
        clues.off,
        0.97,
    )


def _of_layer(check: LayerCheck, dZ: Array) -> tuple[Array, Array]:
    """Compute the dW and db that follow from a dZ."""
    m = dZ.shape[1]
    return dZ @ check.A_prev.T / m + check.penalty, np.sum(dZ, axis=1, keepdims=True) / m


def _trials_of_output(check: LayerCheck) -> list[Trial]:
    # For labels 0 and 1, A is either dZ or 1 + dZ, and A (1 - A) the same for both.
    size = np.abs(check.dZ)
    return [
        ("the slope of the output's sigmoid, which has cancelled", check.dZ * size * (1 - size))
    ]


def _trials_of_hidden(clues: _Clues, layer: int) -> list[Trial]:
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


def _slope(clues: _Clues, layer: int) -> Array:
    """Find what dA is multiplied by to give dZ: the activation's slope, and the mask."""
    layers = clues.report.layers
    dA = clues.theta(f"W{layer + 1}").T @ layers[layer + 1].dZ
    slope: Array = np.divide(layers[layer].dZ, dA, out=np.zeros_like(dA), where=dA != 0)
    return slope


def _updated_first(clues: _Clues, layer: int) -> bool:
    """Whether the error is what a step of any size in W of the layer above gives."""
    layers = clues.report.layers
    step = clues.approx(f"W{layer + 1}").T @ layers[layer + 1].dZ * _slope(clues, layer)
    check, m = layers[layer], step.shape[1]
    dW, db = step @ check.A_prev.T / m, np.sum(step, axis=1, keepdims=True) / m
    W, b = f"W{layer}", f"b{layer}"
    rate = -_along(clues.error(W), dW)
    return (
        rate > 0
        and _fits(clues.error(W), -rate * dW, clues.slack(W))
        and _fits(clues.error(b), -rate * db, clues.slack(b))
    )


_LOOKS: tuple[Callable[[_Clues], Iterable[Finding]], ...] = (
    _tried_formulas,
    _tried_dz,
    _zeros,
    _steps_down,
    _constant_factors,
    _reordered,
    _penalty,
    _penalty_on_b,
    _upstream,
    _one_letter,
    _few_components,
)


# A number alone.


def difference_of_factor(c: Any) -> Any:
    """Give the difference of gradients that are c times what they should be.

        |c - 1| / (|c| + 1)

    Parameters
    ----------
    c : real number

    Returns
    -------
    real number, from 0 to 1
    """
    return abs(c - 1) / (abs(c) + 1)


def factor_of_difference(difference: Any) -> Any:
    """Give the factor of 1 or more that has this difference; its inverse has the same.

        c = (1 + difference) / (1 - difference)

    Parameters
    ----------
    difference : real number, at least 0 and below 1

    Returns
    -------
    real number, at least 1
    """
    return (1 + difference) / (1 - difference)


def read_number(difference: float) -> tuple[Finding, ...]:
    """Tell what a difference is consistent with, when nothing else is known.

    Parameters
    ----------
    difference : float
        ||grad - gradapprox|| / (||grad|| + ||gradapprox||), as somebody's check gave it.

    Returns
    -------
    tuple of Finding
        The most telling first, without blocks. The last begins with the course's verdict:
        "Great", up to 1e-7, "Look closer", up to 1e-5, "Worry", up to 1e-3, or "Bug"; or with
        "Impossible", or "Not a number".
    """
    difference = float(difference)
    if isnan(difference):
        return (Finding(_NAN, (), 1.0),)
    if not 0 <= difference <= 1 + 1e-12:
        return (Finding(_NEGATIVE if difference < 0 else _ABOVE_1, (), 1.0),)
    usual = next(words for bound, words in _RULES if difference <= bound)
    return (
        *(Finding(words, (), 0.9) for words in _known(difference)),
        *(Finding(words, (), 0.7) for words in _extreme(difference)),
        Finding(usual, (), 0.5),
    )


_NAN = (
    "Not a number: 0 / 0, consistent with a gradient and a gradapprox that are all zeros; or a nan "
    "in one of them, consistent with log(0) or an overflow in the cost."
)
_NEGATIVE = (
    "Impossible: norms are never negative. Consistent with a difference of norms, in the "
    "numerator or in the denominator."
)
_ABOVE_1 = (
    "Impossible: ||grad - gradapprox|| is never above ||grad|| + ||gradapprox||. Consistent "
    "with a mistake in the formula: a minus in the denominator, a norm that is missing there, "
    "or no denominator at all."
)
_RULES = (
    (
        1e-7,
        "Great: consistent with right gradients. Only an array whose gradient is small next to the "
        "others could still be wrong: look at each array by itself.",
    ),
    (
        1e-5,
        "Look closer: consistent with right gradients and rounding (epsilon = 1e-7 is small: try "
        "1e-5), with a kink of ReLU within epsilon, or with a mistake in a small part.",
    ),
    (
        1e-3,
        "Worry: consistent with a mistake in a small part (a penalty with a small lambd, the "
        "bias of one layer), with a kink of ReLU within epsilon, with float32, or with an epsilon "
        "that is too large.",
    ),
    (
        float("inf"),
        "Bug: consistent with a mistake in backprop, or in the check itself: look at each array by "
        "itself.",
    ),
)
# What comes out of the course's own exercise, a network of 4-5-3-1 units and 3 examples.
_EXERCISE = (
    (
        0.2850931567,
        "The course's exercise before it is repaired: consistent with both planted bugs, dW2 "
        "times 2 and db1 times 4.",
    ),
    (
        0.1734419689,
        "The course's exercise with one of its bugs left: consistent with db1 mended, and dW2 "
        "still times 2.",
    ),
    (
        0.2544229712,
        "The course's exercise with one of its bugs left: consistent with dW2 mended, and db1 "
        "still times 4.",
    ),
    (
        1.189e-7,
        "The course's exercise, repaired: consistent with right gradients. It is above 1e-7 "
        "by rounding alone: log(1 - A) has lost digits where A is near 1, and epsilon = 1e-7 "
        "magnifies that. With epsilon = 1e-5 it is 9e-10.",
    ),
    (
        9.32e-10,
        "The course's exercise, repaired, gives this with epsilon = 1e-5: consistent with right "
        "gradients.",
    ),
)


def _known(difference: float) -> Iterator[str]:
    for number, words in _EXERCISE:
        # As it may have been rounded: to three decimals, or two digits of a small one.
        if abs(difference - number) <= (6e-4 if number > 1e-3 else 4e-2 * number):
            yield words


def _extreme(difference: float) -> Iterator[str]:
    """Say what is special about this size."""
    if difference == 0:
        yield (
            "Exactly 0 hardly ever comes of a difference quotient: consistent with gradapprox "
            "compared with itself."
        )
    elif difference < 1e-13:
        yield (
            "Less than a difference quotient in float64 usually gives: consistent with a complex "
            "step, or with gradapprox compared with itself."
        )
    elif difference > 1 - 1e-3:
        yield (
            "1 is the largest there is: consistent with gradients of the wrong sign, with zeros "
            "in the place of one of the two, or with one that is far larger (J_plus + J_minus, "
            "dropout masks drawn anew in each cost)."
        )
    elif difference > 1e-3:
        yield _one_factor(difference)


def _one_factor(difference: float) -> str:
    c = factor_of_difference(difference)
    whole = round(c)
    if abs(difference - difference_of_factor(whole)) > 5e-4:
        return (
            f"If all gradients are off by one factor, it is {c:.4g} or {1 / c:.4g}; more likely, "
            "only some are wrong."
        )
    if whole == 2:
        return (
            "Consistent with a factor of 2 or 1/2 in all gradients, such as a 1/2 that is "
            "forgotten; or in the check: divided by epsilon instead of 2 epsilon."
        )
    return (
        f"Consistent with a factor of {whole} or 1/{whole} in all gradients, such as 1/m missing "
        f"or taken twice if m is {whole}."
    )
