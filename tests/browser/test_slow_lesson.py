"""A lesson that computes for seconds: shows progress, gives way, and keeps the kernel free."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import forge
from tests.browser.lesson_page import LessonPage
from tests.browser.places import Lab

pytestmark = pytest.mark.browser

SOURCE = Path(__file__).with_name("slow_lesson.py")


@pytest.fixture(scope="module")
def slow(lab: Lab, new_session_page: Callable[..., Page]) -> LessonPage:
    page = new_session_page()
    lab.run(page, SOURCE.read_text(encoding="utf-8"))
    lesson = LessonPage(page, slug="slow")
    expect(lesson.caption).to_have_text("Here is iteration 0.")
    return lesson.ready()


def test_gives_way_to_the_newest_setting(slow: LessonPage):
    bar = slow.root.get_by_role("progressbar", include_hidden=True)
    expect(bar).to_be_hidden()
    before = slow.pixels()
    forge.run(slow.page, "for each in (begun, closed, finished): each.clear()")
    for _ in range(5):
        slow.slider("iteration").press("ArrowRight")
    expect(bar).to_be_visible()
    expect(bar).to_have_accessible_name("Computing")
    # Another cell is answered before the lesson is.
    assert forge.run(slow.page, "print(finished)") == "[]\n"
    expect(bar).to_be_visible()
    expect(slow.caption).to_have_text("Here is iteration 5.")
    expect(bar).to_be_hidden()
    slow.expect_pixels(before, same=False)
    assert forge.run(slow.page, "print(finished, begun == closed + [5])") == "[5] True\n"
