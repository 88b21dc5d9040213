"""What a gradient check found: one number, and everything behind it.

The number is the course's, over all components of theta in one vector,

    difference = ||grad - gradapprox|| / (||grad|| + ||gradapprox||)

from 0 (the same) to 1 (at least one of them 0, or opposite signs). It has to be read
against the rounding in gradapprox, which alone makes a right gradient differ: if noise is
what rounding does to each component, then by the floor

    floor = ||noise|| / (||grad|| + ||gradapprox||),    at most 1

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking" and "Gradient
  checking implementation notes".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from deepdials.core.functions import Array

# What the course says of a difference: the largest for which it does, a name, and words.
GRADES = (
    (1e-7, "great", "the gradients agree"),
    (1e-5, "look closer", "perhaps fine, but look at the components that differ most"),
    (1e-3, "worry", "there may well be a bug: look at the components that differ most"),
    (np.inf, "bug", "a bug is likely"),
)
GREAT = GRADES[0][0]


class Component(NamedTuple):
    """One component of theta: its name, such as "W2[3, 1]", and both derivatives."""

    name: str
    grad: float
    gradapprox: float
    relative_error: float


@dataclass(frozen=True, eq=False)
class LayerCheck:
    """What the gradients of one layer tell of the dZ that they were computed from.

    With right formulas, dW = dZ A_prev.T / m + penalty and db = mean of dZ. The dZ of the
    code under check is not seen, only what came of it.

    Attributes
    ----------
    A_prev : ndarray, shape (n_prev, m)
        The layer's input, dropout applied.
    dZ : ndarray, shape (n, m)
        The true derivative of each example's loss with respect to Z.
    penalty : ndarray, shape (n, n_prev)
        The penalty's part of the true dW.
    dW, db : ndarray, shapes (n, n_prev) and (n, 1)
        The gradients under check.
    dW_right, db_right : bool
        Each by itself agrees with the true one, to 1e-7 or to rounding. That of zeros is
        right when the true one is 0.
    dZ_shown_right : bool
        Whether dW, of this layer or of one below, is right and not 0. It was computed from
        this layer's dZ, which must then be right, but for a coincidence; what is wrong in
        dW and db is their own formula. False shows nothing.
    """

    A_prev: Array
    dZ: Array
    penalty: Array
    dW: Array
    db: Array
    dW_right: bool
    db_right: bool
    dZ_shown_right: bool

    @cached_property
    def dZ_consistent(self) -> bool | None:
        """Whether one and the same dZ, right or wrong, can be behind dW and db.

        That is, whether there is any D, shape (n, m), with D A_prev.T / m + penalty = dW
        and mean of D = db. False: no D fits, so that the formula of dW or of db is wrong,
        whatever dZ is. True: the formulas may be right, and if dW and db are not, then dZ
        is wrong, or both formulas are in the same way (a forgotten 1 / m). None: it cannot
        be told. When A_prev with a row of ones has rank n_prev + 1, some D fits any dW and
        db; n_prev examples or fewer always leave something to tell.
        """
        if self.dW_right and self.db_right:
            return True
        D, rank, inputs = self._fit
        if rank == len(inputs):
            return None
        target = self._target
        misfit = relative_difference(D @ inputs.T, target)
        # That of rounding is far below, that of a wrong formula far above. In between, it
        # may come from the small singular values that the rank leaves out.
        return None if 1e-7 < misfit <= 1e-4 else misfit <= 1e-7

    @cached_property
    def dZ_implied(self) -> Array | None:
        """The one dZ, shape (n, m), that dW and db come from if their formulas are right.

        None if no dZ fits, or more than one does: it takes A_prev with a row of ones to
        have rank m.
        """
        D, rank, _ = self._fit
        return D if self.dZ_consistent and rank == self.dZ.shape[1] else None

    @cached_property
    def _fit(self) -> tuple[Array, int, Array]:
        """The least D with the smallest misfit, the rank, and A_prev with a row of ones."""
        inputs = np.vstack([self.A_prev, np.ones(self.A_prev.shape[1])])
        solution, _, rank, _ = np.linalg.lstsq(inputs, self._target.T, rcond=1e-9)
        D: Array = solution.T
        return D, int(rank), inputs

    @property
    def _target(self) -> Array:
        target: Array = self.dZ.shape[1] * np.hstack([self.dW - self.penalty, self.db])
        return target


@dataclass(frozen=True, eq=False, repr=False)
class GradientReport:
    """Gradients beside their numerical approximation. Prints as a plain-text report.

    All arrays are copies in float64, in dicts keyed and ordered as the parameters are.

    Attributes
    ----------
    method : str
        Where gradapprox is from: "two-sided" or "complex step".
    epsilon : float
        The step.
    J : float
        The cost at theta.
    parameters, gradients, gradapprox : mapping of str to ndarray
        theta, grad and gradapprox.
    noise : mapping of str to ndarray
        What rounding alone can make of |grad - gradapprox|, to a factor of about 10.
    evaluations : int
        Two-sided: calls of the cost. Complex step: one forward pass, and one from each unit
        on for each unit.
    layers : mapping of int to LayerCheck
        For l = 1, ..., L, when the network is known; else empty.
    """

    method: str
    epsilon: float
    J: float
    parameters: Mapping[str, Array]
    gradients: Mapping[str, Array]
    gradapprox: Mapping[str, Array]
    noise: Mapping[str, Array]
    evaluations: int
    layers: Mapping[int, LayerCheck] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def difference(self) -> float:
        """||grad - gradapprox|| / (||grad|| + ||gradapprox||), 0 when both are 0."""
        return relative_difference(joined(self.gradients), joined(self.gradapprox))

    @cached_property
    def blocks(self) -> dict[str, float]:
        """The difference of each parameter array by itself."""
        pairs = {name: (grad, self.gradapprox[name]) for name, grad in self.gradients.items()}
        return {name: relative_difference(*pair) for name, pair in pairs.items()}

    @cached_property
    def floor(self) -> float:
        """What rounding alone can make of `difference`, to a factor of about 10."""
        return rounding_share(*map(joined, (self.noise, self.gradients, self.gradapprox)))

    @cached_property
    def floors(self) -> dict[str, float]:
        """What rounding alone can make of each of `blocks`, to a factor of about 10."""
        return {
            name: rounding_share(noise, self.gradients[name], self.gradapprox[name])
            for name, noise in self.noise.items()
        }

    @cached_property
    def relative_error(self) -> dict[str, Array]:
        """|grad - gradapprox| / (|grad| + |gradapprox|) by component, 0 where both are 0."""
        return {
            name: _relative_error(grad, self.gradapprox[name])
            for name, grad in self.gradients.items()
        }

    @cached_property
    def suspects(self) -> tuple[str, ...]:
        """The arrays whose own difference is above 1e-7 and above their floor."""
        return tuple(name for name in self.blocks if not self.agrees(name))

    def agrees(self, name: str) -> bool:
        """Whether the difference of one array is at most 1e-7, or explained by rounding.

        Parameters
        ----------
        name : str
            "W1", for one.

        Returns
        -------
        bool
        """
        return agree(self.gradients[name], self.gradapprox[name], self.noise[name])

    @property
    def grade(self) -> str:
        """Which of the course's thresholds `difference` keeps.

            great          difference <= 1e-7
            look closer    difference <= 1e-5
            worry          difference <= 1e-3
            bug            above

        They are meant for float64 and epsilon = 1e-7.
        """
        return self._graded[1]

    @property
    def verdict(self) -> str:
        """The grade in words, and when not to believe it.

        A difference above 1e-7 that is not above `floor` says nothing against the
        gradients, and one below may hide an array that is small and wrong: `suspects`.
        """
        _, grade, words = self._graded
        if grade == "great" and self.suspects:
            return f"{grade} as a whole, but not in {', '.join(self.suspects)}"
        if grade != "great" and self.difference <= self.floor:
            return f"{grade}, says the course's rule, but rounding alone explains this much"
        return f"{grade}: {words}"

    @property
    def _graded(self) -> tuple[float, str, str]:
        # Written so that a nan, which no bound admits, is the worst.
        return next((rule for rule in GRADES if self.difference <= rule[0]), GRADES[-1])

    @cached_property
    def diagnosis(self) -> tuple[str, ...]:
        """What the differences are consistent with, in words, the likeliest first."""
        # diagnose reads reports, so that its module comes after this one.
        from deepdials.core.diagnosis import diagnose

        return tuple(finding.words for finding in diagnose(self))

    def worst(self, n: int = 5) -> list[Component]:
        """Return the components with the largest relative errors.

        Parameters
        ----------
        n : int
            How many at most.

        Returns
        -------
        list of Component
            (name, grad, gradapprox, relative error), the worst first, but those whose
            difference rounding explains come after the others.
        """
        grad, gradapprox = joined(self.gradients), joined(self.gradapprox)
        error = joined(self.relative_error)
        explained = np.abs(grad - gradapprox) <= joined(self.noise)
        order = np.lexsort((-error, explained))[:n]
        return [
            Component(self._name(i), float(grad[i]), float(gradapprox[i]), float(error[i]))
            for i in map(int, order)
        ]

    def _name(self, i: int) -> str:
        for name, array in self.gradients.items():
            if i < array.size:
                return component_name(name, array.shape, i)
            i -= array.size
        raise IndexError(i)

    def __str__(self) -> str:
        """Difference, verdict, a line for each array, and the worst components."""
        return "\n".join([*self._summary(), "", *self._block_lines(), "", *self._worst_lines()])

    __repr__ = __str__

    def _summary(self) -> list[str]:
        count = sum(array.size for array in self.gradients.values())
        return [
            f"difference  {self.difference:.3e}  {self.verdict}",
            f"floor       {self.floor:.3e}  what rounding alone can come to",
            f"{count} components, {self.evaluations} evaluations, "
            f"{self.method}, epsilon = {self.epsilon:g}",
        ]

    def _block_lines(self) -> list[str]:
        rows = [
            (
                name,
                str(self.gradients[name].shape),
                f"{difference:.3e}",
                f"{self.floors[name]:.0e}",
                "differs" if name in self.suspects else "",
            )
            for name, difference in self.blocks.items()
        ]
        return _table([("array", "shape", "difference", "floor", ""), *rows])

    def _worst_lines(self) -> list[str]:
        rows = [
            (name, f"{grad:+.8e}", f"{gradapprox:+.8e}", f"{error:.1e}")
            for name, grad, gradapprox, error in self.worst()
        ]
        return _table([("component", "analytic", "numeric", "relative error"), *rows])


def relative_difference(grad: Array, gradapprox: Array) -> float:
    """||grad - gradapprox|| / (||grad|| + ||gradapprox||), 0 when both are 0.

    Parameters
    ----------
    grad, gradapprox : ndarray, same shape

    Returns
    -------
    float
        From 0 to 1.
    """
    sizes = norm(grad) + norm(gradapprox)
    return norm(grad - gradapprox) / sizes if sizes else 0.0


def agree(grad: Array, gradapprox: Array, noise: Array) -> bool:
    """Whether the difference is at most 1e-7, or explained by rounding.

    Parameters
    ----------
    grad, gradapprox, noise : ndarray, same shape

    Returns
    -------
    bool
    """
    difference = relative_difference(grad, gradapprox)
    return difference <= GREAT or difference <= rounding_share(noise, grad, gradapprox)


def rounding_share(noise: Array, grad: Array, gradapprox: Array) -> float:
    """||noise|| / (||grad|| + ||gradapprox||), at most 1, as any difference is.

    Parameters
    ----------
    noise, grad, gradapprox : ndarray, same shape

    Returns
    -------
    float
        From 0 to 1, and 0 when there is no noise.
    """
    rounding, sizes = norm(noise), norm(grad) + norm(gradapprox)
    if rounding == 0:
        return 0.0
    return rounding / sizes if rounding < sizes else 1.0


def norm(array: Array) -> float:
    """||array||, the Euclidean norm of all components.

    Parameters
    ----------
    array : ndarray, any shape

    Returns
    -------
    float
    """
    flat = np.ravel(array)
    with np.errstate(over="ignore"):
        size = float(np.sqrt(flat @ flat))
    if 1e-150 < size < 1e150:
        return size
    # The square of a gradient that vanished, 1e-200, is 0; and 1e200 explodes.
    largest = float(np.max(np.abs(flat), initial=0))
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(flat / largest))


def component_name(name: str, shape: tuple[int, ...], i: int) -> str:
    """Name a component as `parameters.names_of_components` does.

    Parameters
    ----------
    name : str
        Of the array.
    shape : tuple of int
        Its shape.
    i : int
        The component's place in C order.

    Returns
    -------
    str
        "W2[3, 1]"; "b1[2]" for a column of biases; "gamma" for a scalar.
    """
    column = name.startswith("b") and shape[1:] == (1,)
    indices = np.unravel_index(i, shape[:-1] if column else shape)
    return f"{name}{[int(index) for index in indices]}" if shape else name


def _relative_error(grad: Array, gradapprox: Array) -> Array:
    sizes = np.abs(grad) + np.abs(gradapprox)
    error: Array = np.abs(grad - gradapprox) / np.where(sizes == 0, 1, sizes)
    return error


def joined(arrays: Mapping[str, Array]) -> Array:
    """Return all components of some arrays as one vector, in the order of the dict."""
    return np.concatenate([np.ravel(array) for array in arrays.values()])


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
