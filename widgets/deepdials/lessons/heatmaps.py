"""Every component of every array as one cell, laid out like the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch, Polygon
from numpy.typing import NDArray

from deepdials import style
from deepdials.lessons.grades import NAMES, THRESHOLDS
from deepdials.style import Palette, points

Array = NDArray[np.float64]

BETWEEN_W_AND_b, BETWEEN_LAYERS = 0.6, 1.6
LARGEST_CELL = 34
# Edges would take as long to draw as the cells.
GAP = 0.04
MOST_ARRAYS = 64
PX_A_LETTER = 8


@dataclass(frozen=True)
class Layout:
    """Where the cells stand: arrays from left to right, rows from top to bottom, in cells.

    ``arrays`` are (name, rows, columns), in theta's order.
    """

    arrays: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, shapes: Mapping[str, Sequence[int]]) -> "Layout":
        """Lay out arrays of any shape; the first axis gives the rows."""
        return cls(
            tuple(
                (name, shape[0] if shape else 1, prod(shape[1:])) for name, shape in shapes.items()
            )
        )

    @cached_property
    def starts(self) -> tuple[float, ...]:
        """The left end of each array, and the right end of all."""
        x, starts = 0.0, []
        for name, _, columns in self.arrays:
            starts.append(x)
            x += columns + (BETWEEN_W_AND_b if name.startswith("W") else BETWEEN_LAYERS)
        return (*starts, x)

    @property
    def size(self) -> tuple[float, int]:
        """Width and height in cells."""
        return self.starts[-1], max(rows for _, rows, _ in self.arrays)

    @cached_property
    def corners(self) -> Array:
        """The upper left corner of each cell, shape (n, 2), in theta's order."""
        grids = [
            np.stack([x + columns_, rows / 2 - rows_], axis=-1).reshape(-1, 2)
            for x, (_, rows, columns) in zip(self.starts, self.arrays, strict=False)
            for rows_, columns_ in [np.mgrid[:rows, :columns].astype(float)]
        ]
        return np.concatenate(grids)

    @cached_property
    def squares(self) -> Array:
        """The corners of each cell, with a gap around it, shape (n, 4, 2)."""
        near, far = GAP, 1 - GAP
        square = np.array([[near, -near], [far, -near], [far, -far], [near, -far]])
        squares: Array = self.corners[:, None, :] + square
        return squares

    def cell_at(self, x: float, y: float) -> int | None:
        """Return the index in theta of the cell at (x, y), if there is one."""
        right, down = (np.array([x, -y]) - self.corners * [1, -1]).T
        inside = np.flatnonzero((0 <= right) & (right < 1) & (0 <= down) & (down < 1))
        return int(inside[0]) if inside.size else None


class Heatmaps:
    """The artists of the heatmaps on one axes."""

    def __init__(self, axes: Axes, palette: Palette) -> None:
        self.axes, self.layout = axes, Layout(())
        axes.set_position(style.without_labels(axes))
        style.heading(axes, "Relative error of each component")
        axes.set_axis_off()
        axes.spines[:].set_visible(False)
        self.names = [axes.annotate("", (0, 0), **_UNDER) for _ in range(MOST_ARRAYS)]
        self.cells = PolyCollection(
            [], cmap=ListedColormap(palette.grades), norm=_NORM, animated=True, in_layout=False
        )
        self.cells.set(linewidths=0, snap=False)
        axes.add_collection(self.cells, autolim=False)
        self.outline = Polygon([(0, 0)], fill=False, edgecolor=palette.ink, animated=True)
        axes.add_patch(self.outline).set(linewidth=points(2.5), in_layout=False)
        patches = [Patch(color=c, label=g) for c, g in zip(palette.grades, NAMES, strict=True)]
        axes.legend(handles=patches, **_LEGEND).set_zorder(0)

    def show(self, layout: Layout, relative_error: Array, chosen: int) -> None:
        """Colour each cell by its relative error, shape (n,), and outline the chosen one."""
        if layout != self.layout:
            self._set_the_stage(layout)
            self.cells.set_verts(list(layout.squares))
        self.cells.set_array(relative_error)
        self.outline.set_xy(layout.squares[chosen])

    def _set_the_stage(self, layout: Layout) -> None:
        self.layout = layout
        width, tall = self.axes.bbox.width, self.axes.bbox.height
        cell = min(width / layout.size[0], tall / layout.size[1], LARGEST_CELL * self._ratio)
        left = min(layout.size[0] - width / cell, 0) / 2
        self.axes.set_xlim(left, left + width / cell)
        self.axes.set_ylim(-tall / cell / 2, tall / cell / 2)
        for text in self.names:
            text.set_text("")
        for text, x, (name, rows, columns) in zip(
            self.names, layout.starts, layout.arrays, strict=False
        ):
            fits = columns * cell >= PX_A_LETTER * self._ratio * len(name)
            text.set_text(name if fits else "")
            text.xy = (x + columns / 2, -rows / 2)

    @property
    def _ratio(self) -> float:
        return self.axes.get_figure(root=True).dpi / style.CSS_DPI  # type: ignore[union-attr]


# A threshold itself belongs to the better grade, as in the course's rule.
_NORM = BoundaryNorm((0, *np.nextafter(THRESHOLDS, 1), 2), 4)
_UNDER: dict[str, Any] = {
    "xytext": (0, -points(5)),
    "textcoords": "offset points",
    "ha": "center",
    "va": "top",
    "annotation_clip": False,
}
_LEGEND: dict[str, Any] = {
    "loc": "upper left",
    "bbox_to_anchor": (0, 0),
    "ncols": 4,
    "frameon": False,
    "fontsize": points(12),
    "borderaxespad": 1.2,
    "handlelength": 1,
    "handletextpad": 0.4,
    "columnspacing": 1,
}
