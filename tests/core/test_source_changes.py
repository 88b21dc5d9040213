import numpy as np
import pytest

from deepdials.core.backward import backward
from deepdials.core.initialization import initialize
from deepdials.core.network import Network
from deepdials.core.source_changes import Listing, list_changed, run_changed


def mean(numbers):
    """Of some numbers."""
    total = 0
    for number in numbers:
        total += number
    total = total / len(numbers)
    return total


ADD, DIVIDE = "total += number", "total = total / len(numbers)"


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ((), 2.0),
        (((DIVIDE, ""),), 6),
        (((ADD, "total -= number"),), -2.0),
        (((ADD, f"number = 2 * number\n{ADD}"), (DIVIDE, "")), 12),
        (((ADD, "if number > 1:\n    total += number"),), 5 / 3),
    ],
)
def test_changed_source_runs(changes, result):
    changed = run_changed(mean, changes)
    assert changed([1, 2, 3]) == result
    assert changed.__name__ == "mean"
    assert mean([1, 2, 3]) == 2


def test_the_body_is_listed_with_its_wrong_lines():
    right = list_changed(mean, ())
    assert right.lines[0] == "total = 0" and right.lines[2] == f"    {ADD}"
    assert right.wrong == ()
    twice = list_changed(mean, ((ADD, f"number = 2 * number\n{ADD}"), (DIVIDE, "")))
    assert twice.lines == (
        *right.lines[:2],
        "    number = 2 * number",
        right.lines[2],
        "return total",
    )
    # The line after it is right, and one that is missing elsewhere is not marked.
    assert twice.wrong == (2,)


def test_a_missing_line_is_marked_by_the_one_before():
    lines = ("total = 0", "for number in numbers:", f"    {ADD}", "return total")
    assert list_changed(mean, ((DIVIDE, ""),)) == Listing(lines, (2,))


@pytest.mark.parametrize("right", ["dW = 0", "if penalty"])
def test_a_right_line_that_is_not_there_is_refused(right):
    for change in (run_changed, list_changed):
        with pytest.raises(ValueError, match="must be one line of the source, but is 0"):
            change(backward, ((right, "pass"),))


def test_without_changes_it_is_the_right_function():
    net, rng = Network((4, 4, 1), "tanh"), np.random.default_rng(1)
    at = net, initialize(net.layer_sizes, rng=rng), rng.standard_normal((4, 9)), np.ones((1, 9))
    same = run_changed(backward, ())(*at)
    for name, gradient in backward(*at).items():
        np.testing.assert_array_equal(same[name], gradient)
