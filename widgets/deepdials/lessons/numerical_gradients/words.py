"""What the picture shows now, in words; and what a teacher should know."""

import numpy as np

from deepdials.core.evaluations import evaluations
from deepdials.core.functions import FUNCTIONS
from deepdials.lessons.numerical_gradients.compute import Nudge, Result
from deepdials.notation import number, with_digits_that_matter

PARAMETERS = 1000


def caption(result: Result) -> str:
    """Say both approximations, their errors and what decides between them."""
    at = f"At theta = {number(result.theta, 6)} and epsilon = {number(result.epsilon)}"
    one, two = _approximation(result.one_sided), _approximation(result.two_sided)
    return f"{at}, one nudge gives {one}; nudging both ways gives {two}. {_reading(result)}"


def _approximation(nudge: Nudge) -> str:
    value = with_digits_that_matter(nudge.gradapprox, nudge.error)
    return f"{value} (error {number(nudge.error)})"


def _reading(result: Result) -> str:
    if result.at_kink:
        return (
            "There is no slope at the kink, only a convention, 0; "
            "no epsilon will show that, and both answers look sure."
        )
    if not result.moved:
        return (
            f"In {result.precision}, theta + epsilon is theta: nothing moved, so the slope reads 0."
        )
    return _comparison(result) + _regime(result)


def _comparison(result: Result) -> str:
    one, two = result.one_sided.error, result.two_sided.error
    if one == two:
        return "Both are exact here" if one == 0 else "Both are equally far off"
    if two == 0:
        return "Both ways is exact here"
    if one == 0:
        return "One nudge is exact here"
    better, ratio = ("Both ways", one / two) if two < one else ("One nudge", two / one)
    return f"{better} is {number(ratio)} times closer"


def _regime(result: Result) -> str:
    one, two = result.one_sided, result.two_sided
    if _crosses_kink(result):
        return ", but epsilon reaches over the kink: a smaller one would not."
    if one.truncation == two.truncation == 0:
        return "; J is straight here, so that rounding is all the error there is."
    if result.epsilon < two.best:
        return (
            "; the two-sided error is rounding now, and on the whole a smaller epsilon "
            f"makes it larger (best near {number(two.best, 1)})."
        )
    if one.truncation == 0:
        return "; f'' = 0 here, so that one nudge is second order too."
    return (
        f", and costs {_cost('two-sided')} evaluations of J against {_cost('one-sided')} "
        f"for {PARAMETERS:,} parameters."
    )


def _cost(method: str) -> str:
    return f"{evaluations(method, PARAMETERS):,}"


def _crosses_kink(result: Result) -> bool:
    kink = FUNCTIONS[result.function].kink
    return kink is not None and abs(result.theta - kink) < result.epsilon


def teachers_note() -> str:
    """Write the note, with the numbers that the slips of the written lecture give."""
    J = FUNCTIONS["theta**3"].value
    theta, epsilon = 1.0, 0.01
    right, left = J(theta + np.array([epsilon, -epsilon])).tolist()
    good = (right - left) / (2 * epsilon)
    doubled = (right - left) / epsilon
    difference = (doubled - good) / (doubled + good)
    return NOTE.format(
        good=number(good, 5),
        doubled=number(doubled, 5),
        third=number(difference, 4),
        plus=number((right + left) / (2 * epsilon), 5),
        back=number(left / epsilon, 4),
    )


NOTE = """
Start with the lecture's numbers and let the class predict before you touch epsilon. Ask for \
the size of each fall, not for its direction.

The point to reach: the errors of one nudge lean all the same way, those of two cancel to first \
order. In the middle pane the one-sided chord is tilted against the tangent; the two-sided chord \
is level. Then shrink epsilon until the curve in that pane turns ragged: that is rounding, and it \
is why "smaller is always better" is wrong.

O(epsilon) says how fast the error falls, not how long the computation takes. The price of two \
nudges is counted in evaluations of J, and the caption counts them.

Three slips are in written notes on this lecture. At theta = 1 and epsilon = 0.01, where the \
right answer is {good}:

- epsilon instead of 2 epsilon below the line gives {doubled}, twice the slope; a gradient check \
then shows {third}, one third, for every correct gradient.
- a plus sign between the two values gives {plus}.
- J(theta - epsilon) / epsilon gives {back}.

The limit of the two-sided difference is not the definition of a derivative. For |theta| at 0 \
that limit exists, and is 0; the derivative does not exist. Open the kink presets to see it.
"""
