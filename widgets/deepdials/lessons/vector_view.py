"""Every component's relative error in theta's order, as one vector."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from deepdials import style
from deepdials.lessons.grades import THRESHOLDS
from deepdials.notation import number
from deepdials.style import Palette, points

Array = NDArray[np.float64]

LEAST, MOST = 1e-16, 3.0
DECADES = (1e-15, 1e-12, *THRESHOLDS, 1.0)
FEW = 200


class VectorView:
    """The artists of the vector on one axes."""

    def __init__(self, axes: Axes, palette: Palette) -> None:
        self.axes = axes
        style.heading(axes, "As the vector theta")
        axes.set(xlabel="component")
        error_axis(axes, palette)
        dots: dict[str, Any] = {"linestyle": "", "marker": "o", "animated": True}
        dots["in_layout"] = False
        (self.all,) = axes.plot([], [], color=palette.muted, markersize=points(4), **dots)
        (self.worst,) = axes.plot([], [], color=palette.grades[-1], **dots)
        (self.chosen,) = axes.plot([], [], color=palette.ink, fillstyle="none", **dots)
        self.worst.set(marker="s")
        self.chosen.set(markersize=points(13))

    def show(self, relative_error: Array, chosen: int) -> None:
        """Place the components, shape (n,); those above 1e-3 are squares."""
        error = np.maximum(relative_error, LEAST)
        place = np.arange(1, len(error) + 1)
        if self.axes.get_xlim() != (0, len(error) + 1):
            self.axes.set_xlim(0, len(error) + 1)
        bad = error > THRESHOLDS[-1]
        self.all.set_data(place, error)
        self.worst.set_data(place[bad], error[bad])
        self.worst.set_markersize(points(7 if len(error) <= FEW else 3))
        self.chosen.set_data([place[chosen]], [error[chosen]])

    @staticmethod
    def component_at(x: float) -> int:
        """Return the index in theta of the component at x."""
        return round(x) - 1


def error_axis(axes: Axes, palette: Palette) -> None:
    """Set a log axis for differences, with the course's thresholds as guides."""
    axes.set(yscale="log", ylim=(LEAST, MOST))
    axes.set_yticks(DECADES, map(number, DECADES))
    for threshold in THRESHOLDS:
        axes.axhline(threshold, color=palette.faint, linewidth=points(1), zorder=0)
