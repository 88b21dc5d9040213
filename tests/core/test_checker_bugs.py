import numpy as np
import pytest

from deepdials.core.checker_bugs import (
    CHECKER_BUGS,
    check_listing,
    course_check,
    faulty_check,
    redrawing_cost,
)
from deepdials.core.dropout import draw_masks
from deepdials.core.initialization import initialize
from deepdials.core.network import Network
from deepdials.core.parameters import to_vector

M = 9

each_bug = pytest.mark.parametrize("bug", CHECKER_BUGS.values(), ids=CHECKER_BUGS)


def problem(net, seed=1):
    """Parameters with biases other than 0, X and Y."""
    rng = np.random.default_rng(seed)
    parameters = initialize(net.layer_sizes, "he", rng=rng)
    for name, b in parameters.items():
        if name[0] == "b":
            b += 0.3 * rng.standard_normal(b.shape)
    X = rng.standard_normal((net.layer_sizes[0], M))
    return parameters, X, rng.integers(2, size=(net.layer_sizes[-1], M)).astype(float)


def test_keys_are_slugs():
    assert all(slug == bug.slug for slug, bug in CHECKER_BUGS.items())
    assert len({bug.title for bug in CHECKER_BUGS.values()}) == len(CHECKER_BUGS)
    assert len({bug.changes for bug in CHECKER_BUGS.values()}) == len(CHECKER_BUGS)
    assert all(bug.effect.endswith(".") for bug in CHECKER_BUGS.values())
    with pytest.raises(TypeError):
        CHECKER_BUGS["none"] = None


def checked(function, net=None, epsilon=1e-7, change=None, lambd=0.3):
    net = net or Network((4, 5, 3, 1), "tanh")
    parameters, X, Y = problem(net)
    grads = net.gradients(parameters, X, Y, lambd)
    return function(
        lambda p: net.cost(p, X, Y, lambd),
        parameters,
        change(grads) if change else grads,
        epsilon,
    )


def difference(slug, **kwargs):
    return checked(faulty_check(CHECKER_BUGS[slug]), **kwargs).difference


def negative(grads):
    return {name: -gradient for name, gradient in grads.items()}


def test_a_right_check_of_right_gradients():
    result = checked(course_check)
    assert result.difference < 1e-7
    np.testing.assert_allclose(result.gradapprox, result.grad, atol=1e-7)
    assert checked(course_check, change=negative).difference == pytest.approx(1, abs=1e-7)


def test_a_right_check_leaves_theta_alone():
    net = Network((4, 1))
    parameters, X, Y = problem(net)
    before = to_vector(parameters)
    for function in (course_check, *map(faulty_check, CHECKER_BUGS.values())):
        with np.errstate(divide="ignore"):
            function(lambda p: net.cost(p, X, Y), parameters, net.gradients(parameters, X, Y))
        np.testing.assert_array_equal(to_vector(parameters), before)


@pytest.mark.parametrize("slug", ["one-epsilon", "half-one-sided", "no-copy"])
def test_a_factor_of_two_is_a_third(slug):
    assert difference(slug) == pytest.approx(1 / 3, abs=1e-6)


@pytest.mark.parametrize("slug", ["over-theta", "plus"])
def test_gradapprox_of_another_size_is_a_difference_of_one(slug):
    assert difference(slug) == pytest.approx(1, abs=1e-4)
    assert difference(slug, change=negative) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("slug", "factor"), [("one-sided", 10), ("not-restored", 10), (None, 100)])
def test_order_of_the_error_in_epsilon(slug, factor):
    function = course_check if slug is None else faulty_check(CHECKER_BUGS[slug])
    coarse, fine = (checked(function, epsilon=epsilon).difference for epsilon in (1e-2, 1e-3))
    assert coarse / fine == pytest.approx(factor, rel=0.05)
    if slug:
        assert fine > 100 * checked(course_check, epsilon=1e-3).difference


def test_another_order_has_the_right_numbers_in_the_wrong_places():
    result = checked(faulty_check(CHECKER_BUGS["other-order"]))
    assert result.difference > 0.1
    np.testing.assert_allclose(np.sort(result.grad), np.sort(result.gradapprox), atol=1e-7)
    # One layer has one order only.
    assert difference("other-order", net=Network((4, 1))) < 1e-7


def test_float32():
    assert 0.01 < difference("float32") <= 1
    assert difference("float32", epsilon=1e-2) < 1e-3


def test_a_sum_takes_the_wrong_sign_for_right():
    assert difference("sum") == pytest.approx(1, abs=1e-7)
    assert difference("sum", change=negative) < 1e-7


def test_norms_alone_let_wrong_gradients_pass():
    assert difference("norms-only") < 1e-7
    assert difference("norms-only", change=negative) < 1e-7


def test_subtracted_norms_give_differences_above_one():
    assert abs(difference("norms-subtracted")) > 1


def test_redrawn_masks_in_the_cost():
    net = Network((4, 5, 3, 1), "tanh")
    parameters, X, Y = problem(net)
    rng = np.random.default_rng(3)
    fixed = draw_masks(net.layer_sizes, 0.8, M, rng)
    grads = net.gradients(parameters, X, Y, dropout=fixed)
    right = course_check(lambda p: net.cost(p, X, Y, dropout=fixed), parameters, grads)
    assert right.difference < 1e-7
    wrong = course_check(redrawing_cost(net, X, Y, 0.8, rng), parameters, grads)
    assert wrong.difference == pytest.approx(1, abs=1e-4)


@each_bug
def test_the_checker_is_shown_as_it_runs(bug):
    right, shown = check_listing(), check_listing(bug)
    assert right.lines[0] == "theta = to_vector(parameters)"
    assert right.wrong == ()
    assert max(map(len, shown.lines)) <= 88
    wrong = [line.strip() for _, new in bug.changes for line in new.splitlines()]
    if wrong:
        assert [shown.lines[index].strip() for index in shown.wrong] == wrong
    else:
        assert len(shown.wrong) == 1 and len(shown.lines) < len(right.lines)
