import dataclasses

import pytest

from deepdials.lesson import drain
from deepdials.lessons import find

LESSON = find("numerical-gradients")


def slow(theta):
    yield 0.5
    return theta * 2


def test_settings_are_the_defaults_with_changes():
    values = LESSON.settings(epsilon=1e-3)
    assert values == {**LESSON.defaults, "epsilon": 1e-3}
    assert LESSON.settings(values, theta=0.5)["epsilon"] == 1e-3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epsilon": 2}, r"^epsilon is 2; it takes a number from 1e-12 to 1$"),
        ({"function": "cos"}, r"^function is 'cos'; it takes theta\*\*3, sin"),
        ({"lambd": 1}, r"^'lambd' is not a dial of numerical-gradients: epsilon, theta"),
    ],
)
def test_a_wrong_dial_is_one_clear_error(changes, words):
    with pytest.raises(ValueError, match=words):
        LESSON.settings(**changes)


def test_values_cannot_be_changed_behind_a_lessons_back():
    with pytest.raises(TypeError):
        LESSON.defaults["epsilon"] = 1  # type: ignore[index]


def test_an_unknown_lesson_is_answered_with_the_ones_there_are():
    with pytest.raises(ValueError, match="'nosuch' is not a lesson; there are numerical-gradients"):
        find("nosuch")


def test_a_generator_is_drained_to_its_result():
    lesson = dataclasses.replace(LESSON, compute=slow)
    assert lesson.slow and not LESSON.slow
    assert lesson.result({"theta": 3}) == 6
    work = lesson.start({"theta": 3})
    assert next(work) == 0.5
    assert drain(work) == 6


def test_a_link_names_only_what_differs():
    assert list(LESSON.query(LESSON.settings(epsilon=1e-3))) == [("epsilon", "0.001")]
