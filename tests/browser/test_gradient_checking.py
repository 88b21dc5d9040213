"""The lesson with cells to press, and the game of finding the line."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deepdials import style
from deepdials.lessons.gradient_checking import LESSON
from deepdials.lessons.gradient_checking.lines import find_line
from deepdials.panel.stage import Stage
from tests.browser.axe import violations
from tests.browser.lesson_page import LessonPage
from tests.browser.places import Place, Voila

pytestmark = pytest.mark.browser

SLUG = LESSON.slug
START = "The difference is 0.2851: a bug is likely"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FOLDS = ("predict", "listing", "numpy", "teacher", "save")
PLAY = f'from deepdials import play\nplay("{SLUG}")'
SAID = {
    "rounding": "which rounding alone explains",
    "db-only": "Off: db1, db2, db3;",
    "upstream": "Off: dW1, db1, dW2, db2; Everything is off up to layer 2",
    "kink": "Off: db2;",
    "kink-exact": "great",
    "deep": "64 sampled components",
    "small-weights": "No block stands out",
    "surprise": "The difference is",
    "course": START,
}

NewPage = Callable[..., Page]


def follow(voila: Voila, page: Page, query: str = "") -> LessonPage:
    page.goto(f"{voila.url}?lesson={SLUG}{query}")
    return LessonPage(page, SLUG).ready()


@pytest.fixture(scope="module")
def opened(place: Place, new_session_page: NewPage) -> LessonPage:
    page = new_session_page()
    if isinstance(place, Voila):
        return follow(place, page)
    place.run(page, PLAY)
    return LessonPage(page, SLUG).ready()


def start_again(lesson: LessonPage) -> LessonPage:
    for fold in lesson.root.locator("[data-fold][aria-expanded=true]").all():
        fold.click()
    lesson.reset.click()
    expect(lesson.caption).to_contain_text(START)
    expect(lesson.chip("course")).to_have_attribute("aria-pressed", "true")
    in_view(lesson)
    return lesson


def in_view(lesson: LessonPage) -> None:
    """Bring the picture into the window: a notebook shows less than a lesson at a time."""
    lesson.pixels()
    lesson.canvas.scroll_into_view_if_needed()


@pytest.fixture
def lesson(opened: LessonPage) -> LessonPage:
    return start_again(opened)


@pytest.fixture(scope="module")
def phone(voila: Voila, new_session_page: NewPage) -> LessonPage:
    return follow(voila, new_session_page(**PHONE))


def cell(lesson: LessonPage, name: str, **dials: object) -> tuple[float, float]:
    """Return where a component's cell is in the window, as a stage of this width has it."""
    result = LESSON.result(LESSON.settings(**dials))
    width = lesson.canvas.evaluate("canvas => canvas.parentElement.clientWidth")
    stage = Stage(LESSON.picture, style.LIGHT, width, 1.0)
    stage.draw(result)
    x, y = result.layout.corners[result.check.names.index(name)]
    across, up = stage.picture.handles()[0].transData.transform((x + 0.5, y - 0.5))
    box = lesson.canvas.bounding_box()
    assert box
    return box["x"] + across, box["y"] + stage.size[1] - up


@pytest.mark.parametrize("name", ["W1[0, 0]", "W2[2, 1]", "b1[4]", "b3[0]"])
def test_a_press_on_a_cell_names_its_component(lesson: LessonPage, name: str):
    first = lesson.pixels()
    lesson.page.mouse.click(*cell(lesson, name))
    expect(lesson.box("component")).to_have_value(name)
    expect(lesson.caption).to_contain_text(f" {name}: backprop ")
    lesson.expect_pixels(first, same=False)


def test_a_press_in_2000_cells_names_the_one(lesson: LessonPage):
    lesson.chip("upstream").click()
    expect(lesson.caption).to_contain_text(SAID["upstream"])
    in_view(lesson)
    dials = {"network": "wide", "activation": "tanh", "bug": "tanh-not-squared"}
    lesson.page.mouse.click(*cell(lesson, "W2[7, 31]", **dials))
    expect(lesson.box("component")).to_have_value("W2[7, 31]")
    expect(lesson.caption).to_contain_text(" W2[7, 31]: backprop ")


def test_a_press_on_the_vector_chooses_too(lesson: LessonPage):
    # From 0 to 48, for 47 components.
    lesson.page.mouse.click(*lesson.point(1, 21 / 48))
    expect(lesson.box("component")).to_have_value("b1[0]")
    expect(lesson.caption).to_contain_text(" b1[0]: backprop ")


def test_a_press_beside_the_cells_changes_nothing(lesson: LessonPage):
    first = lesson.pixels()
    lesson.page.mouse.click(*lesson.point(0, 0.02, 0.05))
    lesson.type("epsilon", "5")
    expect(lesson.alert).not_to_be_empty()
    lesson.expect_pixels(first)
    expect(lesson.box("component")).to_have_value("worst")


def test_a_press_in_the_valley_sets_epsilon(lesson: LessonPage):
    # From 1e-12 to 10**-0.5.
    lesson.page.mouse.click(*lesson.point(2, 7 / 11.5))
    expect(lesson.box("epsilon")).to_have_value("1e-5")
    lesson.page.mouse.click(*lesson.point(2, 0.999))
    expect(lesson.box("epsilon")).to_have_value("0.1")
    expect(lesson.alert).to_be_empty()


@pytest.mark.parametrize(
    ("dial", "text", "said"),
    [
        ("component", "W3[0, 2]", " W3[0, 2]: backprop "),
        ("component", "W9[9, 9]", "There is no such component here; the worst one: "),
        ("yours", "0.3333", "a factor of 2 or 1/2 in all gradients"),
        ("yours", "1.19e-7", "Your number: The course's exercise, repaired"),
    ],
)
def test_what_is_typed_is_answered(lesson: LessonPage, dial: str, text: str, said: str):
    lesson.type(dial, text)
    expect(lesson.caption).to_contain_text(said)
    expect(lesson.box(dial)).to_have_value(text)
    expect(lesson.alert).to_be_empty()


@pytest.mark.parametrize(
    ("dial", "text", "kept"), [("component", "<b>W</b>", "worst"), ("yours", "e5", "")]
)
def test_what_is_typed_wrongly_is_refused(lesson: LessonPage, dial: str, text: str, kept: str):
    lesson.type(dial, text)
    expect(lesson.alert).to_contain_text(f"{dial} is '{text}'; it takes")
    expect(lesson.box(dial)).to_have_value(kept)
    expect(lesson.caption).to_contain_text(START)


def test_every_preset_says_its_own(lesson: LessonPage):
    assert {*SAID} <= {preset.slug for preset in LESSON.presets}
    for preset in (*LESSON.presets[1:], LESSON.presets[0]):
        lesson.chip(preset.slug).click()
        expect(lesson.chip(preset.slug)).to_have_attribute("aria-pressed", "true")
        expect(lesson.root).to_contain_text(preset.why)
        expect(lesson.caption).to_contain_text(SAID.get(preset.slug, "The difference is "))
        expect(lesson.alert).to_be_empty()


def test_the_surprise_has_a_number_only_when_it_is_one(lesson: LessonPage):
    expect(lesson.box("number")).to_be_disabled()
    lesson.chip("surprise").click()
    expect(lesson.box("number")).to_be_enabled()
    expect(lesson.dial("bug").get_by_role("combobox")).to_have_value(re.compile("surprise"))


def a_surprise(none: bool) -> tuple[int, dict[str, object]]:
    """Return the number of a surprise with a mistake, or without."""
    start = next(preset.dials for preset in LESSON.presets if preset.slug == "surprise")
    dials = ({**start, "number": n} for n in range(2, 100))
    results = ((one, LESSON.result(LESSON.preset(one))) for one in dials)
    return next((d["number"], d) for d, result in results if (result.bug is None) == none)


def line(lesson: LessonPage, index: int):
    return lesson.root.locator(f".deepdials-line-{index}")


def seen(lesson: LessonPage) -> str:
    """Return all that the page says, without the list of all mistakes."""
    parts = (".deepdials-seen", ".deepdials-fold", ".deepdials-alert", ".deepdials-link")
    found = [text for part in parts for text in lesson.root.locator(part).all_inner_texts()]
    return " ".join([*found, lesson.caption.inner_text(), lesson.page.url])


def test_the_line_of_a_surprise_is_found_by_pressing(voila: Voila, new_page: NewPage):
    number, dials = a_surprise(none=False)
    lesson = follow(voila, new_page(), "".join(f"&{name}={v}" for name, v in dials.items()))
    expect(lesson.box("number")).to_have_value(str(number))
    result = LESSON.result(LESSON.preset(dials))
    listing = find_line(result)
    lesson.open_fold("listing")
    expect(lesson.root.locator(".deepdials-line")).to_have_count(len(listing.lines))
    wrong = min(listing.mended)
    for index in range(wrong):
        line(lesson, index).click()
        expect(lesson.outcome).to_contain_text("✗ Not there.")
        assert not [w for w in (result.bug.title, result.bug.slug) if w in seen(lesson)]
    line(lesson, wrong).click()
    expect(lesson.outcome).to_contain_text("✓ That is it.")
    expect(lesson.outcome).to_contain_text(f"Right: {listing.mended[wrong]}")
    expect(lesson.outcome).to_contain_text(f"Wrong: {listing.lines[wrong].strip()}")


def test_a_surprise_may_be_none(lesson: LessonPage):
    number, _ = a_surprise(none=True)
    lesson.chip("surprise").click()
    lesson.type("number", str(number))
    expect(lesson.caption).to_contain_text("No block stands out")
    lesson.open_fold("listing")
    line(lesson, 3).click()
    expect(lesson.outcome).to_contain_text("✗ Not there.")
    lesson.root.get_by_role("button", name="No line is wrong").click()
    expect(lesson.outcome).to_contain_text(re.compile("✓ That is it.\\s*No line is wrong here."))


def test_another_surprise_shows_other_code(lesson: LessonPage):
    lesson.open_fold("listing")
    doubled = lesson.root.locator(".deepdials-line", has_text="2 if layer == 2 else 1")
    doubled.click()
    expect(lesson.outcome).to_contain_text("Right: dW = dZ @ A[layer - 1].T / m")
    lesson.chip("kink").click()
    expect(doubled).to_have_count(0)
    expect(lesson.outcome).to_be_empty()


def all_violations(lesson: LessonPage, context: str | None = None) -> list[str]:
    """Judge the lesson with every fold open in turn, the game half played."""
    found = violations(lesson, context)
    for fold in FOLDS:
        lesson.open_fold(fold)
        if fold == "listing":
            line(lesson, 0).click()
            expect(lesson.outcome).to_contain_text("✗ Not there.")
        found += violations(lesson, context)
    return found


def test_axe_finds_nothing(lesson: LessonPage, place: Place):
    assert all_violations(lesson, None if isinstance(place, Voila) else ".deepdials") == []


def test_axe_finds_nothing_in_the_dark(voila: Voila, new_page: NewPage):
    lesson = follow(voila, new_page(color_scheme="dark"))
    lesson.expect_corner(style.DARK.paper)
    assert all_violations(lesson) == []


def test_the_cells_are_pressed_in_the_dark_too(voila: Voila, new_page: NewPage):
    lesson = follow(voila, new_page(color_scheme="dark", device_scale_factor=2))
    lesson.pixels()
    lesson.page.mouse.click(*cell(lesson, "W3[0, 1]"))
    expect(lesson.box("component")).to_have_value("W3[0, 1]")


def test_axe_finds_nothing_on_a_phone(phone: LessonPage):
    assert all_violations(start_again(phone)) == []


def test_a_phone_scrolls_only_down(phone: LessonPage):
    lesson = start_again(phone)
    for fold in FOLDS:
        lesson.open_fold(fold)
        assert lesson.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert lesson.canvas.evaluate("canvas => canvas.clientHeight > 2 * canvas.clientWidth")


def test_a_finger_chooses_a_cell(phone: LessonPage):
    lesson = start_again(phone)
    lesson.canvas.evaluate("node => node.scrollIntoView({ block: 'start' })")
    lesson.page.evaluate("scrollBy(0, -150)")
    lesson.page.touchscreen.tap(*cell(lesson, "W1[3, 2]"))
    expect(lesson.box("component")).to_have_value("W1[3, 2]")


def test_a_desk_scrolls_only_down(lesson: LessonPage):
    for fold in FOLDS:
        lesson.open_fold(fold)
        assert lesson.root.evaluate("node => node.scrollWidth <= node.clientWidth")
