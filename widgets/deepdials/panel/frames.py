"""What changed between two frames, as few rectangles that cover it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepdials.panel import png

TILE = 32
MOST_RECTANGLES = 24

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Frame:
    """Rectangles to paint, in order. A full frame needs nothing painted before it.

    ``boxes`` are (x, y, width, height) in device pixels; ``images`` their PNGs.
    """

    full: bool
    boxes: tuple[Box, ...]
    images: tuple[bytes, ...]


def frame(pixels: NDArray[np.uint8], before: NDArray[np.uint8] | None) -> Frame:
    """Return what turns ``before`` into ``pixels``, both (height, width, 4) uint8."""
    full = before is None or before.shape != pixels.shape
    tall, wide = pixels.shape[:2]
    boxes = ((0, 0, wide, tall),) if full else changed(pixels, before)
    images = tuple(png.encode(pixels[y : y + h, x : x + w]) for x, y, w, h in boxes)
    return Frame(full, boxes, images)


def changed(pixels: NDArray[np.uint8], before: NDArray[np.uint8] | None) -> tuple[Box, ...]:
    """Return boxes that cover every pixel that differs, tile by tile."""
    differs = pixels.view(np.uint32)[..., 0] != np.asarray(before).view(np.uint32)[..., 0]
    tall, wide = differs.shape
    tiles = np.logical_or.reduceat(differs, np.arange(0, tall, TILE), axis=0)
    tiles = np.logical_or.reduceat(tiles, np.arange(0, wide, TILE), axis=1)
    boxes = _grown(_runs(tiles))
    if len(boxes) > MOST_RECTANGLES:
        rows, columns = np.nonzero(tiles)
        boxes = [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)]
    return tuple(_in_pixels(box, wide, tall) for box in boxes)


def _runs(tiles: NDArray[np.bool_]) -> list[Box]:
    """Return (left, top, right, bottom) of each run of changed tiles in a row of tiles."""
    edges = np.diff(np.pad(tiles, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    return [
        (int(a), int(row), int(b), int(row) + 1)
        for row, a, b in zip(rows, starts, ends, strict=True)
    ]


def _grown(runs: list[Box]) -> list[Box]:
    """Join runs that stand exactly below one another."""
    open_boxes: dict[tuple[int, int, int], Box] = {}
    for left, top, right, bottom in runs:
        above = open_boxes.pop((left, right, top), None)
        open_boxes[left, right, bottom] = (left, above[1] if above else top, right, bottom)
    return list(open_boxes.values())


def _in_pixels(box: Box, wide: int, tall: int) -> Box:
    left, top, right, bottom = (int(edge) * TILE for edge in box)
    return left, top, min(right, wide) - left, min(bottom, tall) - top
