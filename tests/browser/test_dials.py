"""Every way to move a dial: keys, mouse, the picture, the box, and a message that is forged."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import forge
from tests.browser.lesson_page import LessonPage, centre

pytestmark = pytest.mark.browser

THE_LECTURE = ("3.0301", "error 0.0301", "3.0001", "error 0.0001")
MOST_TABS = 20


def test_opens_with_the_lectures_numbers(lesson: LessonPage):
    for number in THE_LECTURE:
        expect(lesson.caption).to_contain_text(number)
    expect(lesson.canvas).to_have_role("img")
    expect(lesson.canvas).to_have_accessible_name(lesson.caption.inner_text())
    expect(lesson.slider("epsilon")).to_have_accessible_name("epsilon")
    expect(lesson.slider("epsilon")).to_have_attribute("aria-valuetext", "0.01")
    expect(lesson.alert).to_be_empty()


def tab_to(lesson: LessonPage, name: str):
    slider = lesson.slider(name)
    for _ in range(MOST_TABS):
        lesson.page.keyboard.press("Tab")
        if slider.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{name} cannot be reached with Tab")


@pytest.mark.parametrize(
    ("name", "start", "right", "ends"),
    [("epsilon", "0.01", "0.013", ("1e-12", "1")), ("theta", "1", "1.05", ("-2", "2"))],
)
def test_keys_alone(lesson: LessonPage, name: str, start: str, right: str, ends: tuple[str, str]):
    lesson.chip("lecture").focus()
    tab_to(lesson, name)
    keys = {"ArrowRight": right, "ArrowLeft": start, "Home": ends[0], "End": ends[1]}
    for key, value in keys.items():
        lesson.page.keyboard.press(key)
        expect(lesson.box(name)).to_have_value(value)
        expect(lesson.slider(name)).to_have_attribute("aria-valuetext", value)
        expect(lesson.caption).to_contain_text(f"{name} = {value}")
        expect(lesson.slider(name)).to_be_focused()


def test_keys_held_down_count_every_step(lesson: LessonPage):
    lesson.slider("epsilon").focus()
    for _ in range(20):
        lesson.page.keyboard.press("ArrowLeft")
    expect(lesson.box("epsilon")).to_have_value("0.0001")
    expect(lesson.caption).to_contain_text("epsilon = 0.0001,")


def test_keys_choose_a_function_and_a_precision(lesson: LessonPage):
    function = lesson.dial("function").get_by_role("combobox")
    function.press("ArrowDown")
    expect(function).to_have_value(re.compile("sin"))
    expect(lesson.caption).not_to_contain_text("3.0301")
    float32 = lesson.dial("precision").get_by_role("button", name="float32")
    expect(float32).to_have_attribute("aria-pressed", "false")
    float32.press("Enter")
    expect(float32).to_have_attribute("aria-pressed", "true")


def test_mouse_drags_a_slider_there_and_back(lesson: LessonPage):
    first = lesson.pixels()
    track = lesson.dial("epsilon").locator(".noUi-base")
    start, middle = centre(lesson.slider("epsilon")), centre(track)
    lesson.drag(start, middle)
    # Half of the twelve decades.
    expect(lesson.box("epsilon")).to_have_value("1e-6")
    expect(lesson.caption).to_contain_text("epsilon = 1e-6,")
    lesson.expect_pixels(first, same=False)
    back = centre(lesson.slider("epsilon"))
    lesson.drag(back, (start[0], back[1]))
    expect(lesson.box("epsilon")).to_have_value("0.01")
    lesson.expect_pixels(first)


def test_nothing_jumps_under_the_hand(lesson: LessonPage):
    places = [centre(part) for part in (lesson.dial("epsilon"), lesson.canvas)]
    lesson.slider("epsilon").press("Home")
    expect(lesson.caption).to_contain_text("epsilon = 1e-12,")
    expect(lesson.chip("lecture")).to_have_attribute("aria-pressed", "false")
    assert [centre(part) for part in (lesson.dial("epsilon"), lesson.canvas)] == places


def test_theta_is_dragged_along_the_curve_and_back(lesson: LessonPage):
    first = lesson.pixels()
    # The pane goes from -3 to 3.
    here, there = (lesson.point(0, (theta + 3) / 6) for theta in (1, -1.5))
    lesson.drag(here, there)
    expect(lesson.box("theta")).to_have_value("-1.5")
    expect(lesson.caption).to_contain_text("theta = -1.5 ")
    lesson.expect_pixels(first, same=False)
    lesson.drag(there, (there[0], there[1] + 60), here)
    lesson.expect_pixels(first)


def test_a_drag_beyond_the_range_stops_at_its_end(lesson: LessonPage):
    lesson.drag(lesson.point(0, 4 / 6), lesson.point(0, -0.5))
    expect(lesson.box("theta")).to_have_value("-2")
    expect(lesson.alert).to_be_empty()


def test_a_press_under_the_error_curves_sets_epsilon(lesson: LessonPage):
    lesson.page.mouse.click(*lesson.point(1, 3 / 12))
    expect(lesson.box("epsilon")).to_have_value("1e-9")


def test_a_drag_elsewhere_in_the_picture_moves_nothing(lesson: LessonPage):
    first = lesson.pixels()
    between = lesson.point(0, 1.6)
    lesson.drag(between, lesson.point(0, 0.2))
    # The kernel answers in order: after this one, the drag has been heard too.
    lesson.type("epsilon", "5")
    expect(lesson.alert).not_to_be_empty()
    lesson.expect_pixels(first)


def test_a_typed_value_stays(lesson: LessonPage):
    lesson.type("epsilon", "0.0123")
    expect(lesson.caption).to_contain_text("epsilon = 0.0123,")
    # The page rounds the handle to its grid and tells the kernel: that must not count.
    lesson.slider("theta").press("ArrowRight")
    expect(lesson.caption).to_contain_text("theta = 1.05 and epsilon = 0.0123,")
    expect(lesson.box("epsilon")).to_have_value("0.0123")
    expect(lesson.slider("epsilon")).to_have_attribute("aria-valuetext", "0.0123")


@pytest.mark.parametrize(
    "text", ["5", "0", "-1e-3", "banana", "", "nan", "<img src=x onerror=f()>"]
)
def test_a_typed_value_that_is_refused(lesson: LessonPage, text: str):
    lesson.type("epsilon", text)
    expect(lesson.alert).to_contain_text("epsilon is ")
    expect(lesson.alert).to_contain_text(text[:20])
    expect(lesson.alert).to_contain_text("1e-12 to 1")
    expect(lesson.box("epsilon")).to_have_value("0.01")
    lesson.slider("epsilon").press("ArrowRight")
    expect(lesson.caption).to_contain_text("epsilon = 0.013,")
    expect(lesson.alert).to_be_empty()


@pytest.mark.parametrize(
    ("model", "state", "said"),
    [
        ("FloatLogSliderModel", {"value": 5}, "epsilon is 5; it takes a number from 1e-12 to 1"),
        ("FloatLogSliderModel", {"value": "x"}, "epsilon is 'x'"),
        ("FloatLogSliderModel", {"value": None}, "epsilon is None"),
        ("FloatLogSliderModel", {"min": -400, "max": 400, "value": 1e300}, "1e-12 to 1"),
        ("FloatSliderModel", {"value": [1]}, "theta is [1]; it takes a number from -2 to 2"),
        ("DropdownModel", {"index": 99}, "function is 99; it takes theta**3, sin"),
        ("ToggleButtonsModel", {"index": "float16"}, "precision is 'float16'"),
    ],
)
def test_a_forged_message(lesson: LessonPage, model: str, state: dict[str, object], said: str):
    forge.update(lesson.page, forge.models(lesson.page)[model], state)
    expect(lesson.alert).to_contain_text(said)
    expect(lesson.caption).to_contain_text("At theta = 1 and epsilon = 0.01,")
    lesson.slider("epsilon").press("End")
    expect(lesson.caption).to_contain_text("epsilon = 1,")


def test_bounds_options_and_marks_are_not_the_pages_to_set(lesson: LessonPage):
    forged = {
        "FloatLogSliderModel": {"min": -2, "max": 300, "step": 1, "base": 3},
        "DropdownModel": {"_options_labels": ["gone"]},
        "AnyModel": {"marks": {"": {"data-lesson": "gone"}}, "label": "gone", "pointer": ["x"] * 4},
        "TextModel": {"disabled": True, "description": "gone"},
    }
    models = forge.models(lesson.page)
    for name, state in forged.items():
        forge.update(lesson.page, models[name], state)
    lesson.slider("epsilon").press("Home")
    expect(lesson.caption).to_contain_text("epsilon = 1e-12,")
    assert "gone" not in lesson.root.inner_html()
