"""What a difference is consistent with, when nothing else is known.

A constant factor in all gradients, grad = c gradapprox, gives

    difference = |c - 1| / (|c| + 1)

so that 1/3 is what 2 and 1/2 give, 0.6 what 4 and 1/4 give, and 1 what a wrong sign gives, or
zeros. And some numbers are known: those of the course's exercise.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking" and its exercise.
"""

from collections.abc import Iterator
from math import isnan
from typing import Any

from deepdials.core.findings import Finding


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
