"""The lesson against exact fractions and the lecture's numbers, and its words against both."""

import re
from fractions import Fraction

import numpy as np
import pytest

from deepdials.lessons.numerical_gradients import LESSON, PREDICTIONS
from deepdials.lessons.numerical_gradients.compute import EPSILONS
from deepdials.notation import number

PRESETS = {preset.slug: preset for preset in LESSON.presets}


def at(**dials):
    return LESSON.result(LESSON.settings(**dials))


def preset(slug):
    return LESSON.result(LESSON.preset(PRESETS[slug].dials))


def cube(theta):
    return Fraction(theta) ** 3


def test_the_lectures_numbers():
    result = at()
    assert result.one_sided.gradapprox == pytest.approx(3.0301, abs=1e-12)
    assert result.two_sided.gradapprox == pytest.approx(3.0001, abs=1e-12)
    said = LESSON.caption(result)
    assert "3.0301 (error 0.0301)" in said
    assert "3.0001 (error 0.0001)" in said
    assert "301 times closer" in said
    assert "2,000 evaluations of J against 1,001 for 1,000 parameters" in said


@pytest.mark.parametrize("theta", [-2.0, -0.35, 0.5, 1.0, 2.0])
def test_errors_over_all_epsilons_against_fractions(theta):
    result = at(theta=theta)
    for i, epsilon in enumerate(map(float, EPSILONS)):
        up, here, down = (cube(Fraction(theta) + k * Fraction(epsilon)) for k in (1, 0, -1))
        exact_one = (up - here) / Fraction(epsilon) - 3 * Fraction(theta) ** 2
        exact_two = (up - down) / (2 * Fraction(epsilon)) - 3 * Fraction(theta) ** 2
        for nudge, exact in ((result.one_sided, exact_one), (result.two_sided, exact_two)):
            assert abs(nudge.errors[i] - abs(float(exact))) <= nudge.floors[i]


def test_the_dials_own_epsilon_lies_on_the_curve():
    for k in (0, 37, 100):
        result = at(epsilon=float(EPSILONS[k]))
        for nudge in (result.one_sided, result.two_sided):
            assert nudge.error == nudge.errors[k]
            assert nudge.floor == nudge.floors[k]


def test_the_grid_of_the_curve_is_the_grid_of_the_dial():
    assert [LESSON.dials["epsilon"].snap(value) for value in EPSILONS] == EPSILONS.tolist()


def test_the_triangles_and_the_close_up_are_the_two_errors():
    result = at(theta=0.7, epsilon=0.1)
    left, here, right = result.J_at
    assert (right - here) / 0.1 == pytest.approx(result.one_sided.gradapprox)
    assert (right - left) / 0.2 == pytest.approx(result.two_sided.gradapprox)
    height = np.interp((-1, 1), result.steps, result.above)
    assert height[1] == pytest.approx(result.one_sided.error)
    assert (height[1] - height[0]) / 2 == pytest.approx(result.two_sided.error)


def test_ten_times_smaller_is_ten_and_a_hundred_times_closer():
    before, after = at(), preset("ten-times-smaller")
    assert before.one_sided.error / after.one_sided.error == pytest.approx(10, rel=0.01)
    assert before.two_sided.error / after.two_sided.error == pytest.approx(100, rel=0.01)


def test_at_the_courses_epsilon_chance_makes_theta_1_look_good():
    """Elsewhere the two-sided error at 1e-7 is 20 to 100 times that at 1e-5, in the median."""
    errors = {
        epsilon: [
            at(theta=theta, epsilon=epsilon).two_sided.error for theta in np.arange(0.5, 2, 0.013)
        ]
        for epsilon in (1e-5, 1e-7)
    }
    assert 20 <= np.median(errors[1e-7]) / np.median(errors[1e-5]) <= 100
    here = preset("course-1e-7").two_sided.error / at(epsilon=1e-5).two_sided.error
    assert here < 20


@pytest.mark.parametrize(
    ("slug", "gradapprox"), [("kink", 0.0), ("relu-kink", 0.5), ("beside-kink", 0.65)]
)
def test_what_two_sided_says_at_a_kink(slug, gradapprox):
    assert preset(slug).two_sided.gradapprox == pytest.approx(gradapprox, abs=1e-12)


def test_no_epsilon_helps_on_the_kink_of_relu():
    assert preset("relu-kink").two_sided.errors == pytest.approx(np.full(EPSILONS.size, 0.5))


@pytest.mark.parametrize("function", ["theta**3", "sin", "tanh", "sigmoid"])
def test_without_curvature_one_nudge_is_second_order(function):
    errors = [at(function=function, theta=0.0, epsilon=e).one_sided.error for e in (1e-1, 1e-2)]
    assert np.log10(errors[0] / errors[1]) == pytest.approx(2, abs=0.02)


def test_in_float32_the_best_is_near_1e_3_and_1e_5():
    results = [at(theta=theta, precision="float32") for theta in np.arange(0.5, 2, 0.05)]
    one = np.median([result.one_sided.errors for result in results], axis=0).min()
    two = np.median([result.two_sided.errors for result in results], axis=0).min()
    assert 1e-4 < one < 1e-2
    assert 1e-6 < two < 1e-4


def test_in_float32_a_tiny_nudge_does_not_move_theta():
    result = at(precision="float32", epsilon=1e-8)
    assert result.one_sided.gradapprox == result.two_sided.gradapprox == 0
    assert "nothing moved" in LESSON.caption(result)


@pytest.mark.parametrize(
    ("prediction", "answer"),
    [
        (0, "one-sided 10 times smaller, two-sided 100 times"),
        (1, "it grows"),
        (2, "both 100 times smaller"),
        (3, "0"),
    ],
)
def test_the_answers_to_the_predictions(prediction, answer):
    asked = PREDICTIONS[prediction]
    before, after = (LESSON.result(LESSON.preset(dials)) for dials in (asked.before, asked.after))
    assert asked.choices[asked.answer(before, after)] == answer


def test_the_teachers_note_has_the_three_slips_with_their_numbers():
    for slip in ("gives 6.0002", "shows 0.3333", "gives 100.03", "gives 97.03"):
        assert slip in LESSON.note


def moved_settings():
    rng = np.random.default_rng(3)
    dials = LESSON.dials
    for _ in range(150):
        yield LESSON.settings(
            function=str(rng.choice(list(dials["function"].options))),
            theta=dials["theta"].snap(rng.uniform(-2, 2)),
            epsilon=dials["epsilon"].snap(10 ** rng.uniform(-12, 0)),
            precision=str(rng.choice(["float64", "float32"])),
        )


def test_every_number_in_a_caption_is_one_of_the_result():
    for values in moved_settings():
        result = LESSON.result(values)
        said = LESSON.caption(result)
        shown = re.findall(r"(\S+) \(error (\S+)\)", said)
        for nudge, (gradapprox, error) in zip(
            (result.one_sided, result.two_sided), shown, strict=True
        ):
            assert error == number(nudge.error)
            assert float(gradapprox) == pytest.approx(nudge.gradapprox, abs=0.006 * nudge.error)


def test_whom_the_caption_calls_closer_is_closer():
    for values in moved_settings():
        result = LESSON.result(values)
        one, two = result.one_sided.error, result.two_sided.error
        for words, ratio in (("Both ways", (one, two)), ("One nudge", (two, one))):
            if found := re.search(rf"{words} is (\S+) times closer", LESSON.caption(result)):
                assert found[1] == number(ratio[0] / ratio[1])
                assert ratio[0] > ratio[1]


def test_a_larger_error_at_smaller_epsilon_is_only_foretold_where_rounding_grows():
    for values in moved_settings():
        result = LESSON.result(values)
        if "makes it larger" in LESSON.caption(result):
            i = np.searchsorted(EPSILONS, result.epsilon)
            assert (np.diff(result.two_sided.floors[: i + 1]) < 0).all()
            assert result.two_sided.truncation < result.two_sided.floor
