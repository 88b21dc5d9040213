from dataclasses import dataclass

import numpy as np
import pytest

from deepdials import style
from deepdials.panel.stage import Stage, movers


@dataclass(frozen=True)
class Level:
    height: float
    top: float = 1.0


class Bar:
    """A horizontal line at a height, the simplest picture."""

    opaque = False

    def __init__(self, figure, palette):
        self.axes = style.panes(figure, 1)[0]
        self.axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(), yticks=())
        (self.line,) = self.axes.plot([0, 1], [0, 0], color=palette.two_sided, animated=True)
        self.text = self.axes.text(0.5, 0.5, "", animated=True)

    @staticmethod
    def height(width):
        return 200

    def show(self, result):
        if self.axes.get_ylim() != (0, result.top):
            self.axes.set_ylim(0, result.top)
        self.line.set_ydata([result.height, result.height])
        self.text.set_text(f"{result.height}")

    def handles(self):
        return [self.axes]

    def pick(self, axes, x, y):
        return {"height": y}


@pytest.fixture
def stage():
    return Stage(Bar, style.LIGHT, 400, 1.0)


def row_of(pixels, wanted):
    """Rows in which a colour stands."""
    colour = [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]
    return np.unique(np.nonzero((pixels[..., :3] == colour).all(axis=-1))[0])


def test_a_moved_artist_leaves_no_trace(stage):
    first = stage.draw(Level(0.25))
    assert (stage.draw(Level(0.75)) != first).any()
    np.testing.assert_array_equal(stage.draw(Level(0.25)), first)
    assert stage.redraws == 1


def test_new_limits_redraw_the_stage_and_equal_ones_do_not(stage):
    for top, redraws in ((1.0, 1), (2.0, 2), (2.0, 2), (1.0, 3)):
        stage.draw(Level(0.5, top))
        assert stage.redraws == redraws


def test_the_line_stands_where_the_data_say(stage):
    (axes, (left, top, right, bottom)) = stage.boxes()[0]
    rows = row_of(stage.draw(Level(0.25)), style.LIGHT.two_sided)
    assert rows.mean() == pytest.approx(bottom + 0.25 * (top - bottom), abs=1)
    assert (left, right) == pytest.approx((style.LEFT, 400 - style.RIGHT))
    assert axes is stage.picture.axes


def test_the_pixel_ratio_multiplies_the_pixels():
    assert Stage(Bar, style.LIGHT, 400, 2.0).draw(Level(0.5)).shape == (400, 800, 4)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_press_comes_back_in_data_coordinates(ratio):
    stage = Stage(Bar, style.LIGHT, 400, ratio)
    stage.draw(Level(0.5))
    left, top, right, bottom = stage.handles()[0]
    start = ((left + right) / 2, (top + bottom) / 2)
    asked = stage.pick(start[0], bottom + 0.2 * (top - bottom), start)
    assert asked["height"] == pytest.approx(0.2)
    assert stage.pick(start[0], start[1], (left - 5, top)) == {}


def test_a_ghost_is_grey_beneath_and_goes_when_forgotten(stage):
    plain = stage.draw(Level(0.75)).astype(int)
    stage.forget()
    pinned = stage.draw(Level(0.75), Level(0.25)).astype(int)
    rows = np.unique(np.nonzero((pinned != plain).any(axis=-1))[0])
    ghost = pinned[rows[0], 200, :3]
    drawn = np.array([0x00, 0x72, 0xB2]) @ [0.299, 0.587, 0.114]
    assert ghost == pytest.approx(np.full(3, 0.65 * 255 + 0.35 * drawn), abs=1)
    assert (
        row_of(pinned, style.LIGHT.two_sided).tolist()
        == row_of(plain, style.LIGHT.two_sided).tolist()
    )
    stage.forget()
    np.testing.assert_array_equal(stage.draw(Level(0.75)), plain)


def test_a_ghost_stands_under_todays_limits(stage):
    stage.draw(Level(0.5, 2.0), Level(0.5, 1.0))
    assert stage.picture.axes.get_ylim() == (0, 2)
    redraws = stage.redraws
    stage.draw(Level(0.6, 2.0), Level(0.5, 1.0))
    assert stage.redraws == redraws


def test_a_ghost_has_no_words_and_no_frame(stage):
    assert movers(stage.picture.axes, ghost=True) == [stage.picture.line]
    assert stage.picture.text in movers(stage.picture.axes)


class Grid(Bar):
    """A picture that hides what is under it."""

    opaque = True


def test_an_opaque_picture_gets_no_ghost():
    stage = Stage(Grid, style.LIGHT, 400, 1.0)
    plain = stage.draw(Level(0.75))
    stage.forget()
    np.testing.assert_array_equal(stage.draw(Level(0.75), Level(0.25)), plain)
