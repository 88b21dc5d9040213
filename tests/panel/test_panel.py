"""The panel without a browser: what it sends, and what it makes of what a page sends."""

import csv
import io

import pytest

from deepdials.lessons import find
from deepdials.panel.panel import Panel
from deepdials.panel.picture import LARGEST_RATIO, NARROWEST, WIDEST, Page

LESSON = find("numerical-gradients")
READY = {"kind": "ready", "width": 900, "ratio": 1, "theme": "light", "search": ""}


class Watched(Panel):
    """A panel whose messages to the page are kept."""

    def __init__(self, **how):
        super().__init__(LESSON, LESSON.defaults, **how)
        self.sent = []
        self.picture.send = lambda content, buffers=None: self.sent.append((content, buffers))

    def page_sends(self, content):
        self.picture._handle_custom_msg(content, [])

    def frames(self):
        return [content["frame"] for content, _ in self.sent if "frame" in content]

    def said(self):
        return self.sent[-1][0]["words"]["said"]

    def marks(self):
        """What a page keeps that has heard all messages."""
        kept = {}
        for content, _ in self.sent:
            kept.update(content.get("marks", {}))
        return kept

    def alert(self):
        return self.notice.value

    def slider(self, name):
        return self.controls[name].slider

    def choose(self, slug):
        presets = [preset.slug for preset in LESSON.presets]
        self.presets.chips[presets.index(slug)].click()


@pytest.fixture
def panel():
    made = Watched()
    made.page_sends(READY)
    return made


def test_nothing_is_drawn_before_the_page_says_how_wide_it_is():
    panel = Watched()
    assert panel.frames() == []
    panel.page_sends(READY)
    (frame,) = panel.frames()
    assert frame["full"]
    assert frame["size"][0] == frame["width"] == 900


def test_a_slider_moves_the_picture_the_caption_and_the_box(panel):
    panel.slider("epsilon").set_state({"value": 10**-3.0})
    assert panel.state.values["epsilon"] == 1e-3
    assert not panel.frames()[-1]["full"]
    assert "3.003 (error 0.003)" in panel.said()
    assert panel.controls["epsilon"].typed.value == "0.001"


def test_a_raw_position_is_rounded_to_what_is_shown(panel):
    panel.slider("epsilon").set_state({"value": 10**-1.9})
    assert panel.state.values["epsilon"] == 0.013
    assert panel.controls["epsilon"].typed.value == "0.013"


def test_a_typed_value_between_grid_points_stays(panel):
    panel.controls["epsilon"].typed.set_state({"value": "0.0123"})
    panel.slider("epsilon").set_state({"value": 10**-1.9})
    assert panel.state.values["epsilon"] == 0.0123


@pytest.mark.parametrize(
    "value", [5.0, 0.0, -1, float("nan"), float("inf"), "0.1", None, [1], {}, True]
)
def test_a_forged_slider_value_is_refused_by_name(panel, value):
    panel.slider("epsilon").set_state({"value": value})
    assert panel.state.values == LESSON.defaults
    assert panel.slider("epsilon").value == LESSON.defaults["epsilon"]
    assert panel.alert().startswith("epsilon is ")
    assert panel.alert().endswith("it takes a number from 1e-12 to 1")


@pytest.mark.parametrize("text", ["", "banana", "5", "1e400", "nan", "9" * 5000, 7, None, ["1"]])
def test_a_bad_text_is_refused_and_the_box_returns(panel, text):
    panel.controls["epsilon"].typed.set_state({"value": text})
    assert panel.controls["epsilon"].typed.value == "0.01"
    if text != 7:
        assert "epsilon is " in panel.alert()
        assert len(panel.alert()) < 120


@pytest.mark.parametrize("index", [-1, 7, 1.5, "1", None, True, [0]])
def test_a_forged_choice_is_refused_by_name(panel, index):
    panel.controls["function"].options.set_state({"index": index})
    assert panel.state.values == LESSON.defaults
    assert "function is " in panel.alert()


def test_a_page_cannot_move_bounds_options_or_names(panel):
    panel.slider("epsilon").set_state({"min": -300, "max": 300})
    panel.controls["function"].options.set_state({"_options_labels": ["<b>"]})
    panel.picture.set_state({"progress": 0.5, "_esm": "alert(1)"})
    assert (panel.slider("epsilon").min, panel.slider("epsilon").max) == (-12, 0)
    assert panel.controls["function"].options._options_labels[0] == "theta³"
    assert panel.picture.progress == -1
    assert "alert" not in panel.picture._esm[:20]


@pytest.mark.parametrize(
    "content",
    [None, 7, "ready", [], {}, {"kind": "nosuch"}, {"kind": ["ready"]}],
)
def test_unknown_messages_are_ignored(panel, content):
    seen = len(panel.sent)
    panel.page_sends(content)
    assert len(panel.sent) == seen


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ({}, Page(NARROWEST, 1.0, "light")),
        ({"width": 1e308, "ratio": 1e9}, Page(WIDEST, LARGEST_RATIO, "light")),
        ({"width": float("nan"), "ratio": "2", "theme": "<b>"}, Page(NARROWEST, 1.0, "light")),
        ({"width": True, "theme": "dark", "search": 3}, Page(NARROWEST, 1.0, "dark", "3")),
    ],
)
def test_an_absurd_page_is_brought_to_reason(told, understood):
    assert Page.told(told) == understood


@pytest.mark.parametrize("point", [[1], "drag", [1, 2, 3, None], [float("inf")] * 4, None])
def test_a_forged_pointer_is_ignored(panel, point):
    panel.picture.set_state({"pointer": point})
    assert panel.state.values == LESSON.defaults


def test_dragging_on_the_curve_moves_theta_on_its_grid(panel):
    left, top, right, bottom = panel.frames()[0]["handles"][0]
    start = [(left + right) / 2, (top + bottom) / 2]
    panel.picture.set_state({"pointer": [*start, *start]})
    assert panel.state.values["theta"] == 0
    panel.picture.set_state({"pointer": [right + 500, top, *start]})
    assert panel.state.values["theta"] == 2


def test_only_marks_that_changed_are_sent_again_and_a_new_view_gets_all(panel):
    every = set(panel.sent[0][0]["marks"])
    panel.slider("epsilon").set_state({"value": 1e-7})
    places = set(panel.sent[-1][0]["marks"])
    assert ".deepdials-dial-epsilon .noUi-handle" in places
    assert places < every
    panel.page_sends(READY)
    assert set(panel.sent[-1][0]["marks"]) == every


def test_a_preset_sets_every_dial_and_says_why(panel):
    panel.slider("theta").set_state({"value": 0.5})
    panel.choose("ten-times-smaller")
    assert panel.state.values == LESSON.settings(epsilon=1e-3)
    assert "Pin the lecture" in panel.presets.why.value
    pressed = {
        marks["data-preset"]
        for marks in panel.marks().values()
        if marks.get("aria-pressed") == "true" and "data-preset" in marks
    }
    assert pressed == {"ten-times-smaller"}


def test_the_page_reads_the_value_and_not_the_exponent(panel):
    panel.slider("epsilon").set_state({"value": 1e-7})
    said = panel.marks()[".deepdials-dial-epsilon .noUi-handle"]
    assert said == {"aria-label": "epsilon", "aria-valuetext": "1e-7"}


def test_a_guess_is_kept_beside_the_outcome(panel):
    panel.folds.toggle("predict")
    assert panel.state.values == LESSON.preset(LESSON.predictions[0].before)
    panel.predict.choose(0)
    assert panel.state.values == LESSON.preset(LESSON.predictions[0].after)
    assert "✗" in panel.predict.outcome.value
    assert "You said: both 10 times smaller." in panel.predict.outcome.value
    assert (
        "It is: <b>one-sided 10 times smaller, two-sided 100 times</b>"
        in panel.predict.outcome.value
    )


def test_predictions_can_be_skipped_and_go_round(panel):
    panel.folds.toggle("predict")
    for _ in LESSON.predictions:
        panel.predict.choices.children[-1].click()
        panel.predict.choices.children[0].click()
    assert "You said" not in panel.predict.outcome.value
    assert panel.predict.outcome.value.count("It is:") == len(LESSON.predictions)
    assert "1 of 4" in panel.predict.question.value


def test_a_pin_keeps_a_in_words_and_reset_lifts_it(panel):
    panel.pin()
    panel.choose("too-small")
    assert "epsilon = 0.01" in panel.pinned.value
    assert "3.0301" in panel.pinned.value
    panel.reset()
    assert panel.pinned.value == ""
    assert panel.state.values == LESSON.defaults


@pytest.mark.parametrize("in_app", [True, False])
def test_the_link_follows_the_dials_in_both_its_forms(in_app):
    panel = Watched(follow_link=in_app)
    panel.page_sends(READY)
    panel.slider("epsilon").set_state({"value": 1e-3})
    panel.folds.toggle("save")
    assert "?lesson=numerical-gradients&amp;epsilon=0.001" in panel.save.link.value
    # In a notebook the address is Jupyter's: following it would leave the notebook.
    assert ("<a " in panel.save.link.value) == in_app
    assert "play(&quot;numerical-gradients&quot;, epsilon=0.001)" in panel.save.link.value


def test_a_link_is_followed_and_what_is_wrong_in_it_is_told():
    panel = Watched(follow_link=True)
    search = "?lesson=numerical-gradients&epsilon=banana&theta=0.5&utm=7"
    panel.page_sends({**READY, "search": search})
    assert panel.state.values == LESSON.settings(theta=0.5)
    assert "epsilon is &#x27;banana&#x27;; it takes a number from 1e-12 to 1" in panel.alert()


def test_a_notebooks_own_address_is_not_followed(panel):
    panel.page_sends({**READY, "search": "?epsilon=0.5"})
    assert panel.state.values == LESSON.defaults


@pytest.mark.parametrize(
    ("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("csv", b"# ")]
)
def test_the_files_are_what_they_are_called(panel, kind, start):
    panel.save.send(kind)
    content, (data,) = panel.sent[-1]
    assert content["download"]["name"] == f"deepdials-numerical-gradients.{kind}"
    assert data.startswith(start)


def test_the_table_holds_the_numbers_of_the_lecture(panel):
    panel.save.send("csv")
    text = panel.sent[-1][1][0].decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    values = {row["field"]: row["value"] for row in csv.DictReader(io.StringIO("\n".join(lines)))}
    assert float(values["one_sided.gradapprox"]) == pytest.approx(3.0301, abs=1e-12)
    assert float(values["two_sided.error"]) == pytest.approx(1e-4, abs=1e-12)


def test_the_numpy_behind_it_is_the_core_as_it_stands(panel):
    panel.folds.toggle("numpy")
    shown = panel.folds.place.children[0].value
    assert "deepdials.core.numerical_gradients.two_sided" in shown
    assert "SIAM 2002" in shown


def test_one_fold_is_open_at_a_time_and_closes_again(panel):
    for slug in ("numpy", "teacher"):
        panel.folds.toggle(slug)
        open_now = [
            marks["data-fold"]
            for marks in panel.marks().values()
            if marks.get("aria-expanded") == "true"
        ]
        assert open_now == [slug]
    panel.folds.toggle("teacher")
    assert panel.folds.place.children == ()


def test_another_theme_width_or_view_gets_a_full_picture(panel):
    for change in ({"theme": "dark"}, {"width": 400}, {"ratio": 2}, {}):
        panel.page_sends({**READY, "kind": "resize", **change})
        assert panel.frames()[-1]["full"]
    assert panel.frames()[-1]["size"] == panel.frames()[0]["size"]
