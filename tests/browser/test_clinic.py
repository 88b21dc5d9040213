"""A student's own backprop in a stock JupyterLab: heatmaps to press, and a file that keeps them."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from deepdials import style
from deepdials.clinic import Report, _lesson
from deepdials.panel.stage import Stage
from tests.browser.axe import violations
from tests.browser.lesson_page import LessonPage
from tests.browser.places import RUN_ALL, Lab
from tests.browser.watch import Watch
from tests.serving import eventually

pytestmark = pytest.mark.browser

SLUG = "your-backprop"
NETWORK = """import numpy as np
from deepdials import check_gradients

rng = np.random.default_rng(1)
X = rng.standard_normal((3, 8))
Y = (rng.random((1, 8)) < 0.5).astype(float)
m = X.shape[1]
parameters = {
    "W1": rng.standard_normal((4, 3)),
    "b1": rng.standard_normal((4, 1)),
    "W2": rng.standard_normal((1, 4)),
    "b2": np.zeros((1, 1)),
}


def forward(parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    return A1, 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"])))


def cost(parameters):
    A2 = forward(parameters)[1]
    return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def backward(parameters):
    A1, A2 = forward(parameters)
    dZ2 = A2 - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1)
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": dZ1.mean(axis=1, keepdims=True),
        "dW2": dZ2 @ A1.T / m,
        "db2": dZ2.mean(axis=1, keepdims=True),
    }


"""
CHECK = NETWORK + "report = check_gradients(cost, parameters, backward(parameters))\nreport"
RANDOM = NETWORK + (
    "noisy = lambda parameters: cost(parameters) * (1 + 0.1 * rng.random())\n"
    "check_gradients(noisy, parameters, backward(parameters))"
)
START = "The difference is 0.48"
REWRITE = """source =>
  jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.setSource(source)"""
OUTPUT = ".jp-OutputArea-output"

NewPage = Callable[..., Page]
Shown = tuple[LessonPage, Path]


@pytest.fixture(scope="module")
def shown(lab: Lab, new_session_page: NewPage) -> Shown:
    page = new_session_page()
    path = lab.run(page, CHECK)
    return LessonPage(page, SLUG).ready(), path


@pytest.fixture
def lesson(shown: Shown) -> LessonPage:
    lesson = shown[0]
    lesson.reset.click()
    expect(lesson.box("component")).to_have_value("worst")
    lesson.pixels()
    lesson.canvas.scroll_into_view_if_needed()
    return lesson


@pytest.fixture(scope="module")
def report() -> Report:
    """Run the notebook's cell here too."""
    scope: dict = {}
    exec(CHECK, scope)
    return scope["report"]


def cell(lesson: LessonPage, report: Report, name: str) -> tuple[float, float]:
    """Return where a component's cell is in the window, as a stage of this width has it."""
    drawn = _lesson(report)
    width = lesson.canvas.evaluate("canvas => canvas.parentElement.clientWidth")
    stage = Stage(drawn.picture, style.LIGHT, width, 1.0)
    stage.draw(drawn.result(drawn.defaults))
    heatmaps = stage.picture.components.heatmaps
    x, y = heatmaps.layout.corners[report.names.index(name)]
    across, up = heatmaps.axes.transData.transform((x + 0.5, y - 0.5))
    box = lesson.canvas.bounding_box()
    assert box
    return box["x"] + across, box["y"] + stage.size[1] - up


def expect_both_numbers(lesson: LessonPage, report: Report, name: str) -> None:
    expect(lesson.caption).to_contain_text(f" {name}: yours ")
    said = re.search(r": yours (\S+), nudged (\S+), relative error ", lesson.caption.inner_text())
    assert said
    at = report.names.index(name)
    for text, arrays in zip(said.groups(), (report.gradients, report.gradapprox), strict=True):
        here = np.concatenate([array.ravel() for array in arrays.values()])[at]
        # The kernel's sums may be rounded in another order than ours.
        assert float(text) == pytest.approx(here, rel=1e-4)


def test_the_report_shows_itself_as_heatmaps(lesson: LessonPage, report: Report):
    expect(lesson.canvas).to_have_attribute("data-frame", re.compile(r"\d"))
    expect(lesson.caption).to_contain_text(START)
    for words in ("up to layer 1", f" {report.worst(1)[0].name}: yours "):
        expect(lesson.caption).to_contain_text(words)
    assert report.suspects == ("W1", "b1")
    expect(lesson.caption).to_contain_text(report.diagnosis[0])


@pytest.mark.parametrize("name", ["W1[3, 1]", "b1[2]", "W2[0, 3]", "b2[0]"])
def test_a_press_on_a_cell_names_its_component(lesson: LessonPage, report: Report, name: str):
    first = lesson.pixels()
    lesson.page.mouse.click(*cell(lesson, report, name))
    expect(lesson.box("component")).to_have_value(name)
    expect_both_numbers(lesson, report, name)
    lesson.expect_pixels(first, same=False)


def test_a_typed_component_that_is_not_there(lesson: LessonPage):
    lesson.type("component", "W9[9, 9]")
    expect(lesson.caption).to_contain_text("There is no such component; the worst one: W1[")


def test_axe_finds_nothing(lesson: LessonPage):
    assert violations(lesson, ".deepdials") == []
    lesson.open_fold("save")
    assert violations(lesson, ".deepdials") == []
    lesson.fold("save").click()


def saved_output(path: Path) -> dict:
    outputs = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"]
    return outputs[0]["data"] if outputs else {}


def test_a_saved_notebook_holds_a_picture_with_words(shown: Shown, report: Report):
    lesson, path = shown
    lesson.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    data = eventually(lambda: saved_output(path))
    assert "application/vnd.jupyter.widget-view+json" in data
    found = re.search(r'<img alt="([^"]+)" src="data:image/png;base64,', "".join(data["text/html"]))
    assert found
    alt = html.unescape(found[1])
    assert alt.startswith(START)
    assert report.diagnosis[0] in alt
    text = "".join(data["text/plain"])
    assert text.splitlines()[0] == str(report).splitlines()[0]
    assert report.diagnosis[0] in text


def test_a_random_cost_gives_one_line_and_the_kernel_goes_on(
    lab: Lab, new_page: NewPage, watches: list[Watch]
):
    page = new_page()
    lab.run(page, RANDOM)
    output = page.locator(OUTPUT)
    expect(output).to_contain_text("ValueError: ")
    lines = [line for line in output.inner_text().splitlines() if line.startswith("ValueError: ")]
    assert len(lines) == 1
    assert "dropout" in lines[0]
    # The error was meant; nothing else went wrong.
    (heard,) = watches[-1].settle()
    assert '"msg_type": "error"' in heard
    assert "ValueError" in heard
    page.evaluate(REWRITE, "print(f'still {m} examples')")
    page.evaluate(RUN_ALL)
    expect(output).to_have_text("still 8 examples\n")
