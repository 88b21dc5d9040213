"""Themes, sizes and pixel ratios; and that everyone can read it, which axe-core judges."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from deepdials import style
from tests.browser.axe import violations
from tests.browser.lesson_page import LessonPage
from tests.browser.places import Place, Voila

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FOLDS = ("predict", "numpy", "teacher", "save")


@pytest.fixture
def dark(lesson: LessonPage, place: Place) -> Iterator[LessonPage]:
    place.theme(lesson.page, "dark")
    yield lesson
    place.theme(lesson.page, "light")
    lesson.expect_corner(style.LIGHT.paper)


@pytest.fixture(scope="module")
def phone(voila: Voila, new_session_page: Callable[..., Page]) -> LessonPage:
    return voila.open(new_session_page(**PHONE))


@pytest.fixture
def narrow(phone: LessonPage) -> LessonPage:
    return phone.start_again()


def all_violations(lesson: LessonPage, context: str | None) -> list[str]:
    """Judge the lesson with every fold open in turn, and with an alert and a pin."""
    found = violations(lesson, context)
    for fold in FOLDS:
        lesson.open_fold(fold)
        found += violations(lesson, context)
    lesson.chip("too-small").click()
    expect(lesson.chip("too-small")).to_have_attribute("aria-pressed", "true")
    lesson.pin.click()
    lesson.type("epsilon", "5")
    expect(lesson.alert).not_to_be_empty()
    expect(lesson.pinned).not_to_be_empty()
    return found + violations(lesson, context)


def test_the_paper_follows_the_theme_and_comes_back(
    lesson: LessonPage, place: Place, request: pytest.FixtureRequest
):
    light = lesson.pixels()
    lesson.expect_corner(style.LIGHT.paper)
    dark = request.getfixturevalue("dark")
    dark.expect_corner(style.DARK.paper)
    expect(dark.root).to_have_css("color", re.compile(r"rgba?\(2\d\d, 2\d\d, 2\d\d"))
    place.theme(lesson.page, "light")
    lesson.expect_pixels(light)


def test_a_dark_picture_moves_too(dark: LessonPage):
    dark.expect_corner(style.DARK.paper)
    first = dark.pixels()
    dark.chip("kink").click()
    dark.expect_pixels(first, same=False)
    dark.reset.click()
    dark.expect_pixels(first)


def test_dark_from_the_start(voila: Voila, new_page: Callable[..., Page]):
    voila.open(new_page(color_scheme="dark")).expect_corner(style.DARK.paper)


def test_axe_finds_nothing(lesson: LessonPage, place: Place):
    assert all_violations(lesson, None if isinstance(place, Voila) else ".deepdials") == []


def test_axe_finds_nothing_in_the_dark(dark: LessonPage, place: Place):
    dark.expect_corner(style.DARK.paper)
    assert all_violations(dark, None if isinstance(place, Voila) else ".deepdials") == []


def test_axe_finds_nothing_on_a_phone(narrow: LessonPage):
    assert all_violations(narrow, None) == []


def test_everything_that_matters_fits_a_laptop(lesson: LessonPage, place: Place):
    if isinstance(place, Voila):
        assert lesson.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert lesson.root.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_sharp_pixels(voila: Voila, new_page: Callable[..., Page]):
    lesson = voila.open(new_page(device_scale_factor=2))
    lesson.pixels()
    sizes = "canvas => [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight]"
    assert lesson.canvas.evaluate(sizes) == pytest.approx([2, 2], rel=0.01)


def test_another_width_draws_another_picture(lesson: LessonPage):
    first, ratio = lesson.pixels(), "canvas => canvas.width / canvas.clientWidth"
    view = lesson.page.viewport_size
    assert view
    lesson.page.set_viewport_size({"width": 1000, "height": view["height"]})
    lesson.expect_pixels(first, same=False)
    lesson.pixels()
    assert lesson.canvas.evaluate(ratio) == pytest.approx(1, rel=0.01)
    lesson.page.set_viewport_size(view)
    lesson.expect_pixels(first)


def wider_than_the_window(lesson: LessonPage) -> int:
    # Not `innerWidth`: a phone zooms out until what is too wide fits.
    view = lesson.page.viewport_size
    assert view
    return lesson.page.evaluate("document.documentElement.scrollWidth") - view["width"]


def test_a_phone_stacks_the_panes_and_scrolls_only_down(narrow: LessonPage):
    # The preset with the longest link.
    narrow.chip("beside-kink").click()
    expect(narrow.caption).to_contain_text("epsilon = 0.1,")
    assert wider_than_the_window(narrow) <= 0
    assert narrow.canvas.evaluate("canvas => canvas.clientHeight > 2 * canvas.clientWidth")
    for fold in FOLDS:
        narrow.open_fold(fold)
        expect(narrow.root.locator(".deepdials-fold")).not_to_be_empty()
        assert wider_than_the_window(narrow) <= 0
    expect(narrow.link).to_contain_text("function=relu")
    assert wider_than_the_window(narrow) <= 0


def test_every_target_is_large_enough_for_a_finger(narrow: LessonPage):
    sizes = """root => [...root.querySelectorAll("button, select")]
      .map((node) => [node.textContent, node.getBoundingClientRect()])
      .filter(([, box]) => box.height < 40 || box.width < 40)
      .map(([text, box]) => [text, box.width, box.height])"""
    assert narrow.root.evaluate(sizes) == []


def touch(page: Page, *points: tuple[float, float]) -> None:
    """Put a finger down and slide it from point to point."""
    session = page.context.new_cdp_session(page)
    for i, (x, y) in enumerate(points):
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def between(start: tuple[float, float], end: tuple[float, float], steps: int = 10):
    for i in range(steps + 1):
        share = i / steps
        yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def test_a_finger_drags_a_slider(narrow: LessonPage):
    handle = narrow.slider("theta").bounding_box()
    track = narrow.dial("theta").locator(".noUi-base").bounding_box()
    assert handle and track
    y = handle["y"] + handle["height"] / 2
    start = (handle["x"] + handle["width"] / 2, y)
    touch(narrow.page, *between(start, (track["x"] + track["width"] / 2, y)))
    expect(narrow.box("theta")).to_have_value(re.compile(r"^(-0.05|0|0.05)$"))
    expect(narrow.caption).not_to_contain_text("3.0301")


def test_a_finger_drags_theta_along_the_curve(narrow: LessonPage):
    narrow.canvas.evaluate("node => node.scrollIntoView({ block: 'start' })")
    narrow.page.evaluate("scrollBy(0, -150)")
    touch(narrow.page, *between(narrow.point(0, 4 / 6, 0.3), narrow.point(0, 2 / 6, 0.3)))
    expect(narrow.box("theta")).to_have_value("-1")
    expect(narrow.caption).to_contain_text("theta = -1 ")
