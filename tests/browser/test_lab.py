"""What only a notebook has: its own keys, several views, a file with the picture in it."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.lesson_page import START, LessonPage
from tests.browser.places import PLAY, Lab
from tests.serving import eventually

pytestmark = pytest.mark.browser

CELLS = "jupyterapp.shell.currentWidget.content.widgets.length"


@pytest.fixture(scope="module")
def shown(lab: Lab, new_session_page: Callable[..., Page]) -> tuple[LessonPage, Path]:
    page = new_session_page()
    path = lab.run(page, PLAY)
    return LessonPage(page).ready(), path


def test_a_second_view_gets_a_whole_picture_and_follows(shown: tuple[LessonPage, Path]):
    lesson, page = shown[0].start_again(), shown[0].page
    page.evaluate("jupyterapp.commands.execute('notebook:create-output-view')")
    second = LessonPage(page, which=1).ready()
    # Both show the same frames; the first keeps up with the second's size.
    lesson.expect_pixels(second.pixels())
    lesson.chip("kink").click()
    for view in (lesson, second):
        expect(view.caption).to_contain_text("no slope at the kink")
        expect(view.chip("kink")).to_have_attribute("aria-pressed", "true")
    lesson.expect_pixels(second.pixels())
    lesson.reset.click()
    page.evaluate("jupyterapp.shell.currentWidget.close()")


def test_a_saved_notebook_holds_a_picture(shown: tuple[LessonPage, Path]):
    lesson, path = shown
    lesson.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    output = eventually(lambda: saved_output(path))
    data = output["data"]
    assert "application/vnd.jupyter.widget-view+json" in data
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        image.load()
        assert image.width > 900
    assert START in output["metadata"]["image/png"]["alt"]
    assert START in "".join(data["text/plain"])


def saved_output(path: Path) -> dict:
    outputs = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"]
    return outputs[0] if outputs else {}


def test_two_lessons_in_a_notebook_move_apart(lab: Lab, new_page: Callable[..., Page]):
    page = new_page()
    first = lab.open(page, f"{PLAY}\nplay('numerical-gradients', theta=0.5, epsilon=1e-3)")
    second = LessonPage(page, which=1).ready()
    expect(second.caption).to_contain_text("At theta = 0.5 and epsilon = 0.001,")
    second.chip("kink").click()
    expect(second.caption).to_contain_text("no slope at the kink")
    expect(first.caption).to_contain_text(START)
    assert first.pixels() != second.pixels()


@pytest.mark.parametrize("part", ["chip", "slider", "select"])
def test_keys_in_a_lesson_do_nothing_to_the_notebook(
    lab: Lab, new_page: Callable[..., Page], part: str
):
    lesson = lab.open(new_page())
    parts = {
        "chip": lesson.chip("kink"),
        "slider": lesson.slider("epsilon"),
        "select": lesson.dial("function").get_by_role("combobox"),
    }
    for key in ("ArrowDown", "ArrowUp", "a", "b", "x"):
        parts[part].press(key)
        expect(parts[part]).to_be_focused()
        assert lesson.page.evaluate(CELLS) == 1
