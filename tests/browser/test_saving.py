"""What a visitor takes away: a link that opens the same picture, and files that open."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.lesson_page import SLUG, LessonPage
from tests.browser.places import Lab, Voila

pytestmark = pytest.mark.browser


@pytest.fixture
def moved(lesson: LessonPage) -> LessonPage:
    """Stand where no preset does, between two points of the grid."""
    lesson.chip("relu-kink").click()
    lesson.type("epsilon", "0.0123")
    lesson.dial("precision").get_by_role("button", name="float32").click()
    expect(lesson.caption).to_contain_text("epsilon = 0.0123,")
    lesson.open_fold("save")
    return lesson


def test_the_link_opens_the_same_picture(
    moved: LessonPage, voila: Voila, new_page: Callable[[], Page]
):
    query = "&epsilon=0.0123&theta=0.0&function=relu&precision=float32"
    expect(moved.link).to_have_text(f"?lesson={SLUG}{query}")
    opened = voila.open(new_page(), query)
    expect(opened.caption).to_have_text(moved.caption.inner_text())
    expect(opened.box("epsilon")).to_have_value("0.0123")
    expect(opened.alert).to_be_empty()


def test_the_link_follows_the_dials(moved: LessonPage):
    moved.type("epsilon", "0.05")
    expect(moved.link).to_have_text(
        f"?lesson={SLUG}&epsilon=0.05&theta=0.0&function=relu&precision=float32"
    )


def test_a_link_in_the_app_gives_the_same_pixels(voila: Voila, new_page: Callable[[], Page]):
    lesson = voila.open(new_page())
    lesson.chip("beside-kink").click()
    expect(lesson.caption).to_contain_text("reaches over the kink")
    pixels = lesson.pixels()
    lesson.open_fold("save")
    query = f"?lesson={SLUG}&epsilon=0.1&theta=0.03&function=relu"
    lesson.root.get_by_role("link", name=query).click()
    expect(lesson.page).to_have_url(f"{voila.url}{query}")
    opened = LessonPage(lesson.page).ready()
    opened.expect_pixels(pixels)
    expect(opened.chip("beside-kink")).to_have_attribute("aria-pressed", "true")


def test_a_call_in_a_notebook_gives_the_same_pixels(lab: Lab, new_page: Callable[[], Page]):
    page = new_page()
    lesson = lab.open(page)
    lesson.chip("beside-kink").click()
    expect(lesson.caption).to_contain_text("reaches over the kink")
    pixels = lesson.pixels()
    lesson.open_fold("save")
    call = "play(\"numerical-gradients\", epsilon=0.1, theta=0.03, function='relu')"
    expect(lesson.root.locator("code", has_text="import play")).to_contain_text(call)
    opened = lab.open(new_page(), f"from deepdials import play\n{call}")
    opened.expect_pixels(pixels)


def test_no_link_leads_out_of_a_notebook(lab: Lab, new_page: Callable[[], Page]):
    # The app's address is not known here, and Jupyter's own knows no lessons.
    lesson = lab.open(new_page())
    lesson.open_fold("save")
    expect(lesson.link).to_have_text(f"?lesson={SLUG}")
    expect(lesson.root.get_by_role("link")).to_have_count(0)


def test_the_png_opens(moved: LessonPage, tmp_path: Path):
    saved = moved.save("PNG")
    assert saved.suggested_filename == "deepdials-numerical-gradients.png"
    saved.save_as(tmp_path / "saved.png")
    with Image.open(tmp_path / "saved.png") as image:
        image.load()
        assert image.size == (1920, 744)
        assert len(image.convert("RGB").getcolors(1_000_000) or []) > 10


def test_the_svg_opens(moved: LessonPage):
    saved = moved.save("SVG")
    assert saved.suggested_filename == "deepdials-numerical-gradients.svg"
    root = ElementTree.parse(saved.path()).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 10


def test_the_csv_opens_and_holds_the_numbers(lesson: LessonPage):
    lesson.open_fold("save")
    saved = lesson.save("CSV")
    assert saved.suggested_filename == "deepdials-numerical-gradients.csv"
    lines = Path(saved.path()).read_text(encoding="utf-8").splitlines()
    header = [line for line in lines if line.startswith("#")]
    assert header == [
        "# numerical-gradients",
        *("# epsilon = 0.01", "# theta = 1.0", "# function = theta**3", "# precision = float64"),
    ]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[len(header) :]))))
    values = {row["field"]: row["value"] for row in rows}
    assert float(values["one_sided.gradapprox"]) == pytest.approx(3.0301)
    assert float(values["two_sided.gradapprox"]) == pytest.approx(3.0001)
    assert sum(row["field"] == "one_sided.errors" for row in rows) == 121
