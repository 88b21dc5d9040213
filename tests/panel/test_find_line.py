import dataclasses

import pytest

from deepdials.lesson import Listing
from deepdials.lessons import find
from deepdials.panel.find_line import NO_LINE, FindLine
from deepdials.panel.state import State

CODE = Listing(("a = 1", "b = <2>", "c = 3"), {1: "b = 2"})


@pytest.fixture
def state():
    lesson = find("numerical-gradients")
    state = State(lesson, lesson.defaults)
    state.show(lesson.defaults, CODE)
    return state


def opened(state):
    return FindLine(state, lambda result: result)


def test_every_line_is_a_button_and_there_may_be_none_wrong(state):
    buttons = opened(state).lines.children
    assert [button.description for button in buttons] == [*CODE.lines, "No line is wrong"]


PAIR = "Wrong: <code>b = &lt;2&gt;</code><br>Right: <code>b = 2</code>"


def test_the_right_press_shows_the_wrong_line_beside_the_right_one(state):
    part = opened(state)
    part.choose(1)
    assert "✓ That is it." in part.outcome.value
    assert PAIR in part.outcome.value


@pytest.mark.parametrize("line", [0, 2, NO_LINE])
def test_a_miss_gives_nothing_away_until_it_is_asked_for(state, line):
    part = opened(state)
    part.choose(line)
    assert "✗ Not there." in part.outcome.value
    assert "b = 2" not in part.outcome.value
    part.show_me.click()
    assert PAIR in part.outcome.value


def test_in_right_code_no_line_is_wrong(state):
    state.show(state.values, dataclasses.replace(CODE, mended={}))
    part = opened(state)
    part.choose(NO_LINE)
    assert "✓" in part.outcome.value
    assert "No line is wrong here." in part.outcome.value
    part.choose(0)
    assert "✗" in part.outcome.value


def test_a_guess_about_other_code_is_forgotten_and_the_same_code_keeps_it(state):
    part = opened(state)
    part.choose(1)
    state.show(state.values, dataclasses.replace(CODE))
    assert part.outcome.value
    state.show(state.values, Listing(("x",), {}))
    assert part.outcome.value == ""
    assert len(part.lines.children) == 2
