"""The clinic: check your own backprop, and see which component of which layer is wrong."""

import base64
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from typing import Any, ClassVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from deepdials import style
from deepdials.core import gradient_checking
from deepdials.core.functions import Array
from deepdials.core.gradient_report import GradientReport, component_name, joined
from deepdials.dials import Text, Values
from deepdials.lesson import Lesson
from deepdials.lessons.components import Components
from deepdials.lessons.heatmaps import MOST_ARRAYS, Layout
from deepdials.notation import number
from deepdials.panel import export
from deepdials.panel.panel import Panel

WORST = "worst"
MOST_TOLD = 3


def check_gradients(
    cost: Callable[[dict[str, Array]], Any],
    parameters: Mapping[str, ArrayLike],
    gradients: Mapping[str, ArrayLike],
    epsilon: float = 1e-7,
) -> "Report":
    """Check your gradients against nudged costs, component by component.

    In a notebook the report shows itself as heatmaps: press a cell. In a terminal it prints
    as text. The arguments, the errors and the fields of the report are those of
    `deepdials.core.gradient_checking.check_gradients`.

    Parameters
    ----------
    cost
        J of a dict of parameters: one number, the same each time. Fix the masks of dropout.
    parameters
        ``{"W1": ..., "b1": ..., ...}``, any names and shapes. Left untouched.
    gradients
        What your backprop gives, keyed ``"dW1"`` or ``"W1"``.
    epsilon
        The nudge.

    Returns
    -------
    Report
        ``difference``, ``verdict``, ``blocks``, ``worst(n)``, ``diagnosis`` and more.

    Raises
    ------
    ValueError
        Naming what was wrong and what is allowed.
    """
    found = gradient_checking.check_gradients(cost, parameters, gradients, epsilon)
    return Report(**{each.name: getattr(found, each.name) for each in fields(found)})


@dataclass(frozen=True, eq=False, repr=False)
class Report(GradientReport):
    """A gradient report that shows itself, wherever it is printed."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The components in theta's order."""
        return tuple(
            component_name(name, array.shape, i)
            for name, array in self.parameters.items()
            for i in range(array.size)
        )

    def __str__(self) -> str:
        """Write the text report, and the diagnosis under it."""
        return "\n".join([super().__str__(), "", *self.diagnosis[:MOST_TOLD]])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_how: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show heatmaps where widgets live, else a picture and a table, else text."""
        if len(self.parameters) > MOST_ARRAYS:
            return {"text/plain": str(self)}, {}
        lesson = _lesson(self)
        clicked = lesson.result(lesson.defaults)
        said = lesson.caption(clicked)
        png = base64.b64encode(export.picture(lesson, clicked, "png", ratio=1.5)).decode()
        bundle = {
            **Panel(lesson, lesson.defaults, clicked).widget._repr_mimebundle_(),
            "text/html": _table(self, png, said),
            "text/plain": str(self),
        }
        return bundle, {}


@dataclass(frozen=True)
class Clicked:
    """A report, and the component that is looked at."""

    report: Report = field(metadata={"csv": False})
    clicked: int
    found: bool
    grad: Array
    gradapprox: Array
    relative_error: Array

    @cached_property
    def layout(self) -> Layout:
        """Where the cells stand."""
        return Layout.of({name: a.shape for name, a in self.report.parameters.items()})


def _click(report: Report, component: str) -> Clicked:
    found = component in report.names
    return Clicked(
        report=report,
        clicked=report.names.index(component if found else report.worst(1)[0].name),
        found=found or component == WORST,
        grad=joined(report.gradients),
        gradapprox=joined(report.gradapprox),
        relative_error=joined(report.relative_error),
    )


class Picture:
    """Draws a :class:`Clicked`: the heatmaps, and the same as one vector."""

    opaque: ClassVar[bool] = True

    def __init__(self, figure: Figure, palette: style.Palette) -> None:
        network, vector = style.panes(figure, 2, (2, 1))
        self.components = Components(network, vector, palette)

    @staticmethod
    def height(width: int) -> int:
        """Return the height in CSS px for a width in CSS px."""
        return style.height(width, 2)

    def show(self, result: Clicked) -> None:
        """Move every artist to ``result``."""
        names = result.report.names
        self.components.show(result.layout, names, result.relative_error, result.clicked)

    def handles(self) -> list[Axes]:
        """Return the axes that take a press."""
        return self.components.axes

    def pick(self, axes: Axes, x: float, y: float) -> Values:
        """Press a cell or a point to choose a component."""
        return self.components.pick(axes, x, y)


def _caption(result: Clicked) -> str:
    report, at = result.report, result.clicked
    difference = f"The difference is {number(report.difference, 4)}"
    verdict = report.verdict.split(": ")[-1]
    missing = "" if result.found else "There is no such component; the worst one: "
    grad, approx = number(result.grad[at], 6), number(result.gradapprox[at], 6)
    return (
        f"{difference}, {verdict}. {_off(report)}{' '.join(report.diagnosis[:1])} "
        f"{missing}{report.names[at]}: yours {grad}, nudged {approx}, "
        f"relative error {number(result.relative_error[at])}."
    )


def _off(report: Report) -> str:
    named, more = report.suspects[:MOST_TOLD], len(report.suspects) - MOST_TOLD
    if not named:
        return ""
    return f"Off: {', '.join(named)}{f' and {more} more' if more > 0 else ''}. "


def _lesson(report: Report) -> Lesson:
    component = Text(
        label="component",
        default=WORST,
        pattern=r"[^\n]{1,80}",
        allowed=f"worst, or a name such as {report.names[-1]}",
    )
    return Lesson(
        slug="your-backprop",
        title="Your own backprop",
        question="Which component of which layer is wrong?",
        dials={"component": component},
        compute=partial(_click, report),
        picture=Picture,
        caption=_caption,
    )


def _table(report: Report, png: str, said: str) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{grad:.6g}</td><td>{approx:.6g}</td>"
        f"<td>{error:.2g}</td></tr>"
        for name, grad, approx, error in report.worst()
    )
    return (
        f'<img alt="{html.escape(said)}" src="data:image/png;base64,{png}" width="960">'
        f"<p>{html.escape(said)}</p><table><tr><th>component</th><th>yours</th><th>nudged</th>"
        f"<th>relative error</th></tr>{rows}</table>"
    )
