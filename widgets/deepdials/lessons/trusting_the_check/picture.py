"""Three panes: the report's differences, the same while training, and what a check costs."""

from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from numpy.typing import ArrayLike

from deepdials import style
from deepdials.dials import Values
from deepdials.lessons.grades import THRESHOLDS
from deepdials.lessons.trusting_the_check.checks import LAST, START, Array
from deepdials.lessons.trusting_the_check.compute import CURVES, FEWEST, MOST, PARAMETERS, Result
from deepdials.notation import number
from deepdials.style import Palette, points

LEAST, LARGEST = 1e-13, 3.0
DECADES = (1e-11, 1e-9, 1e-7, 1e-5, 1e-3, 1e-1)
# Where each grade's name stands: in the middle of its range.
MIDDLES = {"great": 1e-8, "look closer": 1e-6, "worry": 1e-4, "bug": 0.03}
ARRAYS = ("all", *(f"d{name}" for name in START))
ROOM_FOR_GRADES = 2.0


class Picture:
    """Draws a :class:`Result`."""

    opaque: ClassVar[bool] = False

    def __init__(self, figure: Figure, palette: Palette) -> None:
        self.palette = palette
        self.report, self.training, self.cost = style.panes(figure, 3)
        self._set_report(self.report)
        self._set_training(self.training)
        self._set_cost(self.cost)

    @staticmethod
    def height(width: int) -> int:
        """Return the height in CSS px for a width in CSS px."""
        return style.height(width, 3)

    def show(self, result: Result) -> None:
        """Move every artist to ``result``."""
        self._show_report(result)
        self._show_training(result)
        for method, count in zip(result.methods, result.passes, strict=True):
            self.counts[method].set_data([result.parameters], [count])

    def handles(self) -> list[Axes]:
        """Return the axes that take a press or a drag."""
        return [self.training, self.cost]

    def pick(self, axes: Axes, x: float, y: float) -> Values:
        """Drag through training; press on a size of network."""
        if axes is self.training:
            return {"iteration": x}
        return {"parameters": x} if axes is self.cost else {}

    def _set_report(self, axes: Axes) -> None:
        style.heading(axes, "The report: difference")
        self._set_differences(axes)
        right = len(ARRAYS) - 0.5 + ROOM_FOR_GRADES
        axes.set(xlim=(-0.5, right), xticks=range(len(ARRAYS)), xticklabels=ARRAYS)
        for name, middle in MIDDLES.items():
            axes.text(
                right, middle, name, color=self.palette.muted, ha="right", va="center", zorder=0
            )
        self.floors = self._band(axes)
        self.arrays = self._dot(axes, self.palette.ink, markersize=points(8))
        self.whole = self._dot(axes, self.palette.two_sided, markersize=points(13))
        self._mover_text(axes, (len(ARRAYS) - 1) / 2, LEAST * 4, "rounding")

    def _set_training(self, axes: Axes) -> None:
        style.heading(axes, "The same while training")
        self._set_differences(axes)
        axes.set(xlim=(-3, LAST + 3), xlabel="iteration", xticks=range(0, LAST + 1, 25))
        self.trace_floors = self._band(axes)
        self.now = axes.axvline(0, color=self.palette.muted, linewidth=points(1), animated=True)
        self.now.set_in_layout(False)
        self.trace = self._line(axes, self.palette.two_sided)
        self.here = self._dot(axes, self.palette.two_sided, markersize=points(13))

    def _set_differences(self, axes: Axes) -> None:
        axes.set(yscale="log", ylim=(LEAST, LARGEST))
        axes.set_yticks(DECADES, map(number, DECADES))
        for threshold in THRESHOLDS:
            how = {"color": self.palette.muted, "linestyle": "--", "linewidth": points(1)}
            axes.axhline(threshold, zorder=0, **how)  # type: ignore[arg-type]

    def _set_cost(self, axes: Axes) -> None:
        style.heading(axes, "Forward passes for one check")
        axes.set(xscale="log", yscale="log", xlim=(FEWEST / 2, MOST * 2), ylim=(1, 1e9))
        axes.set_xticks((10, 1e3, 1e5, 1e7), ("10", "1,000", "1e5", "1e7"))
        axes.set_yticks((1, 1e3, 1e6, 1e9), ("1", "1,000", "1e6", "1e9"))
        axes.set_xlabel("parameters")
        colors = {
            "two-sided": self.palette.two_sided,
            "exact": self.palette.ink,
            "backprop": self.palette.muted,
        }
        for method, curve in CURVES.items():
            axes.plot(PARAMETERS, curve, color=colors[method], zorder=0)
        self._name(axes, colors["two-sided"], "two-sided: 2 n", 3e5, 3e7, "right")
        self._name(axes, colors["exact"], "exact: 1 + units", MOST, 80, "right")
        self._name(axes, colors["backprop"], "one backprop: about 2", MOST, 8, "right")
        self.counts = {
            method: self._dot(axes, color, markersize=points(9)) for method, color in colors.items()
        }

    def _name(self, axes: Axes, color: str, text: str, x: float, y: float, side: str) -> None:
        axes.text(x, y, text, color=color, ha=side, va="center", fontsize=points(12), zorder=0)

    def _mover_text(self, axes: Axes, x: float, y: float, text: str) -> None:
        """Write on top of what moves."""
        made = axes.text(x, y, text, color=self.palette.muted, ha="center", va="center", zorder=5)
        made.set(animated=True, in_layout=False)

    def _line(self, axes: Axes, color: str, **how: object) -> Line2D:
        (line,) = axes.plot([], [], color=color, animated=True, **how)  # type: ignore[arg-type]
        line.set_in_layout(False)
        return line

    def _dot(self, axes: Axes, color: str, **how: object) -> Line2D:
        return self._line(axes, color, **{"linestyle": "", "marker": "o", "zorder": 4, **how})

    def _band(self, axes: Axes) -> Polygon:
        made = Polygon([(0, 1)], color=self.palette.faint, linewidth=0, animated=True)
        axes.add_patch(made).set_in_layout(False)
        return made

    def _show_report(self, result: Result) -> None:
        places = np.arange(len(ARRAYS))
        floors = _seen([result.floor, *result.floors])
        steps = np.repeat(floors, 2)
        sides = np.ravel(np.column_stack([places - 0.5, places + 0.5]))
        self.floors.set_xy(_down_to_the_axis(sides, steps))
        self.arrays.set_data(places[1:], _seen(result.differences))
        self.whole.set_data(places[:1], _seen([result.difference]))

    def _show_training(self, result: Result) -> None:
        trace = result.trace
        self.trace_floors.set_xy(_down_to_the_axis(trace.iterations, _seen(trace.floors)))
        self.now.set_xdata([result.iteration, result.iteration])
        self.trace.set_data(trace.iterations, _seen(trace.differences))
        self.here.set_data([result.iteration], _seen([result.difference]))


def _seen(differences: ArrayLike) -> Array:
    """Hold the differences inside the pane."""
    return np.clip(np.asarray(differences, np.float64), LEAST, LARGEST)


def _down_to_the_axis(x: Array, y: Array) -> list[tuple[float, float]]:
    corners = [(float(x[-1]), LEAST / 10), (float(x[0]), LEAST / 10)]
    return [*zip(x.tolist(), y.tolist(), strict=True), *corners]
