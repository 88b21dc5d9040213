"""Mistakes in a gradient check, each a small change to the source of a plain one.

A check that is wrong itself accuses right gradients, or acquits wrong ones. Like those in
`bugs`, the mistakes are wrong lines in the place of right ones, and run as they are shown.

    check = faulty_check(CHECKER_BUGS["one-epsilon"])
    check(cost, parameters, gradients).difference   # 1/3 for right gradients

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking" and "Gradient
  checking implementation notes".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from deepdials.core.dropout import draw_masks
from deepdials.core.functions import Array
from deepdials.core.network import Network
from deepdials.core.parameters import to_parameters, to_vector
from deepdials.core.source_changes import Changes, Listing, list_changed, run_changed

Cost: TypeAlias = Callable[[dict[str, Array]], Any]


class Checked(NamedTuple):
    """What `course_check` found.

    Attributes
    ----------
    difference : float
        ||grad - gradapprox|| / (||grad|| + ||gradapprox||).
    grad, gradapprox : ndarray, shape (n,)
        Both derivatives of every component of theta.
    """

    difference: float
    grad: Array
    gradapprox: Array


Check: TypeAlias = Callable[..., Checked]


def course_check(
    cost: Cost,
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array],
    epsilon: float = 1e-7,
) -> Checked:
    """Check gradients as the course writes it: one vector theta, one component at a time.

    It trusts its input. For a tool, with a report, see `gradient_checking.check_gradients`.

    Parameters
    ----------
    cost : callable
        J of a dict like `parameters`.
    parameters : mapping of str to ndarray
        W1, b1, W2, ...
    gradients : mapping of str to ndarray
        dW1, db1, dW2, ..., with the same shapes.
    epsilon : float

    Returns
    -------
    Checked
        difference, grad and gradapprox.
    """
    theta = to_vector(parameters)
    grad = to_vector(gradients)
    gradapprox = np.zeros(len(theta))
    for i in range(len(theta)):
        theta_plus = np.copy(theta)
        theta_plus[i] = theta_plus[i] + epsilon
        J_plus = cost(to_parameters(theta_plus, parameters))
        theta_minus = np.copy(theta)
        theta_minus[i] = theta_minus[i] - epsilon
        J_minus = cost(to_parameters(theta_minus, parameters))
        gradapprox[i] = (J_plus - J_minus) / (2 * epsilon)
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = float(numerator / denominator)
    return Checked(difference, grad, gradapprox)


@dataclass(frozen=True)
class CheckerBug:
    """A mistake in the gradient check.

    Attributes
    ----------
    slug : str
        The key in `CHECKER_BUGS`.
    title : str
        The mistake, in a few words.
    effect : str
        What the check then says.
    changes : tuple of (str, str)
        Lines of `course_check`, stripped, and what stands there instead.
    """

    slug: str
    title: str
    effect: str
    changes: Changes


_QUOTIENT = "gradapprox[i] = (J_plus - J_minus) / (2 * epsilon)"
_COPY_PLUS = "theta_plus = np.copy(theta)"
_COPY_MINUS = "theta_minus = np.copy(theta)"
_STEP_BACK = "theta_minus[i] = theta_minus[i] - epsilon"
_THETA = "theta = to_vector(parameters)"
_GRAD = "grad = to_vector(gradients)"
_NUMERATOR = "numerator = np.linalg.norm(grad - gradapprox)"
_DENOMINATOR = "denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)"

_LIST = (
    CheckerBug(
        slug="one-epsilon",
        title="Divided by epsilon instead of 2 epsilon",
        effect="gradapprox is twice the slope: right gradients get a difference of 1/3.",
        changes=((_QUOTIENT, "gradapprox[i] = (J_plus - J_minus) / epsilon"),),
    ),
    CheckerBug(
        slug="half-one-sided",
        title="One step only, but divided by 2 epsilon",
        effect="gradapprox is half the slope: right gradients get a difference of 1/3.",
        changes=((_STEP_BACK, ""),),
    ),
    CheckerBug(
        slug="one-sided",
        title="One-sided difference",
        effect="The error is of first order: with a large epsilon, right gradients look wrong "
        "in proportion to epsilon, not to its square.",
        changes=((_STEP_BACK, ""), (_QUOTIENT, "gradapprox[i] = (J_plus - J_minus) / epsilon")),
    ),
    CheckerBug(
        slug="over-theta",
        title="Divided by 2 theta",
        effect="gradapprox is epsilon / theta times the slope, next to nothing: the difference "
        "is near 1, whatever the gradients.",
        changes=((_QUOTIENT, "gradapprox[i] = (J_plus - J_minus) / (2 * theta[i])"),),
    ),
    CheckerBug(
        slug="plus",
        title="J_plus + J_minus",
        effect="gradapprox is about J / epsilon, millions: the difference is near 1, whatever "
        "the gradients.",
        changes=((_QUOTIENT, "gradapprox[i] = (J_plus + J_minus) / (2 * epsilon)"),),
    ),
    CheckerBug(
        slug="no-copy",
        title="theta is not copied for the step forward",
        effect="theta_plus is theta itself, so that theta_minus only comes back to where it "
        "started: gradapprox is half the slope, and right gradients get a difference of 1/3.",
        changes=((_COPY_PLUS, "theta_plus = theta"),),
    ),
    CheckerBug(
        slug="not-restored",
        title="theta is moved in place and not moved back",
        effect="Each component is checked at a theta that all components before it have left "
        "by epsilon: with a large epsilon, right gradients look wrong in proportion to it.",
        changes=(
            (_COPY_PLUS, "theta_plus = theta"),
            (_COPY_MINUS, "theta_minus = theta"),
            (_STEP_BACK, "theta_minus[i] = theta_minus[i] - 2 * epsilon"),
        ),
    ),
    CheckerBug(
        slug="other-order",
        title="theta and grad are in different orders",
        effect="W1, b1, W2, b2 against dW1, dW2, db1, db2: right numbers in the wrong places, "
        "and a large difference. Each block by itself is right.",
        changes=(
            (
                _GRAD,
                "grad = np.concatenate([np.ravel(gradients[key]) for key in sorted(gradients)])",
            ),
        ),
    ),
    CheckerBug(
        slug="float32",
        title="theta in float32",
        effect="Near 1, float32 has steps of about 1e-7: theta + epsilon is rounded by as much "
        "as epsilon, and right gradients get a difference between 0.01 and 1. An epsilon of "
        "1e-2 or 1e-3 is needed.",
        changes=((_THETA, "theta = to_vector(parameters).astype(np.float32)"),),
    ),
    CheckerBug(
        slug="sum",
        title="grad + gradapprox in the numerator",
        effect="Right gradients get a difference of 1, and gradients of the wrong sign get 0.",
        changes=((_NUMERATOR, "numerator = np.linalg.norm(grad + gradapprox)"),),
    ),
    CheckerBug(
        slug="norms-only",
        title="The difference of the norms",
        effect="Only lengths are compared: gradients of the wrong sign, or transposed, pass.",
        changes=(
            (
                _NUMERATOR,
                "numerator = np.abs(np.linalg.norm(grad) - np.linalg.norm(gradapprox))",
            ),
        ),
    ),
    CheckerBug(
        slug="norms-subtracted",
        title="A minus in the denominator",
        effect="Nearly nothing is in the denominator when the gradients are right: the "
        "difference can be of any size and sign, above 1 as well.",
        changes=(
            (_DENOMINATOR, "denominator = np.linalg.norm(grad) - np.linalg.norm(gradapprox)"),
        ),
    ),
)

CHECKER_BUGS: Mapping[str, CheckerBug] = MappingProxyType({bug.slug: bug for bug in _LIST})


@cache
def faulty_check(bug: CheckerBug) -> Check:
    """Make a check with the bug in it.

    Parameters
    ----------
    bug : CheckerBug

    Returns
    -------
    callable
        With the signature of `course_check`.

    Raises
    ------
    ValueError
        If a right line of the bug is not in the source of `course_check` exactly once.
    """
    return cast("Check", run_changed(course_check, bug.changes))


def check_listing(bug: CheckerBug | None = None) -> Listing:
    """List the lines of `course_check`, with a bug or as they are.

    Parameters
    ----------
    bug : CheckerBug, optional

    Returns
    -------
    Listing
        The body, without docstring. What `faulty_check` runs has the same lines.
    """
    return list_changed(course_check, () if bug is None else bug.changes)


def redrawing_cost(
    net: Network,
    X: Array,
    Y: Array,
    keep_prob: float | Mapping[int, float],
    rng: np.random.Generator,
    lambd: float = 0.0,
    penalty: str = "l2",
) -> Cost:
    """Make a cost that draws new dropout masks at every call: what a check must not be given.

    J_plus and J_minus are then of two different networks, and gradapprox, their distance
    over 2 epsilon, is huge: the difference is near 1, whatever the gradients. Draw the masks
    once, or check with keep_prob = 1.

    Parameters
    ----------
    net : Network
    X : ndarray, shape (n_x, m)
    Y : ndarray, shape (n_L, m)
    keep_prob : float or mapping of int to float
        As for `draw_masks`.
    rng : numpy.random.Generator
    lambd, penalty
        As for `Network.cost`.

    Returns
    -------
    callable
        J of a dict of parameters.
    """

    def cost(parameters: dict[str, Array]) -> Any:
        dropout = draw_masks(net.layer_sizes, keep_prob, X.shape[1], rng)
        return net.cost(parameters, X, Y, lambd, penalty, dropout)

    return cost
