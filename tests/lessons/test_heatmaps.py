"""The heatmaps: where each component's cell is, what a press hits, which colour it has."""

from itertools import pairwise
from math import prod

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from deepdials import style
from deepdials.core.gradient_report import GradientReport
from deepdials.core.parameters import names_of_components
from deepdials.lessons.grades import NAMES, THRESHOLDS
from deepdials.lessons.gradient_checking import LESSON
from deepdials.lessons.gradient_checking.problems import problem
from deepdials.lessons.heatmaps import Heatmaps, Layout
from deepdials.panel.stage import Stage

SHAPES = {
    "scalar": {"theta": ()},
    "flat bias": {"W1": (5, 4), "b1": (5,)},
    "course": {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)},
    "ten layers": {f"{kind}{i}": (2, n) for i in range(1, 11) for kind, n in (("W", 2), ("b", 1))},
    "tall and wide": {"W1": (40, 2), "b1": (40, 1), "W2": (1, 40), "b2": (1, 1)},
    "three axes": {"kernel": (3, 2, 4), "gain": (), "bias": (4,)},
}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def shapes(request):
    return request.param


def random_shapes(rng):
    count = int(rng.integers(1, 6))
    return {f"W{i}": tuple(rng.integers(1, 7, rng.integers(0, 4)).tolist()) for i in range(count)}


def overlaps(layout):
    """Return which pairs of cells share more than an edge."""
    far = np.abs(layout.corners[:, None] - layout.corners[None])
    return np.argwhere(np.triu((far < 1 - 1e-9).all(axis=-1), 1))


def test_every_component_has_a_cell_and_none_overlap(shapes):
    layout = Layout.of(shapes)
    assert layout.corners.shape == (sum(map(prod, shapes.values())), 2)
    assert overlaps(layout).size == 0


def test_cell_at_is_the_inverse_of_corners(shapes):
    layout = Layout.of(shapes)
    for i, (x, y) in enumerate(layout.corners):
        for right, down in ((0.5, 0.5), (0.01, 0.01), (0.99, 0.99)):
            assert layout.cell_at(x + right, y - down) == i


def test_so_it_is_for_any_shapes():
    rng = np.random.default_rng(0)
    for _ in range(50):
        layout = Layout.of(random_shapes(rng))
        assert overlaps(layout).size == 0
        found = [layout.cell_at(x + 0.5, y - 0.5) for x, y in layout.corners]
        assert found == [*range(len(layout.corners))]


def test_between_and_beside_the_cells_there_is_none(shapes):
    layout = Layout.of(shapes)
    width, tall = layout.size
    for x, y in ((-0.01, 0), (width + 0.01, 0), (0.5, tall / 2 + 0.01), (0.5, -tall / 2 - 0.01)):
        assert layout.cell_at(x, y) is None
    for start, (_, _, columns) in zip(layout.starts, layout.arrays, strict=False):
        assert layout.cell_at(start + columns + 0.3, 0.1) is None


def test_the_arrays_stand_in_order_inside_the_size_and_centred(shapes):
    layout = Layout.of(shapes)
    x, y = layout.corners.T
    ends = np.cumsum([prod(shape) for shape in shapes.values()])
    for start, end, left in zip([0, *ends], ends, layout.starts, strict=False):
        assert x[start] == left == x[start:end].min()
        assert y[start:end].max() + y[start:end].min() - 1 == pytest.approx(0)
    assert (np.diff(layout.starts) > 1).all()
    assert x.max() + 1 <= layout.size[0]
    assert y.max() - (y.min() - 1) <= layout.size[1]


def test_the_cells_are_in_the_order_of_theta():
    layout = Layout.of(SHAPES["course"])
    names = names_of_components({name: np.zeros(s) for name, s in SHAPES["course"].items()})
    arrays = {
        name: start for (name, _, _), start in zip(layout.arrays, layout.starts, strict=False)
    }
    for name, (x, y) in zip(names, layout.corners, strict=True):
        array, at = name[:2], [int(part) for part in name[3:-1].split(", ")]
        row, column = at if array.startswith("W") else (at[0], 0)
        rows = SHAPES["course"][array][0]
        assert (x, y) == pytest.approx((arrays[array] + column, rows / 2 - row))


def test_a_square_lies_inside_its_cell(shapes):
    layout = Layout.of(shapes)
    inside = layout.squares - layout.corners[:, None, :]
    assert ((inside > [0, -1]) & (inside < [1, 0])).all()
    assert inside.min() < -0.9 and inside.max() > 0.9


# On a stage.


def a_stage(result, width, ratio):
    stage = Stage(LESSON.picture, style.LIGHT, width, ratio)
    stage.draw(result)
    return stage


def pressed(stage, inside):
    """Press where a cell is, in CSS px from the upper left corner of the picture."""
    x, y = stage.picture.components.heatmaps.axes.transData.transform(inside) / stage.ratio
    point = (x, stage.size[1] / stage.ratio - y)
    return stage.pick(*point, point)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize(("network", "step"), [("exercise", 1), ("wide", 37), ("deep", 5)])
def test_a_press_on_a_cell_gives_its_component(network, step, width, ratio):
    result = LESSON.result(LESSON.settings(network=network, activation="tanh"))
    stage = a_stage(result, width, ratio)
    names = names_of_components(problem(network, "tanh", 1.0, 1.0).parameters)
    for i in range(0, len(names), step):
        x, y = result.layout.corners[i]
        assert pressed(stage, (x + 0.5, y - 0.5)) == {"component": names[i]}
        assert LESSON.settings(component=names[i])["component"] == names[i]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_press_beside_the_cells_gives_nothing(ratio):
    result = LESSON.result(LESSON.defaults)
    stage = a_stage(result, 1000, ratio)
    end_of_W1 = result.layout.starts[1]
    assert pressed(stage, (end_of_W1 - 0.3, 0.2)) == {}
    assert pressed(stage, (0.5, 2.6)) == {}


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("network", ["exercise", "square", "wide", "deep"])
def test_all_cells_and_names_fit_their_pane(network, width):
    result = LESSON.result(LESSON.settings(network=network, activation="tanh"))
    stage = a_stage(result, width, 1.0)
    heatmaps = stage.picture.components.heatmaps
    seen = heatmaps.axes.transData.transform(result.layout.squares.reshape(-1, 2))
    box = heatmaps.axes.bbox.padded(1)
    assert ((seen >= box.min) & (seen <= box.max)).all()
    written = [text for text in heatmaps.names if text.get_text()]
    ends = [text.get_window_extent() for text in written]
    assert all(one.x1 <= other.x0 for one, other in pairwise(ends))
    across, down = np.ptp(seen[:4], axis=0)
    assert across == pytest.approx(down)


def test_the_outline_is_around_the_chosen_cell():
    result = LESSON.result(LESSON.settings(component="W2[1, 3]"))
    outline = a_stage(result, 1000, 1.0).picture.components.heatmaps.outline.get_xy()
    (i,) = [i for i, name in enumerate(result.check.names) if name == "W2[1, 3]"]
    np.testing.assert_array_equal(outline[:4], result.layout.squares[i])


# Colours.


def report_of(difference):
    """Return a report with this difference: of 1 + d and 1 - d it is d."""
    grad, gradapprox = ({"W1": np.array([[1 + d]])} for d in (difference, -difference))
    one = {"W1": np.ones((1, 1))}
    return GradientReport("two-sided", 1e-7, 1.0, one, grad, gradapprox, {"W1": one["W1"] * 0}, 2)


def colours(palette, errors):
    with style.applied(palette):
        heatmaps = Heatmaps(Figure().add_subplot(), palette)
        heatmaps.show(Layout.of({"W1": (1, len(errors))}), np.array(errors), 0)
        return [tuple(rgba) for rgba in heatmaps.cells.to_rgba(heatmaps.cells.get_array())]


@pytest.mark.parametrize("palette", style.PALETTES.values(), ids=style.PALETTES)
def test_a_colour_is_the_courses_verdict(palette):
    errors = [0, 1e-16, 0.99e-7, 1.01e-7, 0.99e-5, 1.01e-5, 0.99e-3, 1.01e-3, 0.5, 1]
    grades = [NAMES.index(report_of(error).grade) for error in errors]
    assert grades == [0, 0, 0, 1, 1, 2, 2, 3, 3, 3]
    assert colours(palette, errors) == [to_rgba(palette.grades[grade]) for grade in grades]


def test_a_threshold_itself_is_of_the_better_grade():
    at, above = THRESHOLDS, np.nextafter(THRESHOLDS, 1)
    assert colours(style.LIGHT, at) == [to_rgba(c) for c in style.LIGHT.grades[:3]]
    above_all = colours(style.LIGHT, [2 * a for a in above])
    assert above_all == [to_rgba(c) for c in style.LIGHT.grades[1:]]


def test_the_legend_names_the_four_colours():
    legend = Heatmaps(Figure().add_subplot(), style.LIGHT).axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [*NAMES]
    patches = [patch.get_facecolor() for patch in legend.get_patches()]
    assert patches == [to_rgba(colour) for colour in style.LIGHT.grades]
