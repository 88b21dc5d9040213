"""The same figure in the ways that notebooks usually draw; each function fills one cell."""

import math
from collections.abc import Callable
from typing import Any

import anywidget
import ipywidgets
from IPython import get_ipython
from IPython.display import display

from deepdials import style
from deepdials.dials import Slider
from deepdials.lesson import Lesson
from deepdials.lessons import find
from deepdials.panel.stage import new_figure


class Mark(anywidget.AnyWidget):
    """Counts the kernel's answers on the page."""

    _esm = """
    export default {
      render({ model, el }) {
        const show = ({ number }) => (el.dataset.frame = number);
        show({ number: 0 });
        model.on("msg:custom", show);
      },
    };
    """


def slider(dial: Slider) -> ipywidgets.Widget:
    """Return the panel's slider, without its guard."""
    ends = (dial.low, dial.high)
    low, high = map(math.log10, ends) if dial.log else ends
    kind = ipywidgets.FloatLogSlider if dial.log else ipywidgets.FloatSlider
    return kind(value=dial.default, min=low, max=high, step=dial.step, readout=False)


def result(lesson: Lesson, name: str, value: float) -> Any:
    return lesson.result(lesson.settings(**{name: lesson.dials[name].snap(value)}))


def floor(slug: str, name: str, _width: int) -> None:
    """Answer each move, and draw nothing."""
    moved, mark = slider(find(slug).dials[name]), Mark()
    numbers = iter(range(1, 10**9))
    moved.observe(lambda _change: mark.send({"number": next(numbers)}), "value")
    display(moved, mark)


def inline(slug: str, name: str, width: int) -> None:
    """Make the figure anew at each move, as functions under `interact` do."""
    lesson = find(slug)
    get_ipython().run_line_magic("matplotlib", "inline")

    def show(value: float) -> None:
        figure = new_figure(lesson.picture, style.LIGHT, width, 1.0)
        with style.applied(style.LIGHT):
            lesson.picture(figure, style.LIGHT).show(result(lesson, name, value))
            display(figure)

    ipywidgets.interact(show, value=slider(lesson.dials[name]))


def ipympl(slug: str, name: str, width: int) -> None:
    """Move the artists of one figure, and ask its canvas for a new drawing."""
    # The other ways must not need it, nor pay for pyplot, which it imports.
    from ipympl.backend_nbagg import Canvas, FigureManager

    lesson = find(slug)
    figure = new_figure(lesson.picture, style.LIGHT, width, 1.0)
    canvas = Canvas(figure)
    canvas.header_visible = canvas.footer_visible = canvas.toolbar_visible = False
    FigureManager(canvas, 0)
    with style.applied(style.LIGHT):
        picture = lesson.picture(figure, style.LIGHT)
    for artist in figure.findobj():
        artist.set_animated(False)
    follow(lesson, name, picture.show, canvas)


def follow(lesson: Lesson, name: str, show: Callable[[Any], None], canvas: Any) -> None:
    moved = slider(lesson.dials[name])

    def draw(value: float) -> None:
        show(result(lesson, name, value))
        canvas.draw_idle()

    draw(moved.value)
    moved.observe(lambda change: draw(change["new"]), "value")
    display(moved, canvas)
