"""What can be read from the report of a gradient check, beside its numbers.

Which arrays are off by more than rounding and truncation may be, from which layer down, and
how far a gradient may be from what would explain it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepdials.core.functions import Array
from deepdials.core.gradient_report import GradientReport, norm

# A fit must leave no more of the error than this, rounding apart.
_FIT = 1e-4
# The noise of a report is right to a factor of about this.
_NOISE = 10
# Truncation is taken to stay below this times epsilon squared, relatively.
_CURVED = 100
_NAME = re.compile(r"([Wb])([1-9][0-9]*)")


@dataclass(frozen=True, eq=False)
class Clues:
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
        """L, as far as the names tell; 0 if they do not."""
        return max((layer for _, layer in self.layer_of.values()), default=0)

    @cached_property
    def m(self) -> int | None:
        """The number of examples, if it is known."""
        layers = self.report.layers
        return layers[1].dZ.shape[1] if layers else self.given_m

    @cached_property
    def n_x(self) -> int | None:
        """The number of inputs, if there is a W1."""
        W1 = self.report.parameters.get("W1")
        return W1.shape[1] if W1 is not None and W1.ndim == 2 else None

    @cached_property
    def decay(self) -> float | None:
        """What an L2 penalty multiplies W by: lambd / m, if it is known."""
        if self.report.layers:
            W, penalty = self.report.parameters["W1"], self.report.layers[1].penalty
            slope = along(penalty, W)
            return slope if slope and fits(penalty, slope * W, 1e-9 * norm(penalty)) else None
        if self.given_lambd is None or not self.m:
            return None
        return self.given_lambd / self.m

    @cached_property
    def top(self) -> int | None:
        """The layer up to which everything is off, if there is one.

        Blocks that are 0 in both are no exception: nothing arrives there.
        """
        top = max((self.layer_of[name][1] for name in self.off if name in self.layer_of), default=0)
        silent = {
            name
            for name in self.up_to(top)
            if norm(self.grad(name)) + norm(self.approx(name)) <= self.unsure(name)
        }
        return top if top and set(self.up_to(top)) <= set(self.off) | silent else None

    def grad(self, name: str) -> Array:
        """Return what is under check."""
        return self.report.gradients[name]

    def approx(self, name: str) -> Array:
        """Return what it should be."""
        return self.report.gradapprox[name]

    def theta(self, name: str) -> Array:
        """Return the parameter itself."""
        return self.report.parameters[name]

    def error(self, name: str) -> Array:
        """Return what is too much in the gradient under check."""
        return self.grad(name) - self.approx(name)

    def unsure(self, name: str) -> float:
        """How far a right gradient may be from gradapprox."""
        return norm(self.rounding(name)) + self.truncation * norm(self.approx(name))

    def rounding(self, name: str) -> Array:
        """How far rounding may take each component of gradapprox."""
        return _NOISE * self.report.noise[name]

    def alive(self, name: str) -> Array:
        """Tell which components have a gradient at all: dead units have none."""
        size = np.abs(self.grad(name)) + np.abs(self.approx(name))
        alive: Array = size > self.rounding(name)
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
        return candidate.shape == grad.shape and fits(grad, candidate, self.slack(name))

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
        """Return all arrays of one letter, W or b."""
        return tuple(name for name, (its, _) in self.layer_of.items() if its == letter)

    def off_kind(self, letter: str) -> tuple[str, ...]:
        """Return those of one letter that are off."""
        return tuple(name for name in self.kind(letter) if name in self.off)

    def up_to(self, top: int) -> tuple[str, ...]:
        """Return the arrays of the layers 1 to top."""
        return tuple(name for name, (_, layer) in self.layer_of.items() if layer <= top)


def fits(array: Array, candidate: Array, slack: float) -> bool:
    """Whether two arrays of one shape are the same, but for the slack."""
    return norm(array - candidate) <= slack


def along(array: Array, direction: Array) -> float:
    """Project: the multiple of a direction that is nearest to an array."""
    size = norm(direction)
    if size == 0:
        return 0.0
    unit = direction / size
    return float(np.sum(array * unit)) / size
