"""The canvas in the page, and what it reports: its width, its theme, the pointer."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from deepdials.panel.frames import frame
from deepdials.panel.stage import Stage

HERE = Path(__file__).parent
NARROWEST, WIDEST = 240, 1800
LARGEST_RATIO = 3.0


@dataclass(frozen=True)
class Page:
    """What the page told: width in CSS px, device pixels per CSS px, theme, URL query."""

    width: int
    ratio: float
    theme: str
    search: str = ""

    @classmethod
    def told(cls, content: Mapping[str, Any]) -> "Page":
        """Read a page's message; whatever is missing or absurd becomes the nearest sane value."""
        return cls(
            width=round(_within(content.get("width"), NARROWEST, WIDEST)),
            ratio=_within(content.get("ratio"), 1.0, LARGEST_RATIO),
            theme="dark" if content.get("theme") == "dark" else "light",
            search=str(content.get("search", ""))[:2000],
        )


class PictureWidget(anywidget.AnyWidget):
    """A canvas that paints only what changed.

    ``label`` is what a blind visitor hears; ``marks`` are attributes that the page keeps on
    the lesson's elements; ``progress`` is -1 or the share done; ``pointer`` is where a drag
    is and where it began, (x, y, x0, y0) in CSS px.
    """

    _esm = HERE / "picture.js"
    _css = HERE / "panel.css"
    label = traitlets.Unicode("").tag(sync=True)
    marks = traitlets.Dict().tag(sync=True)
    progress = traitlets.Float(-1.0).tag(sync=True)
    pointer: traitlets.List[float] = traitlets.List().tag(sync=True, echo_update=False)

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Callable[[Page], None]] = []
        self.presses: list[Callable[[float, float, tuple[float, float]], None]] = []
        self._number = 0
        self._painted: NDArray[np.uint8] | None = None
        self.on_msg(self._hear)
        self.observe(self._press, "pointer")

    def paint(self, stage: Stage, pixels: NDArray[np.uint8]) -> None:
        """Send what changed since the last frame."""
        news = frame(pixels, self._painted)
        self._painted, self._number = pixels, self._number + 1
        content: dict[str, Any] = {"kind": "frame", "number": self._number}
        content |= {"full": news.full, "boxes": news.boxes}
        if news.full:
            wide, tall = stage.size
            content |= {"size": [wide, tall], "width": wide / stage.ratio}
            content |= {"handles": stage.handles()}
        self.send(content, news.images)

    def forget(self) -> None:
        """Send a full frame next time: the page has none, or another one."""
        self._painted = None

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take nothing from the page but the pointer."""
        point = sync_data.get("pointer")
        if isinstance(point, list) and len(point) == 4 and all(map(_is_finite, point)):
            super().set_state({"pointer": point})

    def _press(self, change: Mapping[str, Any]) -> None:
        x, y, x0, y0 = change["new"]
        for listen in self.presses:
            listen(x, y, (x0, y0))

    def _hear(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") not in ("ready", "resize"):
            return
        self.forget()
        for listen in self.pages:
            listen(Page.told(content))


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _within(value: Any, low: float, high: float) -> float:
    return min(max(float(value), low), high) if _is_finite(value) else low
