"""A student's own functions, unchanged, and what comes back."""

import html
import re

import numpy as np
import pytest

import deepdials
from deepdials.clinic import MOST_ARRAYS, Report, _lesson
from deepdials.core.gradient_checking import check_gradients as plain_check
from deepdials.panel.stage import Stage
from deepdials.style import LIGHT

RNG = np.random.default_rng(1)
X = RNG.standard_normal((3, 8))
Y = (RNG.random((1, 8)) < 0.5).astype(float)
PARAMETERS = {
    "W1": RNG.standard_normal((4, 3)),
    "b1": RNG.standard_normal((4, 1)),
    "W2": RNG.standard_normal((1, 4)),
    "b2": np.zeros((1, 1)),
}


def forward(parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    return A1, 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"])))


def cost(parameters):
    A2 = forward(parameters)[1]
    return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def backward(parameters, slope=lambda A1: 1 - A1**2):
    A1, A2 = forward(parameters)
    dZ2 = A2 - Y
    dZ1 = parameters["W2"].T @ dZ2 * slope(A1)
    return {
        "dW1": dZ1 @ X.T / 8,
        "db1": dZ1.mean(axis=1, keepdims=True),
        "dW2": dZ2 @ A1.T / 8,
        "db2": dZ2.mean(axis=1, keepdims=True),
    }


def right():
    return deepdials.check_gradients(cost, PARAMETERS, backward(PARAMETERS), 1e-5)


def wrong():
    gradients = backward(PARAMETERS, slope=lambda A1: 1 - A1)
    return deepdials.check_gradients(cost, PARAMETERS, gradients)


def test_right_code_passes_and_says_so():
    report = right()
    assert report.difference < 1e-7
    assert "great" in str(report)


def test_wrong_code_is_told_which_layer():
    report = wrong()
    assert report.suspects == ("W1", "b1")
    assert "up to layer 1" in report.diagnosis[0]
    assert report.diagnosis[0] in str(report)
    assert repr(report) == str(report)


def test_it_is_the_cores_report_with_a_face():
    report = wrong()
    plain = plain_check(cost, PARAMETERS, backward(PARAMETERS, slope=lambda A1: 1 - A1))
    assert report.difference == plain.difference
    assert report.worst(3) == plain.worst(3)
    assert isinstance(report, Report)


def test_a_notebook_gets_heatmaps_a_picture_with_words_and_text():
    report = wrong()
    bundle, _ = report._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == str(report)
    page = bundle["text/html"]
    assert "data:image/png;base64," in page
    name, grad, approx, _ = report.worst(1)[0]
    assert f"<td>{name}</td><td>{grad:.6g}</td><td>{approx:.6g}</td>" in page
    alt = html.unescape(re.search(r'alt="([^"]*)"', page)[1])
    assert alt.startswith("The difference is 0.48")


@pytest.mark.parametrize("component", ["W1[3, 1]", "b1[2]", "b2[0]"])
def test_pressing_a_cell_names_it_with_both_numbers(component):
    report = wrong()
    lesson = _lesson(report)
    stage = Stage(lesson.picture, LIGHT, 900, 1.0)
    stage.draw(lesson.result(lesson.defaults))
    heatmaps = stage.picture.components.heatmaps
    x, y = heatmaps.layout.corners[report.names.index(component)] + [0.5, -0.5]
    assert stage.picture.pick(heatmaps.axes, x, y) == {"component": component}
    result = lesson.result({"component": component})
    at = report.names.index(component)
    assert f"{component}: yours " in lesson.caption(result)
    array, indices = report.gradients[component[:2]], re.findall(r"\d+", component[2:])
    assert result.grad[at] == array[tuple(map(int, indices))].item()


def test_the_caption_names_the_arrays_that_are_off():
    lesson = _lesson(wrong())
    assert "Off: W1, b1. Everything is off up to layer 1" in lesson.caption(
        lesson.result(lesson.defaults)
    )


def test_an_unknown_component_shows_the_worst_and_says_so():
    lesson = _lesson(wrong())
    said = lesson.caption(lesson.result(lesson.settings(component="W9[9, 9]")))
    assert "There is no such component; the worst one: W1" in said


def test_gradients_of_another_framework_as_float32_arrays():
    gradients = {name[1:]: g.astype(np.float32) for name, g in backward(PARAMETERS).items()}
    report = deepdials.check_gradients(cost, PARAMETERS, gradients, 1e-5)
    assert report.difference < 1e-6


def test_scalars_vectors_and_other_names_have_cells_too():
    parameters = {"gamma": np.array(2.0), "Wax": np.ones((2, 3)), "beta": np.arange(4.0)}
    squares = {name: array for name, array in parameters.items()}
    report = deepdials.check_gradients(
        lambda p: sum(np.sum(a**2) for a in p.values()) / 2, parameters, squares, 1e-5
    )
    assert report.difference < 1e-9
    assert report.names[0] == "gamma"
    assert len(report.names) == 11
    assert "text/html" in report._repr_mimebundle_()[0]


def test_more_arrays_than_heatmaps_hold_are_told_in_text():
    many = {f"W{i}": np.ones((1, 1)) for i in range(1, MOST_ARRAYS + 2)}
    report = deepdials.check_gradients(lambda p: sum(a.sum() for a in p.values()), many, many)
    assert list(report._repr_mimebundle_()[0]) == ["text/plain"]


def test_a_random_cost_is_refused_by_the_name_of_its_cause():
    with pytest.raises(ValueError, match="dropout"):
        deepdials.check_gradients(
            lambda p: cost(p) * (1 + 0.1 * RNG.random()), PARAMETERS, backward(PARAMETERS)
        )
