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

from deepdials.panel.controls import Marks
from deepdials.panel.frames import TILE, Frame, frame
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
    """A canvas that paints only what changed, and the caption under it.

    ``progress`` is -1 or the share done; ``pointer`` is where a drag is and where it began,
    (x, y, x0, y0) in CSS px. All else goes to the page in one message a move: see `tell`.
    """

    _esm = HERE / "picture.js"
    _css = HERE / "panel.css"
    progress = traitlets.Float(-1.0).tag(sync=True)
    pointer: traitlets.List[float] = traitlets.List().tag(sync=True, echo_update=False)

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Callable[[Page], None]] = []
        self.presses: list[Callable[[float, float, tuple[float, float]], None]] = []
        self._number = 0
        self._painted: NDArray[np.uint8] | None = None
        self._marked: Marks = {}
        self.on_msg(self._hear)
        self.observe(self._press, "pointer")

    def tell(
        self, stage: Stage | None, pixels: NDArray[np.uint8] | None, said: str, marks: Marks
    ) -> None:
        """Send what changed since the last time.

        Parameters
        ----------
        stage, pixels
            The picture, if there is one to paint.
        said
            The caption, which is also what a blind visitor hears of the picture.
        marks
            Attributes that the page keeps on the lesson's elements.
        """
        changed = {place: a for place, a in marks.items() if self._marked.get(place) != a}
        self._marked = marks
        content: dict[str, Any] = {"words": {"said": said}, "marks": changed}
        if stage is None or pixels is None:
            self.send(content)
            return
        news = frame(pixels, self._painted)
        self._painted, self._number = pixels, self._number + 1
        content["frame"] = self._described(news, stage)
        self.send(content, [news.image])

    def _described(self, news: Frame, stage: Stage) -> dict[str, Any]:
        described: dict[str, Any] = {"number": self._number, "full": news.full, "tile": TILE}
        described |= {"across": news.across, "tiles": news.tiles}
        if news.full:
            described |= {"size": news.size, "width": news.size[0] / stage.ratio}
            described |= {"handles": stage.handles()}
        return described

    def forget(self) -> None:
        """Send everything next time: the page has nothing, or is another one."""
        self._painted, self._marked = None, {}

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
