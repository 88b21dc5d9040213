"""Three panes: the curve and its triangles, the same from the tangent, error against epsilon."""

from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from deepdials import style
from deepdials.dials import Values
from deepdials.lessons.numerical_gradients.compute import HIGH, LOW, SPAN, Nudge, Result
from deepdials.notation import number
from deepdials.style import Palette, points

HEIGHTS = {
    "theta**3": (-9, 9),
    "sin": (-1.6, 1.6),
    "exp": (-2, 10),
    "sigmoid": (-0.25, 1.25),
    "tanh": (-1.5, 1.5),
    "abs": (-0.8, 3.2),
    "relu": (-0.8, 3.2),
}
# The decades above the largest error are for the names of the lines.
LEAST, LARGEST, MOST = 1e-14, 1e2, 1e8
DECADES = (1e-12, 1e-9, 1e-6, 1e-3, 1)
REACH = 1.45


class Picture:
    """Draws a :class:`Result`."""

    opaque: ClassVar[bool] = False

    def __init__(self, figure: Figure, palette: Palette) -> None:
        self.palette = palette
        self.curve, self.near, self.log = style.panes(figure, 3)
        self._set_curve(self.curve)
        self._set_near(self.near)
        self._set_log(self.log)

    @staticmethod
    def height(width: int) -> int:
        """Return the height in CSS px for a width in CSS px."""
        return style.height(width, 3)

    def show(self, result: Result) -> None:
        """Move every artist to ``result``."""
        self._show_curve(result)
        self._show_near(result)
        self._show_errors(result)

    def handles(self) -> list[Axes]:
        """Return the axes that take a press or a drag."""
        return [self.curve, self.log]

    def pick(self, axes: Axes, x: float, y: float) -> Values:
        """Drag theta along the curve; press on an epsilon under the error curves."""
        if axes is self.curve:
            return {"theta": x}
        return {"epsilon": x} if axes is self.log else {}

    def _set_curve(self, axes: Axes) -> None:
        style.heading(axes, "Drag the dot along J")
        axes.set(xlim=(-SPAN, SPAN), xlabel="theta", xticks=(-2, -1, 0, 1, 2))
        self.J = self._line(axes, self.palette.ink)
        self.tangent = self._line(axes, self.palette.muted, linestyle="--", linewidth=points(1.5))
        self.two_triangle = self._triangle(axes, self.palette.two_sided)
        self.one_triangle = self._triangle(axes, self.palette.one_sided)
        self.dot = self._dot(axes, self.palette.ink, markersize=points(13))

    def _set_near(self, axes: Axes) -> None:
        style.heading(axes, "J minus its tangent")
        axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), yticks=(-1, 0, 1))
        axes.set_xticks((-1, 0, 1), ("theta - epsilon", "theta", "theta + epsilon"))
        axes.axhline(0, color=self.palette.muted, linestyle="--", linewidth=points(1.5))
        self.above = self._line(axes, self.palette.ink)
        self.two_near = self._line(axes, self.palette.two_sided, marker="o", markersize=points(9))
        self.one_near = self._line(axes, self.palette.one_sided, marker="s", markersize=points(9))
        self.unit = style.below(axes)
        self.unit.set(animated=True, in_layout=False)

    def _set_log(self, axes: Axes) -> None:
        style.heading(axes, "Error against epsilon")
        axes.set(xscale="log", yscale="log", xlim=(LOW, HIGH), ylim=(LEAST, MOST))
        axes.set_xticks(DECADES, map(number, DECADES))
        axes.set_yticks(DECADES, map(number, DECADES))
        axes.set_xlabel("epsilon")
        grey, one, two = self.palette.muted, self.palette.one_sided, self.palette.two_sided
        self.floor = Polygon([(1, 1)], color=self.palette.faint, linewidth=0, animated=True)
        axes.add_patch(self.floor)
        self.dial = axes.axvline(1, color=grey, linewidth=points(1), animated=True)
        for artist in (self.floor, self.dial):
            artist.set_in_layout(False)
        self.one = self._method(axes, one, "s")
        self.two = self._method(axes, two, "o")
        self._name_lines(axes)

    def _method(self, axes: Axes, color: str, marker: str) -> dict[str, Line2D]:
        return {
            "theory": self._line(axes, color, linestyle="--", linewidth=points(1.2)),
            "errors": self._line(axes, color),
            "best": self._dot(axes, color, marker="v", markerfacecolor=self.palette.paper),
            "here": self._dot(axes, color, marker=marker, markersize=points(9), clip_on=False),
        }

    def _name_lines(self, axes: Axes) -> None:
        one, two, grey = self.palette.one_sided, self.palette.two_sided, self.palette.muted
        names = (
            Line2D([], [], color=one, marker="s", label="one-sided"),
            Line2D([], [], color=two, marker="o", label="two-sided"),
            Polygon([(0, 0)], color=self.palette.faint, label="rounding"),
            Line2D([], [], color=grey, linestyle="--", label="slope 1, 2"),
            Line2D([], [], color=grey, linestyle="", marker="v", fillstyle="none", label="best"),
        )
        axes.legend(
            handles=names,
            loc="upper left",
            frameon=False,
            fontsize=points(12),
            borderaxespad=0,
            ncols=2,
            columnspacing=1,
            handlelength=1.6,
            handletextpad=0.5,
        ).set_zorder(0)

    def _line(self, axes: Axes, color: str, **how: object) -> Line2D:
        (line,) = axes.plot([], [], color=color, animated=True, **how)  # type: ignore[arg-type]
        line.set_in_layout(False)
        return line

    def _dot(self, axes: Axes, color: str, **how: object) -> Line2D:
        return self._line(axes, color, **{"linestyle": "", "marker": "o", "zorder": 4, **how})

    def _triangle(self, axes: Axes, color: str) -> Polygon:
        made = Polygon([(0, 0)], facecolor=color + "40", edgecolor=color, animated=True)
        axes.add_patch(made).set(linewidth=points(2), zorder=3, in_layout=False)
        return made

    def _show_curve(self, result: Result) -> None:
        theta, epsilon = result.theta, result.epsilon
        left, here, right = result.J_at
        if self.curve.get_ylim() != HEIGHTS[result.function]:
            self.curve.set_ylim(HEIGHTS[result.function])
        self.J.set_data(result.theta_axis, result.J)
        ends = np.array([-2 * SPAN, 2 * SPAN])
        self.tangent.set_data(ends, here + result.slope * (ends - theta))
        far = theta + epsilon
        self.one_triangle.set_xy([(theta, here), (far, here), (far, right)])
        self.two_triangle.set_xy([(theta - epsilon, left), (far, left), (far, right)])
        self.dot.set_data([theta], [here])

    def _show_near(self, result: Result) -> None:
        at = np.interp((-1, 1), result.steps, result.above)
        unit = float(np.abs(at).max()) or 1.0
        left, right = at / unit
        self.above.set_data(result.steps, result.above / unit)
        self.one_near.set_data([0, 1], [0, right])
        self.two_near.set_data([-1, 1], [left, right])
        self.unit.set_text(f"1 in height = {number(unit)} epsilon")

    def _show_errors(self, result: Result) -> None:
        floors = np.clip(result.one_sided.floors, LEAST, LARGEST)
        below = [(HIGH, LEAST / 10), (LOW, LEAST / 10)]
        self.floor.set_xy([*zip(result.epsilons, floors, strict=True), *below])
        self.dial.set_xdata([result.epsilon, result.epsilon])
        self._show_method(self.one, result.one_sided, result)
        self._show_method(self.two, result.two_sided, result)

    def _show_method(self, lines: dict[str, Line2D], nudge: Nudge, result: Result) -> None:
        lines["errors"].set_data(result.epsilons, np.clip(nudge.errors, LEAST, LARGEST))
        lines["theory"].set_data(result.epsilons, np.clip(nudge.truncations, LEAST / 10, None))
        lines["here"].set_data([result.epsilon], [np.clip(nudge.error, LEAST, LARGEST)])
        known = LOW <= nudge.best <= HIGH
        least = np.interp(np.log(nudge.best), np.log(result.epsilons), nudge.floors) if known else 0
        lines["best"].set_data([nudge.best] if known else [], [least] if known else [])
