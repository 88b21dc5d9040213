"""What stands around the dials: presets, predict, pin, reset, the folds."""

import pytest
from playwright.sync_api import expect

from deepdials.lessons.numerical_gradients import PREDICTIONS, PRESETS
from tests.browser.lesson_page import LessonPage

pytestmark = pytest.mark.browser

SAID = {
    "ten-times-smaller": ("3.003 (error 0.003)", "3.000001", "error 1e-6)"),
    "kink": ("There is no slope at the kink",),
    "too-small": ("a smaller epsilon makes it larger",),
    "beside-kink": ("reaches over the kink", "0.65"),
    "float32": ("epsilon = 0.005,",),
}


def test_every_preset_shows_its_own_picture(lesson: LessonPage):
    pictures = {lesson.pixels()}
    for number, preset in enumerate(PRESETS[1:], 2):
        before = lesson.pixels()
        lesson.chip(preset.slug).click()
        expect(lesson.chip(preset.slug)).to_have_attribute("aria-pressed", "true")
        expect(lesson.root.locator("[data-preset][aria-pressed=true]")).to_have_count(1)
        expect(lesson.root).to_contain_text(preset.why)
        for words in SAID.get(preset.slug, ()):
            expect(lesson.caption).to_contain_text(words)
        lesson.expect_pixels(before, same=False)
        pictures.add(lesson.pixels())
        assert len(pictures) == number


def test_no_preset_is_pressed_away_from_all(lesson: LessonPage):
    lesson.slider("epsilon").press("ArrowRight")
    expect(lesson.root.locator("[data-preset][aria-pressed=true]")).to_have_count(0)
    expect(lesson.root.locator("[data-preset][aria-pressed=false]")).to_have_count(len(PRESETS))


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_press_a_preset(lesson: LessonPage, key: str):
    lesson.chip("ten-times-smaller").press(key)
    expect(lesson.caption).to_contain_text("error 1e-6)")
    expect(lesson.chip("ten-times-smaller")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_open_and_close_a_fold(lesson: LessonPage, key: str):
    note = lesson.root.get_by_text("Three slips")
    expect(note).to_have_count(0)
    lesson.fold("teacher").press(key)
    expect(lesson.fold("teacher")).to_have_attribute("aria-expanded", "true")
    expect(note).to_be_visible()
    lesson.fold("teacher").press(key)
    expect(lesson.fold("teacher")).to_have_attribute("aria-expanded", "false")
    expect(note).to_have_count(0)


def test_one_fold_is_open_at_a_time(lesson: LessonPage):
    lesson.open_fold("teacher")
    lesson.open_fold("numpy")
    expect(lesson.root.locator("[data-fold][aria-expanded=true]")).to_have_count(1)
    expect(lesson.root).to_contain_text("def two_sided(")
    expect(lesson.root).not_to_contain_text("Three slips")


def test_predict_asks_keeps_the_guess_and_shows_what_happens(lesson: LessonPage):
    asked = PREDICTIONS[0]
    lesson.open_fold("predict")
    expect(lesson.root).to_contain_text(asked.question)
    lesson.choice(0).click()
    expect(lesson.outcome).to_contain_text(f"✗ {asked.question} You said: {asked.choices[0]}")
    expect(lesson.outcome).to_contain_text(f"It is: {asked.choices[1]}.")
    expect(lesson.caption).to_contain_text("error 1e-6)")
    # On with keys alone, and without a guess.
    lesson.root.get_by_role("button", name="Next question").press("Enter")
    expect(lesson.root).to_contain_text(PREDICTIONS[1].question)
    lesson.root.get_by_role("button", name="Just show me").press("Enter")
    newest = lesson.outcome.get_by_role("listitem").first
    expect(newest).to_contain_text(f"{PREDICTIONS[1].question} It is: it grows.")
    expect(lesson.outcome).to_contain_text(f"✗ {asked.question}")


def test_pin_keeps_a_under_b_until_it_is_lifted(lesson: LessonPage):
    lesson.chip("ten-times-smaller").click()
    expect(lesson.caption).to_contain_text("error 1e-6)")
    alone = lesson.pixels()
    lesson.chip("no-curvature").click()
    expect(lesson.caption).to_contain_text("theta = 0 ")
    lesson.pin.click()
    expect(lesson.pinned).to_contain_text("A, in grey (epsilon = 0.01, theta = 0")
    lesson.chip("ten-times-smaller").click()
    expect(lesson.caption).to_contain_text("error 1e-6)")
    expect(lesson.pinned).to_contain_text("theta = 0")
    lesson.expect_pixels(alone, same=False)
    lesson.pin.click()
    expect(lesson.pinned).to_be_empty()
    lesson.expect_pixels(alone)


def test_the_pin_leaves_no_trace_where_a_is_b(lesson: LessonPage):
    first = lesson.pixels()
    lesson.pin.click()
    expect(lesson.pin).to_have_text("Lift the pin")
    lesson.chip("kink").click()
    lesson.expect_pixels(first, same=False)
    lesson.reset.click()
    expect(lesson.pin).to_have_text("Pin as A")
    lesson.expect_pixels(first)


def test_reset_brings_the_first_picture_back(lesson: LessonPage):
    first = lesson.pixels()
    lesson.chip("relu-kink").click()
    lesson.type("epsilon", "0.05")
    expect(lesson.caption).to_contain_text("epsilon = 0.05,")
    lesson.expect_pixels(first, same=False)
    lesson.type("epsilon", "5")
    expect(lesson.alert).not_to_be_empty()
    lesson.reset.click()
    lesson.expect_pixels(first)
    expect(lesson.alert).to_be_empty()
    expect(lesson.box("epsilon")).to_have_value("0.01")
    expect(lesson.chip("lecture")).to_have_attribute("aria-pressed", "true")
