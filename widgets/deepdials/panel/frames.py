"""What changed between two frames: the tiles that did, packed into one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepdials.panel import png

TILE = 16

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """An image and where its parts belong. A full frame needs nothing painted before it.

    ``size`` is that of the picture. In a full frame the image is the picture, and ``tiles``
    is empty. Else the image is a sheet of tiles, row by row, ``across`` in a row, and
    ``tiles`` holds the (x, y) of each one's upper left corner, all in device pixels. Decoding
    an image has a price of its own, so that there is only one.
    """

    full: bool
    size: tuple[int, int]
    across: int
    tiles: tuple[tuple[int, int], ...]
    image: bytes


def frame(pixels: Pixels, before: Pixels | None) -> Frame:
    """Return what turns ``before`` into ``pixels``, both (height, width, 4) uint8."""
    tall, wide = pixels.shape[:2]
    if before is None or before.shape != pixels.shape:
        return Frame(True, (wide, tall), 0, (), png.encode(pixels))
    corners = changed(pixels, before)
    if 2 * len(corners) * TILE**2 > wide * tall:
        return Frame(True, (wide, tall), 0, (), png.encode(pixels))
    across = max(1, round(len(corners) ** 0.5))
    tiles = tuple((int(x), int(y)) for x, y in corners)
    return Frame(False, (wide, tall), across, tiles, png.encode(sheet(pixels, corners, across)))


def changed(pixels: Pixels, before: Pixels) -> NDArray[np.intp]:
    """Return the corners (x, y) of tiles that cover every pixel that differs, shape (n, 2).

    Tiles at the right and lower edge reach back over their neighbours, so that all of them
    lie inside the picture.
    """
    differs = pixels.view(np.uint32)[..., 0] != before.view(np.uint32)[..., 0]
    tall, wide = differs.shape
    by_row = np.logical_or.reduceat(differs, np.arange(0, tall, TILE), axis=0)
    rows, columns = np.nonzero(np.logical_or.reduceat(by_row, np.arange(0, wide, TILE), axis=1))
    x = np.clip(columns * TILE, 0, max(wide - TILE, 0))
    y = np.clip(rows * TILE, 0, max(tall - TILE, 0))
    return np.stack([x, y], axis=-1)


def sheet(pixels: Pixels, corners: NDArray[np.intp], across: int) -> Pixels:
    """Return the tiles side by side, ``across`` in a row, the rest of the last row black."""
    down = -(-len(corners) // across) or 1
    cells = np.zeros((down * across, TILE, TILE, 3), np.uint8)
    inside = np.arange(TILE)
    x, y = corners[:, 0, None, None], corners[:, 1, None, None]
    cells[: len(corners)] = pixels[y + inside[:, None], x + inside, :3]
    grid = cells.reshape(down, across, TILE, TILE, 3).swapaxes(1, 2)
    return grid.reshape(down * TILE, across * TILE, 3)
