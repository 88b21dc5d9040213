"""The network on the bench, three backprops for it, and the check of each, set up as asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from deepdials.core.averaged_cost import all_masks, averaged_cost, averaged_gradients
from deepdials.core.backward import backward
from deepdials.core.batched_checking import check_batched
from deepdials.core.bugs import BUGS, Backward, faulty
from deepdials.core.descent import at_iteration, descend
from deepdials.core.dropout import Dropout, draw_masks
from deepdials.core.exact_checking import check_network
from deepdials.core.gradient_report import GREAT, GradientReport
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

Array = NDArray[np.float64]

SIZES = (2, 8, 1)
NET = Network(SIZES, hidden="tanh")
HIDDEN = NET.L - 1
EXAMPLES, POSITIVE = 8, 3
# Where rounding and truncation are least together; the thresholds are the course's.
EPSILON = 1e-5
LEARNING_RATE, LAST = 0.5, 100


def _examples() -> tuple[Array, Array]:
    rng = np.random.default_rng(2)
    Y = (np.arange(EXAMPLES)[None] < POSITIVE).astype(np.float64)
    X = rng.standard_normal((SIZES[0], EXAMPLES))
    return X + np.where(Y > 0, [[1.0], [0.5]], [[-0.5], [-0.5]]), Y


X, Y = _examples()
START = initialize(SIZES, "small", 0.02, rng=np.random.default_rng(2))
CALLS = 2 * sum(array.size for array in START.values())

# What the learner is not told. A is right.
BUG_OF: Mapping[str, str | None] = MappingProxyType({"A": None, "B": "tanh-one", "C": "no-penalty"})


@dataclass(frozen=True)
class Setup:
    """Whose backprop is checked, and how."""

    backprop: str
    dropout: str
    keep_prob: float
    lambd: float
    J_has_penalty: bool

    @classmethod
    def of(
        cls, backprop: str, dropout: str, keep_prob: float, lambd: float, J_has_penalty: bool
    ) -> "Setup":
        """Leave out what does not matter, so that it trains nothing anew."""
        kept = 1.0 if dropout == "none" else keep_prob
        return cls(backprop, dropout, kept, lambd, J_has_penalty or lambd == 0)

    @property
    def J_lambd(self) -> float:
        """What the check's J has for lambd."""
        return self.lambd if self.J_has_penalty else 0.0


def code(backprop: str) -> Backward:
    """Return the backprop behind a letter."""
    bug = BUG_OF[backprop]
    return backward if bug is None else faulty(BUGS[bug])


@lru_cache(maxsize=4)
def trained(backprop: str, lambd: float) -> Mapping[str, Array]:
    """Follow this backprop downhill from small weights, without dropout."""
    return descend(
        lambda theta: code(backprop)(NET, theta, X, Y, lambd), START, LEARNING_RATE, LAST
    )


def theta_at(setup: Setup, iteration: int) -> dict[str, Array]:
    """Return the parameters after so many iterations."""
    return at_iteration(trained(setup.backprop, setup.lambd), iteration)


def largest_weight(setup: Setup, iteration: int) -> float:
    """Return the largest entry of W1 and W2, by size."""
    theta = theta_at(setup, iteration)
    return max(float(np.abs(array).max()) for name, array in theta.items() if name[0] == "W")


@lru_cache(maxsize=4)
def checks(setup: Setup) -> Mapping[int, GradientReport]:
    """Check now and then, less often where a check takes 256 masks."""
    step = 10 if setup.dropout == "averaged" else 4
    return MappingProxyType({at: check_once(setup, at) for at in range(0, LAST + 1, step)})


def check(setup: Setup, iteration: int) -> GradientReport:
    """Check at one iteration, unless it has been done."""
    return checks(setup).get(iteration) or check_once(setup, iteration)


def check_once(setup: Setup, iteration: int) -> GradientReport:
    """Check at one iteration, and keep nothing."""
    theta = theta_at(setup, iteration)
    cost, gradients = _averaged(setup) if setup.dropout == "averaged" else _masked(setup)
    return check_batched(cost, theta, gradients(theta), EPSILON)


Sides = tuple[Callable[[dict[str, Array]], Array], Callable[[dict[str, Array]], dict[str, Array]]]


def _averaged(setup: Setup) -> Sides:
    p, backprop = setup.keep_prob, code(setup.backprop)
    return (
        lambda theta: averaged_cost(NET, theta, X, Y, p, setup.J_lambd),
        lambda theta: averaged_gradients(NET, theta, X, Y, p, setup.lambd, through=backprop),
    )


def _masked(setup: Setup) -> Sides:
    backprop, (of_J, of_backprop) = code(setup.backprop), masks(setup.dropout, setup.keep_prob)
    return (
        lambda theta: NET.cost(theta, X, Y, setup.J_lambd, dropout=of_J),
        lambda theta: backprop(NET, theta, X, Y, setup.lambd, dropout=of_backprop),
    )


def masks(dropout: str, keep_prob: float) -> tuple[Dropout | None, Dropout | None]:
    """Return the masks of J, one for all calls or one a call, and the mask of backprop."""
    if dropout == "none":
        return None, None
    rng = np.random.default_rng(0)
    one = draw_masks(SIZES, keep_prob, EXAMPLES, rng)
    if dropout == "fixed":
        return one, one
    fresh = rng.random((CALLS, SIZES[HIDDEN], EXAMPLES)) < keep_prob
    return Dropout({HIDDEN: fresh}, {HIDDEN: keep_prob}), one


def count_masks(dropout: str, keep_prob: float) -> int:
    """Count the different masks that the check's J has met."""
    if dropout in ("none", "averaged"):
        return 0 if dropout == "none" else len(all_masks(SIZES[HIDDEN], keep_prob)[0])
    of_J, _ = masks(dropout, keep_prob)
    assert of_J is not None
    return len({mask.tobytes() for mask in of_J.masks[HIDDEN].reshape(-1, SIZES[HIDDEN], EXAMPLES)})


@lru_cache(maxsize=16)
def is_right(backprop: str, lambd: float) -> bool:
    """Whether a backprop agrees with exact derivatives of all of J, at weights of any size."""
    theta = initialize(SIZES, "xavier", rng=np.random.default_rng(2))
    gradients = code(backprop)(NET, theta, X, Y, lambd)
    return check_network(NET, theta, X, Y, gradients, lambd).difference <= GREAT
