"""A picture on a canvas: the stage is drawn once, then only the artists that move."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.spines import Spine
from matplotlib.text import Text
from numpy.typing import NDArray

from deepdials import style
from deepdials.dials import Values
from deepdials.lesson import Picture

GHOST = 0.35
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Stage:
    """One picture at one width, pixel ratio and palette.

    Parameters
    ----------
    kind
        The lesson's picture class.
    palette
        Light or dark.
    width
        In CSS px; the picture says its own height.
    ratio
        Device pixels per CSS px.
    """

    def __init__(
        self, kind: type[Picture], palette: style.Palette, width: int, ratio: float
    ) -> None:
        self.palette, self.ratio = palette, ratio
        self.figure = new_figure(kind, palette, width, ratio)
        self.canvas = FigureCanvasAgg(self.figure)
        with style.applied(palette):
            self.picture = kind(self.figure, palette)
        for axes in self.figure.axes:
            for spine in axes.spines.values():
                spine.set_animated(True)
        self.redraws = 0
        self._background: NDArray[np.uint8] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in device pixels."""
        return self.canvas.get_width_height()

    def draw(self, result: Any, pinned: Any = None) -> NDArray[np.uint8]:
        """Show ``result``, over the ghost of ``pinned``; return a copy of the pixels.

        Animated artists propagate no staleness, so a stale figure means that the stage
        itself changed.
        """
        self.picture.show(result)
        if self.figure.stale or self._background is None:
            self._set_the_stage(result, pinned)
        np.copyto(self._pixels(), np.asarray(self._background))
        self._draw_movers()
        return self._pixels().copy()

    def forget(self) -> None:
        """Draw the stage anew next time: the pin was set or lifted."""
        self._background = None

    def boxes(self) -> list[tuple[Axes, tuple[float, float, float, float]]]:
        """Return each axes with its left, top, right, bottom in CSS px."""
        tall = self.size[1]
        return [
            (axes, tuple(v / self.ratio for v in (b.x0, tall - b.y1, b.x1, tall - b.y0)))
            for axes in self.figure.axes
            for b in [axes.bbox]
        ]

    def handles(self) -> list[tuple[float, float, float, float]]:
        """Return the boxes in CSS px where a press asks for a dial."""
        taking = self.picture.handles()
        return [box for axes, box in self.boxes() if axes in taking]

    def pick(self, x: float, y: float, start: tuple[float, float]) -> Values:
        """Return the dials asked for at CSS px (x, y), in a drag that began at ``start``."""
        for axes, (left, top, right, bottom) in self.boxes():
            if left <= start[0] <= right and top <= start[1] <= bottom:
                point = (x * self.ratio, self.size[1] - y * self.ratio)
                inside = axes.transData.inverted().transform(point)
                return self.picture.pick(axes, float(inside[0]), float(inside[1]))
        return {}

    def _set_the_stage(self, result: Any, pinned: Any) -> None:
        self.redraws += 1
        with style.applied(self.palette):
            self.canvas.draw()
        self._background = self._pixels().copy()
        if pinned is not None and not self.picture.opaque:
            self._add_ghost(result, pinned)

    def _add_ghost(self, result: Any, pinned: Any) -> None:
        """Blend the pinned movers into the background, in grey, under today's limits."""
        limits = [(axes, axes.get_xlim(), axes.get_ylim()) for axes in self.figure.axes]
        self.picture.show(pinned)
        for axes, xlim, ylim in limits:
            axes.set(xlim=xlim, ylim=ylim)
        self._draw_movers(ghost=True)
        stage = np.asarray(self._background)[..., :3]
        drawn = self._pixels()[..., :3]
        moved = (drawn != stage).any(axis=-1)
        grey = (drawn[moved] @ LUMA)[:, None]
        stage[moved] = np.rint((1 - GHOST) * stage[moved] + GHOST * grey).astype(np.uint8)
        self.picture.show(result)
        self.figure.stale = False

    def _draw_movers(self, *, ghost: bool = False) -> None:
        renderer = self.canvas.get_renderer()
        for axes in sorted(self.figure.axes, key=lambda axes: axes.get_zorder()):
            for artist in movers(axes, ghost=ghost):
                artist.draw(renderer)
        for artist in _in_order(a for a in self.figure.get_children() if a.get_animated()):
            artist.draw(renderer)

    def _pixels(self) -> NDArray[np.uint8]:
        return np.asarray(self.canvas.buffer_rgba())


def new_figure(kind: type[Picture], palette: style.Palette, width: int, ratio: float) -> Figure:
    """Return an empty figure of the picture's size, one inch for 96 CSS px."""
    size = (width / style.CSS_DPI, kind.height(width) / style.CSS_DPI)
    return Figure(figsize=size, dpi=style.CSS_DPI * ratio, facecolor=palette.paper)


def movers(axes: Axes, *, ghost: bool = False) -> list[Artist]:
    """Return the animated artists of one axes in drawing order.

    A ghost has no frame, and no words: they would stand on top of today's.
    """
    left_out = (Text, Spine) if ghost else ()
    kept = (a for a in axes.get_children() if a.get_animated() and a.get_visible())
    return _in_order(a for a in kept if not isinstance(a, left_out))


def _in_order(artists: Iterator[Artist]) -> list[Artist]:
    return sorted(artists, key=lambda artist: artist.get_zorder())
