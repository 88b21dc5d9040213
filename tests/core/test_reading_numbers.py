from fractions import Fraction

import numpy as np
import pytest

from deepdials.core.bugs import BUGS, faulty
from deepdials.core.checker_bugs import course_check
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.network import Network
from deepdials.core.reading_numbers import (
    difference_of_factor,
    factor_of_difference,
    read_number,
)


def exercise():
    """The network of the course's assignment, drawn as there."""
    rng = np.random.RandomState(1)
    X, Y = rng.randn(4, 3), np.array([[1.0, 1.0, 0.0]])
    shapes = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
    return Network((4, 5, 3, 1)), {name: rng.randn(*shape) for name, shape in shapes.items()}, X, Y


# The mathematics of a factor.


@pytest.mark.parametrize(
    "c", [Fraction(2), Fraction(1, 2), Fraction(4), Fraction(9, 4), Fraction(7)]
)
def test_factor_and_difference_are_each_other_s_inverse(c):
    difference = difference_of_factor(c)
    assert difference == difference_of_factor(1 / c)
    assert factor_of_difference(difference) == max(c, 1 / c)


def test_the_telling_differences():
    assert difference_of_factor(Fraction(2)) == Fraction(1, 3)
    assert difference_of_factor(Fraction(4)) == Fraction(3, 5)
    assert difference_of_factor(Fraction(-1)) == difference_of_factor(Fraction(0)) == 1
    assert difference_of_factor(Fraction(-5)) == 1
    assert difference_of_factor(Fraction(1)) == 0


@pytest.mark.parametrize("c", [2, 0.25, -1, 9])
def test_a_factor_in_all_gradients_gives_its_difference(c):
    net, parameters, X, Y = exercise()
    gradients = {name: c * each for name, each in net.gradients(parameters, X, Y).items()}
    report = check_gradients(lambda p: net.cost(p, X, Y), parameters, gradients, 1e-6)
    assert report.difference == pytest.approx(difference_of_factor(c), abs=1e-7)


# The course's exercise, and other numbers.


def difference_of_exercise(mended=(), epsilon=1e-7):
    net, parameters, X, Y = exercise()
    right = net.gradients(parameters, X, Y)
    gradients = faulty(BUGS["course-pair"])(net, parameters, X, Y)
    gradients |= {name: right[name] for name in mended}

    def cost(p):
        A = net.forward(p, X).Y_hat
        return np.sum(-np.log(A) * Y - np.log(1 - A) * (1 - Y)) / 3

    return course_check(cost, parameters, gradients, epsilon).difference


@pytest.mark.parametrize(
    ("mended", "number", "words"),
    [
        ((), 0.2850931567, "both planted bugs, dW2 times 2 and db1 times 4"),
        (("db1",), 0.1734419689, "db1 mended, and dW2 still times 2"),
        (("dW2",), 0.2544229712, "dW2 mended, and db1 still times 4"),
    ],
)
def test_the_numbers_of_the_exercise(mended, number, words):
    difference = difference_of_exercise(mended)
    assert difference == pytest.approx(number, abs=1e-9)
    for pasted in (difference, number, round(number, 4), round(number, 3)):
        first, *_, verdict = read_number(pasted)
        assert words in first.words
        assert verdict.words.startswith("Bug: ")


def test_the_exercise_repaired_is_above_1e_7_by_rounding_alone():
    mended = ("dW2", "db1")
    # Rounding differs between machines, but not by much.
    assert 4e-8 < difference_of_exercise(mended) < 4e-7
    assert difference_of_exercise(mended, epsilon=1e-5) < 1e-8
    for pasted in (1.18904178788e-07, 1.1890913024229996e-07, 1.19e-7, 1.2e-7):
        first, *_, verdict = read_number(pasted)
        assert "repaired: consistent with right gradients" in first.words
        assert verdict.words.startswith("Look closer: ")


@pytest.mark.parametrize(
    ("difference", "grade", "words"),
    [
        (1 / 3, "bug", "a factor of 2 or 1/2 in all gradients"),
        (0.333, "bug", "divided by epsilon instead of 2 epsilon"),
        (0.6, "bug", "a factor of 4 or 1/4"),
        (0.5, "bug", "a factor of 3 or 1/3"),
        (0.8, "bug", "if m is 9"),
        (0.42, "bug", "it is 2.448 or 0.4085"),
        (1, "bug", "gradients of the wrong sign"),
        (0.99999, "bug", "dropout masks drawn anew"),
        (2e-4, "worry", "a penalty with a small lambd"),
        (3e-6, "look closer", "try 1e-5"),
        (9e-10, "great", "repaired, gives this with epsilon = 1e-5"),
        (5e-9, "great", "consistent with right gradients"),
        (1e-15, "great", "a complex step"),
        (0, "great", "compared with itself"),
        (1.5, "impossible", "a minus in the denominator"),
        (np.inf, "impossible", "no denominator at all"),
        (-0.2, "impossible", "norms are never negative"),
        (np.nan, "not a number", "log(0)"),
    ],
)
def test_numbers_alone(difference, grade, words):
    findings = read_number(difference)
    assert words in findings[0].words
    assert findings[-1].words.lower().startswith(f"{grade}: ")
    weights = [finding.weight for finding in findings]
    assert weights == sorted(weights, reverse=True)
    assert all(each.words.endswith(".") and each.blocks == () for each in findings)


@pytest.mark.parametrize("difference", [0.0, 1e-7, 1.1e-7, 1e-5, 2e-5, 1e-3, 2e-3, 1.0])
def test_the_grades_are_those_of_a_report(difference):
    one = {"W1": np.ones((1, 1))}
    report = check_gradients(lambda p: 0.0, one, one)
    object.__setattr__(report, "difference", difference)
    assert read_number(difference)[-1].words.lower().startswith(f"{report.grade}: ")
