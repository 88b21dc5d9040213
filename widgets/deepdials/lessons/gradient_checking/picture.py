"""Three panes: the components as the network, the same as one vector, and the valley."""

from typing import Any, ClassVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from deepdials import style
from deepdials.dials import Values
from deepdials.lessons.components import Components
from deepdials.lessons.gradient_checking.compute import EPSILONS, Result
from deepdials.lessons.vector_view import LEAST, error_axis
from deepdials.notation import number
from deepdials.style import Palette, points


class Picture:
    """Draws a :class:`Result`."""

    opaque: ClassVar[bool] = True

    def __init__(self, figure: Figure, palette: Palette) -> None:
        self.palette = palette
        network, vector, self.valley = style.panes(figure, 3, (1.7, 1, 1))
        self.components = Components(network, vector, palette)
        self._set_valley(self.valley)

    @staticmethod
    def height(width: int) -> int:
        """Return the height in CSS px for a width in CSS px."""
        return style.height(width, 3)

    def show(self, result: Result) -> None:
        """Move every artist to ``result``."""
        check, valley = result.check, result.valley
        self.components.show(result.layout, check.names, check.relative_error, result.clicked)
        self.line.set_data(valley.epsilons, valley.differences.clip(LEAST))
        self.dial.set_xdata([result.epsilon, result.epsilon])
        self.here.set_data([result.epsilon], [max(check.difference, LEAST)])
        self.floor.set_ydata([max(check.floor, LEAST)] * 2)

    def handles(self) -> list[Axes]:
        """Return the axes that take a press."""
        return [*self.components.axes, self.valley]

    def pick(self, axes: Axes, x: float, y: float) -> Values:
        """Press a cell or a point to choose a component, the valley to choose epsilon."""
        if axes is self.valley:
            return {"epsilon": x}
        return self.components.pick(axes, x, y)

    def _set_valley(self, axes: Axes) -> None:
        style.heading(axes, "Over all epsilons")
        error_axis(axes, self.palette)
        axes.set(xscale="log", xlabel="epsilon")
        ticks = (1e-12, 1e-8, 1e-4)
        axes.set_xticks(ticks, map(number, ticks))
        axes.set_xlim(EPSILONS[0], EPSILONS[-1])
        grey, blue = self.palette.muted, self.palette.two_sided
        self.floor = axes.axhline(1, color=grey, linestyle=":", animated=True, in_layout=False)
        self.dial = axes.axvline(1, color=grey, animated=True, in_layout=False)
        self.dial.set_linewidth(points(1))
        moving: dict[str, Any] = {"color": blue, "animated": True, "in_layout": False}
        (self.line,) = axes.plot([], [], **moving)
        (self.here,) = axes.plot([], [], marker="o", markersize=points(10), clip_on=False, **moving)
        names = (
            Line2D([], [], color=blue, label="two-sided"),
            Line2D([], [], color=grey, linestyle=":", label="rounding alone"),
        )
        how: dict[str, Any] = {"loc": "lower right", "frameon": False, "fontsize": points(12)}
        axes.legend(handles=names, **how).set_zorder(0)
