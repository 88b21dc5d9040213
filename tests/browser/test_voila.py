"""The app's own page: what its address says, and what a reload brings back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lesson_page import START, LessonPage
from tests.browser.places import Voila
from tests.serving import children, eventually

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(new_session_page: Callable[..., Page]) -> Page:
    return new_session_page()


def test_the_address_sets_the_dials(voila: Voila, page: Page):
    lesson = voila.open(page, "&epsilon=1e-7&theta=0.5")
    expect(lesson.caption).to_contain_text("At theta = 0.5 and epsilon = 1e-7,")
    expect(lesson.box("epsilon")).to_have_value("1e-7")
    expect(lesson.slider("theta")).to_have_attribute("aria-valuetext", "0.5")
    expect(lesson.alert).to_be_empty()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("epsilon=banana", "epsilon is 'banana'; it takes a number from 1e-12 to 1"),
        ("epsilon=5&theta=99", "it takes a number from -2 to 2"),
        ("function=<b>J</b>", "function is '<b>J</b>'"),
    ],
)
def test_an_address_that_is_wrong_opens_the_default(
    voila: Voila, page: Page, query: str, said: str
):
    lesson = voila.open(page, f"&{query}")
    expect(lesson.alert).to_contain_text(said)
    expect(lesson.caption).to_contain_text(START)
    lesson.slider("epsilon").press("ArrowRight")
    expect(lesson.caption).to_contain_text("epsilon = 0.013,")
    expect(lesson.alert).to_be_empty()


def test_half_of_a_wrong_address_is_followed(voila: Voila, page: Page):
    lesson = voila.open(page, "&epsilon=banana&theta=0.5&utm=x&constructor=y")
    expect(lesson.alert).to_contain_text("epsilon")
    expect(lesson.caption).to_contain_text("At theta = 0.5 and epsilon = 0.01,")


def test_a_reload_brings_a_whole_picture(voila: Voila, page: Page):
    lesson = voila.open(page, "&theta=0.5")
    pixels = lesson.pixels()
    lesson.slider("epsilon").press("Home")
    lesson.expect_pixels(pixels, same=False)
    page.reload()
    LessonPage(page).ready().expect_pixels(pixels)


def test_a_reload_leaves_no_kernel_behind(voila: Voila, page: Page):
    voila.open(page)
    kernels = children(voila.process)
    page.reload()
    LessonPage(page).ready()
    assert eventually(lambda: len(children(voila.process)) <= len(kernels))


def test_keys_reach_every_dial_from_the_top_of_the_page(voila: Voila, page: Page):
    voila.open(page)
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('[data-dial]')?.dataset.dial"))
    assert reached >= {"epsilon", "theta", "function", "precision"}
