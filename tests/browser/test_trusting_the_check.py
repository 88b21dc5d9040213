"""Five reports to decide on, by keys and by chips, in the app and in a notebook."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from deepdials import style
from deepdials.lessons.trusting_the_check import LESSON, PREDICTIONS
from tests.browser.axe import violations
from tests.browser.lesson_page import LessonPage
from tests.browser.places import Place, Voila

pytestmark = pytest.mark.browser

SLUG = LESSON.slug
START = "Backprop A, a fresh mask at each call of J (keep_prob = 0.8), after 60 iterations"
NEAR_ONE = re.compile(r": difference (1|0\.9\d*|1\.0\d*), by the course's rule: a bug is likely\.")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FOLDS = ("predict", "numpy", "teacher", "save")
MOST_TABS = 12
REPORTS = {
    "report-1": "The 66 calls of J met 66 different masks.",
    "report-2": "Backprop C, no dropout, lambd = 0.7, after 30 iterations",
    "report-3": "Backprop A, no dropout, lambd = 0.7 but no penalty in J",
    "report-4": "Backprop B, no dropout, after 0 iterations",
    "report-5": "Backprop A, no dropout, lambd = 0.7, after 60 iterations",
}
PASSES = {
    "one-mask": "one fixed mask (keep_prob = 0.8)",
    "keep-prob-1": "All 66 calls of J met the same mask.",
    "all-masks": "J averaged over all 256 masks (keep_prob = 0.8)",
}
GREAT = re.compile(r": difference \d(\.\d+)?e-1\d, by the course's rule: great\.")
# One for each prediction: some are right, some wrong.
GUESSES = (0, 1, 2, 0, 0, 1)

NewPage = Callable[..., Page]


def follow(voila: Voila, page: Page) -> LessonPage:
    page.goto(f"{voila.url}?lesson={SLUG}")
    return LessonPage(page, SLUG).ready()


def open_in(place: Place, page: Page) -> LessonPage:
    if isinstance(place, Voila):
        return follow(place, page)
    place.run(page, f'from deepdials import play\nplay("{SLUG}")')
    return LessonPage(page, SLUG).ready()


@pytest.fixture(scope="module")
def opened(place: Place, new_session_page: NewPage) -> LessonPage:
    return open_in(place, new_session_page())


def start_again(lesson: LessonPage) -> LessonPage:
    for fold in lesson.root.locator("[data-fold][aria-expanded=true]").all():
        fold.click()
    lesson.reset.click()
    expect(lesson.caption).to_contain_text(START)
    expect(lesson.chip("report-1")).to_have_attribute("aria-pressed", "true")
    return lesson


@pytest.fixture
def lesson(opened: LessonPage) -> LessonPage:
    return start_again(opened)


@pytest.fixture(scope="module")
def phone(voila: Voila, new_session_page: NewPage) -> LessonPage:
    return follow(voila, new_session_page(**PHONE))


def choose(lesson: LessonPage, slug: str, said: str) -> None:
    lesson.chip(slug).click()
    expect(lesson.chip(slug)).to_have_attribute("aria-pressed", "true")
    expect(lesson.root.locator("[data-preset][aria-pressed=true]")).to_have_count(1)
    expect(lesson.caption).to_contain_text(said)


def test_it_opens_with_the_first_report(place: Place, new_page: NewPage):
    lesson = open_in(place, new_page())
    expect(lesson.caption).to_contain_text(START)
    expect(lesson.caption).to_contain_text(NEAR_ONE)
    expect(lesson.caption).to_contain_text(REPORTS["report-1"])
    expect(lesson.chip("report-1")).to_have_attribute("aria-pressed", "true")
    expect(lesson.canvas).to_have_accessible_name(lesson.caption.inner_text())
    expect(lesson.alert).to_be_empty()


def test_every_report_has_a_chip(lesson: LessonPage):
    pictures = set()
    for slug in (*list(REPORTS)[1:], "report-1"):
        choose(lesson, slug, REPORTS[slug])
        pictures.add(lesson.pixels())
    assert len(pictures) == len(REPORTS)


@pytest.mark.parametrize("slug", PASSES)
def test_the_first_backprop_passes_another_check(lesson: LessonPage, slug: str):
    first = lesson.pixels()
    choose(lesson, slug, PASSES[slug])
    expect(lesson.caption).to_contain_text(GREAT)
    lesson.expect_pixels(first, same=False)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("ArrowRight", "ArrowLeft"), "after 1 iteration: "),
        (("End", "Home"), "after 100 iterations: "),
    ],
)
def test_keys_go_through_training_and_back(lesson: LessonPage, keys: tuple[str, str], said: str):
    choose(lesson, "report-4", REPORTS["report-4"])
    first = lesson.pixels()
    slider = lesson.slider("iteration")
    slider.press(keys[0])
    expect(lesson.caption).to_contain_text(said)
    lesson.expect_pixels(first, same=False)
    slider.press(keys[1])
    expect(lesson.caption).to_contain_text(REPORTS["report-4"])
    expect(slider).to_be_focused()
    lesson.expect_pixels(first)


def test_the_picture_takes_a_press(lesson: LessonPage):
    lesson.pixels()
    lesson.canvas.scroll_into_view_if_needed()
    # From -3 to 103; then from 5 to 2e8.
    lesson.page.mouse.click(*lesson.point(0, 28 / 106))
    expect(lesson.box("iteration")).to_have_value("25")
    expect(lesson.caption).to_contain_text("after 25 iterations: ")
    lesson.page.mouse.click(*lesson.point(1, 0.999))
    expect(lesson.caption).to_contain_text("For 100,000,000 parameters")


@pytest.mark.parametrize(
    ("dial", "part", "reason", "awake", "asleep"),
    [
        ("keep_prob", "textbox", "Dropout is off.", "report-1", "report-2"),
        (
            "J_has_penalty",
            "checkbox",
            "At lambd = 0 there is no penalty.",
            "report-2",
            "report-1",
        ),
    ],
)
def test_a_dial_that_does_nothing_says_why(
    lesson: LessonPage, dial: str, part: str, reason: str, awake: str, asleep: str
):
    choose(lesson, awake, REPORTS[awake])
    control, hint = lesson.dial(dial).get_by_role(part), lesson.dial(dial)
    expect(control).to_be_enabled()
    expect(hint).to_contain_text(LESSON.dials[dial].help)
    choose(lesson, asleep, REPORTS[asleep])
    expect(control).to_be_disabled()
    expect(hint).to_contain_text(reason)


def press_by_keys(lesson: LessonPage, button: Locator) -> None:
    """Go on from where the focus is, or was, with Tab."""
    expect(button).to_be_visible()
    for _ in range(MOST_TABS):
        if button.evaluate("node => node === document.activeElement"):
            lesson.page.keyboard.press("Enter")
            return
        lesson.page.keyboard.press("Tab")
    pytest.fail(f"{button} cannot be reached with Tab")


def answers() -> list[int]:
    pairs = [[LESSON.result(LESSON.preset(d)) for d in (p.before, p.after)] for p in PREDICTIONS]
    return [p.answer(*pair) for p, pair in zip(PREDICTIONS, pairs, strict=True)]


def test_keys_answer_every_prediction(place: Place, new_page: NewPage):
    lesson = open_in(place, new_page())
    lesson.fold("predict").press("Enter")
    kept = lesson.outcome.get_by_role("listitem")
    rounds = list(zip(PREDICTIONS, GUESSES, answers(), strict=True))
    for number, (asked, guess, answer) in enumerate(rounds, 1):
        expect(lesson.root).to_contain_text(f"{number} of {len(rounds)}. {asked.question}")
        press_by_keys(lesson, lesson.choice(guess))
        mark = "✓" if guess == answer else "✗"
        said = f"{mark} {asked.question} You said: {asked.choices[guess]}."
        expect(kept.first).to_contain_text(f"{said} It is: {asked.choices[answer]}.")
        expect(kept).to_have_count(number)
        if number < len(rounds):
            press_by_keys(lesson, lesson.root.get_by_role("button", name="Next question"))
    expect(lesson.root.get_by_role("button", name="Ask again from the first")).to_be_visible()
    lesson.fold("predict").press("Enter")
    expect(kept).to_have_count(0)
    lesson.fold("predict").press("Enter")
    expect(kept).to_have_count(len(rounds))


def all_violations(lesson: LessonPage, context: str | None = None) -> list[str]:
    """Judge the lesson with every fold open in turn, one prediction answered."""
    found = violations(lesson, context)
    for fold in FOLDS:
        lesson.open_fold(fold)
        found += violations(lesson, context)
        if fold == "predict":
            lesson.root.get_by_role("button", name="Just show me").click()
            expect(lesson.outcome).to_contain_text("It is: ")
            found += violations(lesson, context)
    return found


def test_axe_finds_nothing(lesson: LessonPage, place: Place):
    assert lesson.root.locator("[data-fold]").count() == len(FOLDS)
    assert all_violations(lesson, None if isinstance(place, Voila) else ".deepdials") == []


def test_axe_finds_nothing_in_the_dark(voila: Voila, new_page: NewPage):
    lesson = follow(voila, new_page(color_scheme="dark"))
    lesson.expect_corner(style.DARK.paper)
    assert all_violations(lesson) == []


def test_axe_finds_nothing_on_a_phone(phone: LessonPage):
    assert all_violations(start_again(phone)) == []


def test_a_phone_scrolls_only_down(phone: LessonPage):
    lesson = start_again(phone)
    for fold in FOLDS:
        lesson.open_fold(fold)
        assert lesson.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert lesson.canvas.evaluate("canvas => canvas.clientHeight > 2 * canvas.clientWidth")


def test_dark_and_light_again(lesson: LessonPage, place: Place):
    light = lesson.pixels()
    place.theme(lesson.page, "dark")
    lesson.expect_corner(style.DARK.paper)
    lesson.expect_pixels(light, same=False)
    place.theme(lesson.page, "light")
    lesson.expect_corner(style.LIGHT.paper)
    lesson.expect_pixels(light)
